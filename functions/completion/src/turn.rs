//! Two vends of one account that did not see each other when they began: at their end they do, and one of them is not done.
//! What is written as "done" was made by the vend that writes it, and held to the landing zone that it was made in.

use std::collections::BTreeMap;

use avm_core::contract::call::Mode;
use avm_core::contract::order::Order;
use avm_core::domain::{COMPLETED_AT_KEY, LANDING_ZONE_KEY, Moment};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::executions::{RunningVend, RunningVends};
use avm_core::rules::turn;
use avm_core::world::World;

use crate::Call;

/// Another landing zone than the order's, which the account is held to.
struct HeldTo {
    landing_zone: String,
    /// Since when; none where the tag cannot be read.
    since: Option<Moment>,
}

fn held_to(order: &Order, present: &BTreeMap<String, String>) -> Option<HeldTo> {
    let landing_zone = present.get(LANDING_ZONE_KEY)?;
    (landing_zone != order.landing_zone.name.as_str()).then(|| HeldTo {
        landing_zone: landing_zone.clone(),
        since: present
            .get(COMPLETED_AT_KEY)
            .and_then(|time| time.parse().ok()),
    })
}

/// What runs: asked before the tags are read, so that a vend that is not among these has written its own by then. A plan
/// writes nothing and asks for nothing.
pub(crate) async fn running(
    call: &Call,
    world: &impl World,
) -> Result<Option<Vec<RunningVend>>, Failure> {
    if call.mode == Mode::Plan {
        return Ok(None);
    }
    let running = world.vends(Door::Own).await?.list_running().await?;
    Ok(Some(running))
}

/// What has to pass before the tags are written, in words.
///
/// Fails with `LandingZoneNotAllowed` where another vend has held the account to its landing zone since this one was started:
/// nothing has asked whether this one may take it out of there.
pub(crate) fn obstacle(
    call: &Call,
    running: &[RunningVend],
    present: &BTreeMap<String, String>,
) -> Result<Option<String>, Failure> {
    let (name, id) = (call.execution.name(), &call.account.account_id);
    let addresses = [
        &call.account.account_email,
        &call.order.request.account_email,
    ];
    if let Some(first) = turn::before(name, id, &addresses, running) {
        let words = "which vends the account too and was started before, to end";
        return Ok(Some(format!("execution {}, {words}", first.name)));
    }
    let Some(held_to) = held_to(&call.order, present) else {
        return Ok(None);
    };
    let Some(started) = turn::started(name, running) else {
        let words = "to show among those that run";
        return Ok(Some(format!("execution {name} {words}")));
    };
    let started = i64::try_from(started.as_secs()).unwrap_or_default();
    // The tag knows whole seconds. A vend that ran when this one began was waited for, so one of the same second had ended.
    if held_to
        .since
        .is_some_and(|since| since <= Moment::of_seconds(started))
    {
        return Ok(None);
    }
    let words = format!(
        "while this vend ran, another one has held the account to the landing zone {}",
        held_to.landing_zone
    );
    Err(
        Failure::new(ErrorName::LandingZoneNotAllowed, words).with_remedy(format!(
            "send the request for {}, which puts right what this vend has changed",
            held_to.landing_zone
        )),
    )
}
