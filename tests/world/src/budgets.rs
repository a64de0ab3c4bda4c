//! AWS Budgets of the management account: budgets by name, each with tags and alerts.
//! Who may be told is up to AWS; here every topic is.

use std::collections::BTreeMap;

use avm_core::domain::{AccountId, Budget, Threshold, TopicArn};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::budgets::{Alert, Budgets, FoundBudget, Terms};
use avm_core::rules::budget::{ACCOUNT_KEY, name_of};

use crate::in_call::Behind;

/// The budgets, by name.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub budgets: BTreeMap<String, FoundBudget>,
}

impl State {
    /// What two worlds must have in common; the order of alerts says nothing.
    pub fn essence(&self) -> String {
        let one = |(name, budget): (&String, &FoundBudget)| {
            let mut alerts: Vec<String> =
                budget.alerts.iter().map(|one| format!("{one:?}")).collect();
            alerts.sort();
            format!("{name} {:?} {:?} {alerts:?}", budget.tags, budget.terms)
        };
        let all: Vec<String> = self.budgets.iter().map(one).collect();
        all.join("\n")
    }

    /// The budget of an account, as a vend makes it.
    pub fn put(&mut self, account: &AccountId, budget: &Budget) -> &mut FoundBudget {
        let alerts = budget.thresholds.iter();
        let found = FoundBudget {
            tags: BTreeMap::from([(ACCOUNT_KEY.to_owned(), account.to_string())]),
            terms: Some(budget.into()),
            alerts: alerts
                .map(|threshold| alert(*threshold, &budget.topic_arn))
                .collect(),
        };
        let name = name_of(account);
        self.budgets.insert(name.clone(), found);
        self.budgets.get_mut(&name).unwrap()
    }

    fn existing(&mut self, account: &AccountId) -> Result<&mut FoundBudget, Failure> {
        let found = self.budgets.get_mut(&name_of(account));
        found.ok_or_else(|| {
            Failure::new(ErrorName::ConcurrentModification, "there is no such budget")
        })
    }
}

/// An alert that tells one topic.
pub fn alert(threshold: Threshold, topic: &TopicArn) -> Alert {
    Alert {
        words: format!(
            "{} GREATER_THAN {}",
            threshold.of.as_str(),
            threshold.percent
        ),
        threshold: Some(threshold),
        tells: Some(topic.clone()),
    }
}

impl Budgets for Behind<'_> {
    async fn find(&self, account: &AccountId) -> Result<Option<FoundBudget>, Failure> {
        self.read("budgets:DescribeBudget", |state| {
            Ok(state.budgets.budgets.get(&name_of(account)).cloned())
        })
    }

    async fn create(&self, account: &AccountId, budget: &Budget) -> Result<(), Failure> {
        self.write("budgets:CreateBudget", |state| {
            if state.budgets.existing(account).is_ok() {
                let words = "the budget already exists";
                return Err(Failure::new(ErrorName::ConcurrentModification, words));
            }
            state.budgets.put(account, budget);
            Ok(())
        })
    }

    async fn set_terms(&self, account: &AccountId, terms: Terms) -> Result<(), Failure> {
        self.write("budgets:UpdateBudget", |state| {
            state.budgets.existing(account)?.terms = Some(terms);
            Ok(())
        })
    }

    async fn add_alert(
        &self,
        account: &AccountId,
        threshold: Threshold,
        topic: &TopicArn,
    ) -> Result<(), Failure> {
        self.write(format!("budgets:CreateNotification {threshold}"), |state| {
            let budget = state.budgets.existing(account)?;
            if budget
                .alerts
                .iter()
                .any(|one| one.threshold == Some(threshold))
            {
                let words = "the notification already exists";
                return Err(Failure::new(ErrorName::ConcurrentModification, words));
            }
            budget.alerts.push(alert(threshold, topic));
            Ok(())
        })
    }

    async fn remove_alert(&self, account: &AccountId, alert: &Alert) -> Result<(), Failure> {
        self.write(
            format!("budgets:DeleteNotification {}", alert.words),
            |state| {
                let alerts = &mut state.budgets.existing(account)?.alerts;
                alerts.retain(|one| one.words != alert.words);
                Ok(())
            },
        )
    }

    async fn delete(&self, account: &AccountId) -> Result<(), Failure> {
        self.write("budgets:DeleteBudget", |state| {
            state.budgets.budgets.remove(&name_of(account));
            Ok(())
        })
    }
}
