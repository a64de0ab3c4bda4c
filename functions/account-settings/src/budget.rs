//! The budget of the account in the management account: made, changed and deleted as the landing zone says.
//! It is looked at where budgets are deployed, also for a landing zone without one: an earlier one may have had it.

use avm_core::domain::Budget;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::budgets::{Budgets as _, Terms};
use avm_core::rules::budget::{self, Change};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

use crate::Call;

/// What was done about the budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BudgetOutcome {
    /// The landing zone has none, and the account has none of ours.
    #[default]
    None,
    /// It was as the landing zone wants it.
    Unchanged,
    /// It was made or changed.
    Set,
    /// It was deleted, since the landing zone has none.
    Deleted,
}

impl BudgetOutcome {
    /// What comes of these changes.
    pub(crate) fn of(wanted: Option<&Budget>, changes: &[Change]) -> Self {
        match (wanted, changes) {
            (None, []) => Self::None,
            (None, _) => Self::Deleted,
            (Some(_), []) => Self::Unchanged,
            (Some(_), _) => Self::Set,
        }
    }

    /// Whether there is nothing to tell of it.
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde hands a reference.
    pub(crate) const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// The budget that the landing zone of the call has.
pub(crate) fn wanted(call: &Call) -> Option<&Budget> {
    call.order.landing_zone.settings.budget.as_ref()
}

/// What is to be done. Nothing is asked where budgets are not deployed, and none is wanted.
pub(crate) async fn look(call: &Call, world: &impl World) -> Result<Vec<Change>, Failure> {
    let wanted = wanted(call);
    let are_deployed = call.input.is_some_and(|input| input.budgets);
    let account = &call.account.account_id;
    match wanted {
        None if !are_deployed => return Ok(Vec::new()),
        Some(_) if !are_deployed => {
            let words = "budget: the machine is deployed without budgets";
            return Err(Failure::new(ErrorName::InvalidConfiguration, words).with_remedy(
                "deploy template.yaml and templates/vending-roles.yaml with SetsBudgets=true, or take `budget` out of the \
                 landing zone, then send the request again",
            ));
        }
        Some(budget) => refuse_topic_elsewhere(budget, world)?,
        None => {}
    }
    let budgets = world.budgets(Door::AccountSettings).await?;
    let found = budgets.find(account).await?;
    budget::changes(wanted, account, found.as_ref())
}

/// AWS Budgets User Guide, "Creating an Amazon SNS topic for budget notifications": of the same account, no other is supported.
fn refuse_topic_elsewhere(budget: &Budget, world: &impl World) -> Result<(), Failure> {
    let management = world.standing().management();
    if budget.topic_arn.account() == management.as_str() {
        return Ok(());
    }
    let words = format!("budget.topicArn: must be a topic of the management account {management}");
    Err(Failure::new(ErrorName::InvalidConfiguration, words))
}

pub(crate) async fn act(
    call: &Call,
    changes: &[Change],
    world: &impl World,
) -> Result<(), Failure> {
    if changes.is_empty() {
        return Ok(());
    }
    let account = &call.account.account_id;
    let budgets = world.budgets(Door::AccountSettings).await?;
    for change in changes {
        match (change, wanted(call)) {
            (Change::Create, Some(budget)) => budgets.create(account, budget).await?,
            (Change::SetTerms, Some(budget)) => {
                budgets.set_terms(account, Terms::from(budget)).await?;
            }
            (Change::AddAlert(threshold), Some(budget)) => {
                let topic = &budget.topic_arn;
                budgets.add_alert(account, *threshold, topic).await?;
            }
            (Change::RemoveAlert(alert), _) => budgets.remove_alert(account, alert).await?,
            (Change::Delete, _) => budgets.delete(account).await?,
            (_, None) => {}
        }
    }
    Ok(())
}
