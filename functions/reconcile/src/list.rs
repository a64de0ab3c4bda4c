//! Which accounts there are to look at: every active one that the machine may touch. Its tags are read when it is looked at.
//! Step Functions holds 256 KiB in a state, and so an answer has ids only, and says how much may be told of each account.

use avm_core::domain::{AccountId, StackSetName};
use avm_core::doors::Door;
use avm_core::error::Failure;
use avm_core::ports::accounts::{AccountState, Accounts};
use avm_core::rules::left_instances::stack_sets_of_machine;
use avm_core::world::World;
use futures_util::try_join;
use serde::Serialize;

use crate::Settings;
use crate::finding::SHORTEST;

/// Step Functions: the most that a state takes, 262,144 bytes, less what is around the findings.
const MOST_BYTES: usize = 260_000;
/// Two quotation marks and a comma.
const AROUND: usize = 3;
/// No need for more, however few accounts there are.
const LONGEST: usize = 1000;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct List {
    accounts: Vec<AccountId>,
    room: usize,
    /// The StackSets that landing zones may roll out.
    stack_sets: Vec<StackSetName>,
}

pub(crate) async fn list(settings: &Settings, world: &impl World) -> Result<List, Failure> {
    let (found, sets) = try_join!(world.accounts(Door::Reconcile), world.stack_sets(Door::Own))?;
    let of_machine = stack_sets_of_machine(&sets, &settings.stack_sets);
    let (found, stack_sets) = try_join!(found.list_accounts(), of_machine)?;
    let accounts: Vec<AccountId> = found
        .into_iter()
        .filter(|account| account.state == AccountState::Active)
        .map(|account| account.id)
        .filter(|id| world.standing().refuse(id, "Account").is_ok())
        .collect();
    tracing::info!(step = crate::NAME, accounts = accounts.len(), "listed");
    Ok(List {
        room: room(accounts.len()),
        accounts,
        stack_sets,
    })
}

/// The bytes for each of so many accounts.
fn room(accounts: usize) -> usize {
    let all = MOST_BYTES / accounts.max(1);
    all.saturating_sub(AROUND).clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS Organizations: the quota of accounts can be raised to 10,000.
    #[test]
    fn what_is_told_of_ten_thousand_accounts_fits_into_a_state() {
        let most = MOST_BYTES / (SHORTEST + AROUND);
        assert!(most >= 10_000, "{most}");
        for accounts in [1, 100, 1000, 5000, 10_000, most] {
            assert!(
                (room(accounts) + AROUND) * accounts <= MOST_BYTES,
                "{accounts}"
            );
            assert!(room(accounts) >= SHORTEST);
        }
        assert_eq!(room(0), LONGEST);
    }
}
