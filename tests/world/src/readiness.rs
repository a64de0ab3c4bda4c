//! Whether an account can be used: by the access role, and in the services that later steps need.
//! Every account can, unless a test says what is in the way.

use std::collections::BTreeMap;

use avm_core::domain::AccountId;
use avm_core::error::Failure;
use avm_core::ports::readiness::{Obstacle as Found, Probe, Readiness};

use crate::in_call::Behind;

/// What is in the way of accounts.
#[derive(Clone, Debug, Default)]
pub struct State {
    obstacles: BTreeMap<AccountId, Obstacle>,
}

#[derive(Clone, Debug)]
struct Obstacle {
    words: String,
    is_denial: bool,
    left: u32,
}

impl State {
    /// An obstacle goes away by itself: two worlds need not have it in common.
    pub fn essence(&self) -> String {
        String::new()
    }

    /// Obstacles with an end come nearer to it.
    pub fn tick(&mut self) {
        for obstacle in self.obstacles.values_mut() {
            obstacle.left = obstacle.left.saturating_sub(1);
        }
        self.obstacles.retain(|_, obstacle| obstacle.left > 0);
    }

    /// That is in the way of the account until so many looks have passed.
    pub fn obstruct(&mut self, account: &AccountId, words: &str, looks: u32) {
        let obstacle = Obstacle {
            words: words.to_owned(),
            is_denial: false,
            left: looks,
        };
        self.obstacles.insert(account.clone(), obstacle);
    }

    /// The account refuses the access role for so many looks.
    pub fn deny(&mut self, account: &AccountId, words: &str, looks: u32) {
        self.obstruct(account, words, looks);
        if let Some(obstacle) = self.obstacles.get_mut(account) {
            obstacle.is_denial = true;
        }
    }
}

impl Readiness for Behind<'_> {
    async fn find_obstacle(&self, probe: &Probe<'_>) -> Result<Option<Found>, Failure> {
        let account = probe.account;
        self.read(format!("readiness {account}"), |state| {
            let obstacle = state.readiness.obstacles.get(account);
            Ok(obstacle.map(|obstacle| Found {
                words: obstacle.words.clone(),
                is_denial: obstacle.is_denial,
            }))
        })
    }
}
