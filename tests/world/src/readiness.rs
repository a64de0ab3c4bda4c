//! Whether an account can be used: by the access role, and in the services that later steps need.
//! Every account can, unless a test says what is in the way.

use std::collections::BTreeMap;

use avm_core::domain::AccountId;
use avm_core::error::Failure;
use avm_core::ports::readiness::{Probe, Readiness};

use crate::in_call::Behind;

/// What is in the way of accounts.
#[derive(Clone, Debug, Default)]
pub struct State {
    obstacles: BTreeMap<AccountId, Obstacle>,
}

#[derive(Clone, Debug)]
struct Obstacle {
    words: String,
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
            left: looks,
        };
        self.obstacles.insert(account.clone(), obstacle);
    }
}

impl Readiness for Behind<'_> {
    async fn find_obstacle(&self, probe: &Probe<'_>) -> Result<Option<String>, Failure> {
        let account = probe.account;
        self.read(format!("readiness {account}"), |state| {
            let obstacle = state.readiness.obstacles.get(account);
            Ok(obstacle.map(|obstacle| obstacle.words.clone()))
        })
    }
}
