//! The look at the budget of the account: it is as the landing zone says, or there is none of ours.
//! Asked only where the machine is deployed with budgets; elsewhere no role may look.

use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::budgets::Budgets as _;
use avm_core::rules::budget;
use avm_core::world::World;

use crate::Call;
use crate::verification::Check;

pub(crate) async fn look(call: &Call, world: &impl World) -> Result<Check, Failure> {
    if !call.input.is_some_and(|input| input.budgets) {
        return Ok(Check::default());
    }
    let account = &call.account.account_id;
    let found = world.budgets(Door::Completion).await?.find(account).await?;
    let wanted = call.order.landing_zone.settings.budget.as_ref();
    let name = budget::name_of(account);
    match budget::changes(wanted, account, found.as_ref()) {
        Ok(changes) if changes.is_empty() => Ok(wanted.map_or_else(Check::default, |wanted| {
            let (amount, currency) = (wanted.amount, wanted.currency.as_str());
            Check::verified(format!("the budget {name} is {amount} {currency} a month"))
        })),
        Ok(changes) => {
            let left: Vec<String> = changes.iter().map(ToString::to_string).collect();
            let words = format!("budget {name}: it is left to {}", left.join(", "));
            Ok(Check::differs(words))
        }
        Err(failure) if failure.name() == ErrorName::NameTaken => {
            Ok(Check::differs(failure.cause().to_owned()))
        }
        Err(failure) => Err(failure),
    }
}
