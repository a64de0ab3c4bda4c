//! The budgets that AWS keeps in the management account: one for each account whose landing zone has one.
//! Who is told by e-mail is never read out, and never written.

use std::collections::BTreeMap;

use crate::domain::{AccountId, Budget, BudgetAmount, BudgetCurrency, Threshold, TopicArn};
use crate::error::Failure;

/// A budget that has the name of an account's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBudget {
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// What it is about; none for what no landing zone can ask for, e.g. the costs of a quarter or of other accounts.
    pub terms: Option<Terms>,
    /// Whom it tells, and when; not read of a budget that is somebody else's.
    pub alerts: Vec<Alert>,
}

/// What a monthly budget for the costs of one account is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub amount: BudgetAmount,
    pub currency: BudgetCurrency,
    pub credits_count: bool,
}

/// A notification of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What it is about in AWS's words, by which it is removed.
    pub words: String,
    /// The threshold; none for what no landing zone can ask for.
    pub threshold: Option<Threshold>,
    /// The topic that it tells; none where it tells others, or others besides.
    pub tells: Option<TopicArn>,
}

impl From<&Budget> for Terms {
    fn from(budget: &Budget) -> Self {
        Self {
            amount: budget.amount,
            currency: budget.currency,
            credits_count: budget.credits_count,
        }
    }
}

/// Reads and writes budgets.
///
/// All methods fail with `AccessDenied`; those that write with `InvalidConfiguration` where AWS refuses what the landing zone
/// says, and with `ConcurrentModification` where the budget has come or gone since it was read.
pub trait Budgets {
    /// The budget that has the name of the account's.
    async fn find(&self, account: &AccountId) -> Result<Option<FoundBudget>, Failure>;

    /// Makes it, with everything that it tells, and says whose it is.
    async fn create(&self, account: &AccountId, budget: &Budget) -> Result<(), Failure>;

    /// Makes it about what the landing zone says.
    async fn set_terms(&self, account: &AccountId, terms: Terms) -> Result<(), Failure>;

    /// Has it tell the topic.
    async fn add_alert(
        &self,
        account: &AccountId,
        threshold: Threshold,
        topic: &TopicArn,
    ) -> Result<(), Failure>;

    /// Has it tell no more. Nothing happens where there is no such alert.
    async fn remove_alert(&self, account: &AccountId, alert: &Alert) -> Result<(), Failure>;

    /// Deletes it. Nothing happens where there is none.
    async fn delete(&self, account: &AccountId) -> Result<(), Failure>;
}
