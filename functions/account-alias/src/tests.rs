//! The step against one account in a world of aliases: every state that it can find, under every behaviour of AWS.
//! Every write is also lost, before and after its effect; the next try ends in the same place.

use avm_aws::lambda::decode;
use avm_core::error::Kind;
use avm_core::testing::{account, execution, order};
use insta::{assert_json_snapshot, assert_snapshot};

use super::*;
use crate::world::{Second, World, alias, aliases};

const OURS: &str = "space-shop";
const OLD: &str = "old-alias";

fn request(is_enforced: bool) -> Request {
    let mut order = order();
    order.names.account_alias = Some(alias(OURS));
    order.platform.enforce_account_alias = is_enforced;
    Request {
        execution: execution(),
        order,
        progress: None,
        rest: OnAccount { account: account() },
    }
}

/// As the state machine does it: calls again with the progress while the step waits; Busy failures are tried again.
async fn run(world: &World, is_enforced: bool) -> Result<Done, Failure> {
    let mut request = request(is_enforced);
    for _ in 0..10 {
        match handle(&request, world).await {
            Ok(Answer::Done(done)) => return Ok(done),
            Ok(Answer::Pending { progress, .. }) => request.progress = Some(progress),
            Err(failure) if failure.name().kind() == Kind::Busy => {}
            Err(failure) => return Err(failure),
        }
    }
    panic!("the step comes to no end: {:?}", world.state().writes);
}

#[test]
fn the_input_of_the_state_machine_is_read() {
    let expected = Request {
        progress: Some(Progress::Replace {
            previous: alias(OLD),
        }),
        ..request(true)
    };
    let input = serde_json::json!({
        "Execution": execution(), "Order": expected.order, "Account": account(),
        "Progress": {"Doing": "Replace", "Previous": OLD}, "SomethingNew": 1,
    });
    assert_eq!(decode::<Request>(input).unwrap(), expected);
}

#[tokio::test]
async fn an_account_without_an_alias_gets_one_and_keeps_it() {
    for second in Second::ALL {
        for is_enforced in [false, true] {
            let world = World::with(&[], &[], second);
            let done = run(&world, is_enforced).await.unwrap();
            assert_eq!((done.alias, done.change), (alias(OURS), Change::Created));
            let again = run(&world, is_enforced).await.unwrap();
            assert_eq!(again.change, Change::None);
            assert_eq!(world.state().writes, [format!("create {OURS}")]);
        }
    }
}

#[tokio::test]
async fn another_alias_is_kept_where_none_is_enforced() {
    let world = World::with(&[OLD], &[], Second::Replaces);
    let answer = handle(&request(false), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "Alias": "old-alias",
      "Change": "kept"
    }
    "#);
    assert!(world.state().writes.is_empty());
}

#[tokio::test]
async fn another_alias_is_replaced_where_one_is_enforced_whatever_aws_does_with_a_second_one() {
    for second in Second::ALL {
        let world = World::with(&[OLD], &[], second);
        let done = run(&world, true).await.unwrap();
        assert_eq!(done.change, Change::Replaced, "{second:?}");
        assert_eq!(world.state().ours, aliases(&[OURS]));
        let writes = world.state().writes.len();
        let again = run(&world, true).await.unwrap();
        assert_eq!(again.change, Change::None);
        assert_eq!(world.state().writes.len(), writes);
    }
}

#[tokio::test]
async fn an_alias_that_has_to_go_first_is_remembered_by_the_state_machine() {
    let world = World::with(&[OLD], &[], Second::IsRefused);
    let answer = handle(&request(true), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "AWS takes one alias at a time, old-alias has to go first",
      "Progress": {
        "Doing": "Replace",
        "Previous": "old-alias"
      }
    }
    "#);
    assert_eq!(world.state().ours, aliases(&[OLD]));
}

#[tokio::test]
async fn an_alias_of_somebody_else_is_a_clear_failure_and_the_account_keeps_what_it_had() {
    for second in Second::ALL {
        for (had, is_enforced) in [(&[][..], false), (&[][..], true), (&[OLD][..], true)] {
            let world = World::with(had, &[OURS], second);
            let failure = run(&world, is_enforced).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::AccountAliasTaken);
            assert_eq!(world.state().ours, aliases(had), "{second:?} {had:?}");
        }
    }
    let world = World::with(&[], &[OURS], Second::Replaces);
    let failure = run(&world, false).await.unwrap_err();
    assert_snapshot!(failure, @"the alias space-shop belongs to another account (account 111111111111). Remedy: choose another accountAliasPattern in the platform document: aliases are unique across all of AWS; or, for this account alone, give it any other alias by hand, which is kept where enforceAccountAlias is off.");
}

