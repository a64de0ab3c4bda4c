//! Waits for an earlier vend of the same account: the names of the two differ, so that both run.
//! Asked until the machine is told the account. What the account is held to is read after that: the other may have ended
//! between the two reads.

use avm_core::contract::answer::Answer;
use avm_core::domain::{AccountId, Email};
use avm_core::doors::Door;
use avm_core::error::Failure;
use avm_core::ports::executions::RunningVends;
use avm_core::rules::turn;
use avm_core::step::Acted;
use avm_core::world::World;

use crate::{Call, CreateAccount, Notes, Plan, Search};

/// The answer while another vend of the account comes first; none where this one may go on.
///
/// Fails as the look does where the account is held to another landing zone by now.
pub(crate) async fn wait(
    call: &Call,
    plan: &Plan,
    world: &impl World,
) -> Result<Option<Acted<CreateAccount>>, Failure> {
    let Some((id, address)) = account(plan) else {
        return Ok(None);
    };
    if call.notes().and_then(|notes| notes.account_id.as_ref()) == Some(id) {
        return Ok(None);
    }
    let running = world.vends(Door::Own).await?.list_running().await?;
    let addresses: Vec<&Email> = address
        .into_iter()
        .chain([&call.order.request.account_email])
        .collect();
    if let Some(first) = turn::before(call.execution.name(), id, &addresses, &running) {
        let words = "too and was started before, to end";
        return Ok(Some(Answer::Queued {
            waiting_for: format!("execution {}, which vends account {id} {words}", first.name),
            notes: Notes::default(),
        }));
    }
    let search = Search {
        call,
        world,
        accounts: (),
    };
    let tags = search.tags(id).await?;
    search.landing_zone_to_leave(id, &tags).await?;
    Ok(None)
}

/// The account that the machine is about to be told.
const fn account(plan: &Plan) -> Option<(&AccountId, Option<&Email>)> {
    match plan {
        Plan::Use(found) => Some((
            &found.account.account_id,
            Some(&found.account.account_email),
        )),
        Plan::Wait { notes, .. } => match &notes.account_id {
            Some(id) => Some((id, None)),
            None => None,
        },
        Plan::WaitForRoom { .. } | Plan::Create(_) => None,
    }
}
