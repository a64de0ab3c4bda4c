//! Every status that CloudFormation has: what it allows, and what is planned for a stack of ours and of somebody else.
//! Rule source: CloudFormation, "Stack status codes".

use std::fmt::Write;

use avm_core::domain::Parameters;
use insta::assert_snapshot;

use super::*;
use crate::plan::Condition;

fn wanted() -> Wanted {
    Wanted {
        template: template::mark(&AccessStackTemplate::Shipped),
        candidates: Parameters::default(),
        execution: "now".to_owned(),
    }
}

fn plan(stacks: Vec<Stack>) -> String {
    Plan::new(stacks, &wanted()).map_or_else(|failure| failure.to_string(), |plan| plan.to_string())
}

#[test]
fn every_status_has_its_plan_for_a_stack_of_ours() {
    let mut all = String::new();
    for status in StackStatus::KNOWN {
        writeln!(all, "{status}: {}", plan(vec![ours(status.clone())])).unwrap();
    }
    assert_snapshot!(all, @r#"
    CREATE_IN_PROGRESS: wait: stack meshstack-cf-access is CREATE_IN_PROGRESS
    CREATE_FAILED: delete stack meshstack-cf-access, which is CREATE_FAILED, and create it again
    CREATE_COMPLETE: nothing to do: stack meshstack-cf-access is as it should be
    ROLLBACK_IN_PROGRESS: wait: stack meshstack-cf-access is ROLLBACK_IN_PROGRESS
    ROLLBACK_FAILED: delete stack meshstack-cf-access, which is ROLLBACK_FAILED, and create it again
    ROLLBACK_COMPLETE: delete stack meshstack-cf-access, which is ROLLBACK_COMPLETE, and create it again
    DELETE_IN_PROGRESS: wait: stack meshstack-cf-access is DELETE_IN_PROGRESS
    DELETE_FAILED: delete stack meshstack-cf-access, which is DELETE_FAILED, and create it again
    DELETE_COMPLETE: create stack meshstack-cf-access
    UPDATE_IN_PROGRESS: wait: stack meshstack-cf-access is UPDATE_IN_PROGRESS
    UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: wait: stack meshstack-cf-access is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS
    UPDATE_COMPLETE: nothing to do: stack meshstack-cf-access is as it should be
    UPDATE_FAILED: stack meshstack-cf-access is UPDATE_FAILED. Remedy: bring the stack to a complete state or delete it in the account, then send the request again.
    UPDATE_ROLLBACK_IN_PROGRESS: wait: stack meshstack-cf-access is UPDATE_ROLLBACK_IN_PROGRESS
    UPDATE_ROLLBACK_FAILED: go on with the rollback of stack meshstack-cf-access, which is UPDATE_ROLLBACK_FAILED
    UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: wait: stack meshstack-cf-access is UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS
    UPDATE_ROLLBACK_COMPLETE: nothing to do: stack meshstack-cf-access is as it should be
    REVIEW_IN_PROGRESS: delete stack meshstack-cf-access, which is REVIEW_IN_PROGRESS, and create it again
    IMPORT_IN_PROGRESS: wait: stack meshstack-cf-access is IMPORT_IN_PROGRESS
    IMPORT_COMPLETE: nothing to do: stack meshstack-cf-access is as it should be
    IMPORT_ROLLBACK_IN_PROGRESS: wait: stack meshstack-cf-access is IMPORT_ROLLBACK_IN_PROGRESS
    IMPORT_ROLLBACK_FAILED: stack meshstack-cf-access is IMPORT_ROLLBACK_FAILED. Remedy: bring the stack to a complete state or delete it in the account, then send the request again.
    IMPORT_ROLLBACK_COMPLETE: nothing to do: stack meshstack-cf-access is as it should be
    "#);
}

#[test]
fn every_status_has_its_plan_for_a_stack_of_somebody_else() {
    let mut all = String::new();
    for status in StackStatus::KNOWN {
        let theirs = stack("meshstack-cf-access-x", status.clone());
        writeln!(all, "{status}: {}", plan(vec![theirs])).unwrap();
    }
    assert_snapshot!(all, @r#"
    CREATE_IN_PROGRESS: wait: stack meshstack-cf-access-x is CREATE_IN_PROGRESS
    CREATE_FAILED: delete stack meshstack-cf-access-x, which is CREATE_FAILED, and create it again
    CREATE_COMPLETE: nothing to do: stack meshstack-cf-access-x is there, made by somebody else
    ROLLBACK_IN_PROGRESS: wait: stack meshstack-cf-access-x is ROLLBACK_IN_PROGRESS
    ROLLBACK_FAILED: delete stack meshstack-cf-access-x, which is ROLLBACK_FAILED, and create it again
    ROLLBACK_COMPLETE: delete stack meshstack-cf-access-x, which is ROLLBACK_COMPLETE, and create it again
    DELETE_IN_PROGRESS: wait: stack meshstack-cf-access-x is DELETE_IN_PROGRESS
    DELETE_FAILED: delete stack meshstack-cf-access-x, which is DELETE_FAILED, and create it again
    DELETE_COMPLETE: create stack meshstack-cf-access
    UPDATE_IN_PROGRESS: wait: stack meshstack-cf-access-x is UPDATE_IN_PROGRESS
    UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: wait: stack meshstack-cf-access-x is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS
    UPDATE_COMPLETE: nothing to do: stack meshstack-cf-access-x is there, made by somebody else
    UPDATE_FAILED: stack meshstack-cf-access-x is UPDATE_FAILED. Remedy: bring the stack to a complete state or delete it in the account, then send the request again.
    UPDATE_ROLLBACK_IN_PROGRESS: wait: stack meshstack-cf-access-x is UPDATE_ROLLBACK_IN_PROGRESS
    UPDATE_ROLLBACK_FAILED: go on with the rollback of stack meshstack-cf-access-x, which is UPDATE_ROLLBACK_FAILED
    UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: wait: stack meshstack-cf-access-x is UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS
    UPDATE_ROLLBACK_COMPLETE: nothing to do: stack meshstack-cf-access-x is there, made by somebody else
    REVIEW_IN_PROGRESS: delete stack meshstack-cf-access-x, which is REVIEW_IN_PROGRESS, and create it again
    IMPORT_IN_PROGRESS: wait: stack meshstack-cf-access-x is IMPORT_IN_PROGRESS
    IMPORT_COMPLETE: nothing to do: stack meshstack-cf-access-x is there, made by somebody else
    IMPORT_ROLLBACK_IN_PROGRESS: wait: stack meshstack-cf-access-x is IMPORT_ROLLBACK_IN_PROGRESS
    IMPORT_ROLLBACK_FAILED: stack meshstack-cf-access-x is IMPORT_ROLLBACK_FAILED. Remedy: bring the stack to a complete state or delete it in the account, then send the request again.
    IMPORT_ROLLBACK_COMPLETE: nothing to do: stack meshstack-cf-access-x is there, made by somebody else
    "#);
}

#[test]
fn only_a_failed_creation_of_this_execution_is_its_failure() {
    let mut all = String::new();
    for status in StackStatus::KNOWN {
        let mut mine = ours(status.clone());
        mine.mark.as_mut().unwrap().execution = "now".to_owned();
        let plan = Plan::new(vec![mine], &wanted());
        if let Ok(plan @ Plan::Fail { .. }) = plan {
            writeln!(all, "{plan}").unwrap();
        }
    }
    assert_snapshot!(all, @r#"
    give up: stack meshstack-cf-access was to be created and is CREATE_FAILED
    give up: stack meshstack-cf-access was to be created and is ROLLBACK_FAILED
    give up: stack meshstack-cf-access was to be created and is ROLLBACK_COMPLETE
    "#);
}

#[test]
fn a_status_of_tomorrow_is_waited_for_when_its_name_says_so() {
    let waits = StackStatus::from("MIGRATE_IN_PROGRESS");
    assert_eq!(Condition::of(&waits), Condition::InProgress);
    assert_eq!(
        Condition::of(&StackStatus::from("MIGRATE_COMPLETE")),
        Condition::Undecided
    );
}

#[test]
fn a_plan_says_what_is_another_without_values() {
    let mut other = ours(StackStatus::UpdateComplete);
    other.mark.as_mut().unwrap().template = "https://bucket.s3.amazonaws.com/old.yaml".to_owned();
    let mut wanted = wanted();
    wanted.candidates = automated_by("444444444444");
    let plan = |stack| Plan::new(vec![stack], &wanted).unwrap();
    assert_snapshot!(plan(other), @"update stack meshstack-cf-access: another template and parameters AutomationAccountId");
    assert_snapshot!(plan(ours(StackStatus::UpdateComplete)), @"update stack meshstack-cf-access: parameters AutomationAccountId");
}

#[test]
fn a_parameter_that_cannot_be_seen_is_no_reason_to_update() {
    let mut hidden = ours(StackStatus::UpdateComplete);
    hidden.parameters = automated_by("****");
    let mut wanted = wanted();
    wanted.candidates = automated_by("222222222222");
    let plan = Plan::new(vec![hidden], &wanted).unwrap();
    assert!(matches!(plan, Plan::Nothing { .. }));
}

#[test]
fn of_several_stacks_the_one_that_can_be_worked_with_decides() {
    let well = || stack("meshstack-cf-access-b", StackStatus::CreateComplete);
    let running = || stack("meshstack-cf-access-a", StackStatus::CreateInProgress);
    let broken = || ours(StackStatus::RollbackComplete);
    assert_eq!(
        plan(vec![well(), ours(StackStatus::UpdateInProgress)]),
        "wait: stack meshstack-cf-access is UPDATE_IN_PROGRESS"
    );
    assert_eq!(
        plan(vec![broken(), well()]),
        "nothing to do: stack meshstack-cf-access-b is there, made by somebody else"
    );
    assert_eq!(
        plan(vec![broken(), running()]),
        "wait: stack meshstack-cf-access-a is CREATE_IN_PROGRESS"
    );
    assert_eq!(plan(vec![]), "create stack meshstack-cf-access");
}