#[tokio::test]
async fn an_alias_that_somebody_takes_while_the_old_one_is_away_brings_the_old_one_back() {
    let world = World::with(&[OLD], &[], Second::IsRefused);
    let Answer::Pending { progress, .. } = handle(&request(true), &world).await.unwrap() else {
        panic!("AWS would have to refuse");
    };
    world.state().elsewhere = aliases(&[OURS]);
    let mut next = request(true);
    next.progress = Some(progress);
    for lost in [None, Some((3, false)), Some((3, true))] {
        world.state().lost = lost;
        world.state().writes = vec![String::new()];
        world.state().ours = aliases(&[OLD]);
        let mut answer = handle(&next, &world).await;
        if lost.is_some() {
            assert_eq!(answer.unwrap_err().name().kind(), Kind::Busy);
            answer = handle(&next, &world).await;
        }
        let failure = answer.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccountAliasTaken);
        assert!(
            failure.cause().contains("has old-alias as before"),
            "{failure}"
        );
        assert_eq!(world.state().ours, aliases(&[OLD]));
    }
    world.state().elsewhere = aliases(&[OURS, OLD]);
    world.state().ours.clear();
    let failure = handle(&next, &world).await.unwrap_err();
    assert!(failure.cause().contains("is taken, too"), "{failure}");
}

#[tokio::test]
async fn whichever_answer_is_lost_the_next_try_ends_in_an_equal_world() {
    for second in Second::ALL {
        for had in [&[][..], &[OLD][..]] {
            let undisturbed = World::with(had, &[], second);
            run(&undisturbed, true).await.unwrap();
            let writes = undisturbed.state().writes.len();
            for at in 0..writes {
                for has_effect in [false, true] {
                    let world = World::with(had, &[], second);
                    world.state().lost = Some((at, has_effect));
                    run(&world, true).await.unwrap();
                    let case = format!("{second:?} {had:?} {at} {has_effect}");
                    assert_eq!(world.state().ours, undisturbed.state().ours, "{case}");
                    assert!(world.state().lost.is_none(), "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_execution_that_ends_in_between_is_healed_by_the_next_one() {
    for second in Second::ALL {
        for at in 0..3 {
            let world = World::with(&[OLD], &[], second);
            world.state().lost = Some((at, true));
            let mut first = request(true);
            while let Ok(Answer::Pending { progress, .. }) = handle(&first, &world).await {
                first.progress = Some(progress);
            }
            run(&world, true).await.unwrap();
            assert_eq!(world.state().ours, aliases(&[OURS]), "{second:?} {at}");
        }
    }
}

#[tokio::test]
async fn an_alias_that_shows_late_is_not_taken_for_somebody_elses() {
    for lists in [1, 2] {
        let world = World::with(&[OURS], &[], Second::Replaces);
        world.state().late_lists = vec![aliases(&[]); lists];
        let done = run(&world, true).await.unwrap();
        assert_eq!(done.change, Change::None);
        assert_eq!(world.state().writes, [format!("create {OURS}")]);
    }
}

#[tokio::test]
async fn an_old_alias_that_is_shown_after_it_was_replaced_is_gone() {
    let world = World::with(&[OLD], &[], Second::Replaces);
    world.state().late_lists = vec![aliases(&[OLD]), aliases(&[OLD])];
    run(&world, true).await.unwrap();
    assert_eq!(world.state().ours, aliases(&[OURS]));
}

#[tokio::test]
async fn a_refusal_to_look_is_a_failure_of_the_account() {
    struct Denying;
    impl AccountAliases for Denying {
        async fn list(&self) -> Result<std::collections::BTreeSet<AccountAlias>, Failure> {
            Err(Failure::new(ErrorName::AccessDenied, "not allowed"))
        }
        async fn create(&self, _: &AccountAlias) -> Result<AliasCreation, Failure> {
            panic!("nothing is written before a look")
        }
        async fn delete(&self, _: &AccountAlias) -> Result<(), Failure> {
            panic!("nothing is written before a look")
        }
    }
    let failure = handle(&request(true), &Denying).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert_eq!(failure.account(), Some(&account().account_id));
}

#[tokio::test]
async fn an_order_without_an_alias_has_no_such_step() {
    let mut request = request(true);
    request.order.names.account_alias = None;
    let world = World::default();
    let failure = handle(&request, &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidState);
}
