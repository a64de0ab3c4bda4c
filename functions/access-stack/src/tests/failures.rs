//! Operations that end badly, and calls that are not allowed (any more).
//! The failure is the same at every replay.

use avm_core::config::DowngradeSetting;
use insta::assert_snapshot;

use super::*;

fn denied() -> Failure {
    Failure::new(ErrorName::AccessDenied, "not authorized")
}

#[tokio::test]
async fn a_creation_of_this_execution_that_failed_ends_the_vend_with_its_first_failed_resource() {
    for end in [
        StackStatus::RollbackComplete,
        StackStatus::RollbackFailed,
        StackStatus::CreateFailed,
    ] {
        let world = InMemory::with(|state| {
            state.stacks.endings.push_back(end.clone());
            state.stacks.first_failure = Some("Role (AWS::IAM::Role): it exists".to_owned());
        });
        let failure = run(&world, &request()).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::StackFailed);
        assert_eq!(
            failure.cause(),
            format!(
                "stack meshstack-cf-access was to be created and is {end}: Role (AWS::IAM::Role): it exists"
            )
        );
        assert_eq!(look(&world, &request()).await, Err(failure));
        assert_eq!(world.writes(), starts(&["CreateStack"]));
    }
}

#[tokio::test]
async fn a_role_that_the_account_had_before_is_told_as_such() {
    let world = InMemory::with(|state| {
        state
            .stacks
            .endings
            .push_back(StackStatus::RollbackComplete);
        let reason = "ExecutionRole (AWS::IAM::Role): Resource handler returned message: \"Role with name \
                      AWSCloudFormationStackSetExecutionRole already exists.\" (RequestToken: 1, HandlerErrorCode: AlreadyExists)";
        state.stacks.first_failure = Some(reason.to_owned());
    });
    let failure = run(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackFailed);
    let remedy = "the account had a role or another resource of that name before";
    assert!(failure.remedy().contains(remedy), "{failure}");
    assert!(
        failure.remedy().contains("template of the access stack"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_template_at_an_address_that_the_machine_does_not_allow_is_not_deployed() {
    let world = with(&[]);
    let request = with_url("https://other.s3.amazonaws.com/access.yaml");
    let failure = run(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AddressNotAllowed);
    let cause = failure.cause();
    assert!(
        cause.starts_with("/avm/landing-zones/sandbox, field accessStack.template: "),
        "{cause}"
    );
    assert!(world.journal().is_empty());
}

#[tokio::test]
async fn a_reason_that_cannot_be_read_does_not_hide_the_failure() {
    let world = with(&[]);
    let end = StackStatus::RollbackComplete;
    world.state_mut().stacks.endings.push_back(end);
    world.refuse("cloudformation:DescribeStackEvents", denied());
    let failure = run(&world, &request()).await.unwrap_err();
    assert_snapshot!(failure, @"stack meshstack-cf-access was to be created and is ROLLBACK_COMPLETE (account 111111111111). Remedy: look at the stack's events in the account, repair the cause, and send the request again.");
}

#[tokio::test]
async fn the_next_execution_makes_it_again() {
    let world = InMemory::default();
    let end = StackStatus::RollbackComplete;
    world.state_mut().stacks.endings.push_back(end);
    run(&world, &request()).await.unwrap_err();
    let done = run(&world, &later()).await.unwrap();
    assert_eq!(done["Change"], "recreate");
    let wanted = starts(&["CreateStack", "DeleteStack", "CreateStack"]);
    assert_eq!(world.writes(), wanted);
}

#[tokio::test]
async fn updates_deletions_and_rollbacks_that_fail_say_so() {
    for (found, end, words) in [
        (
            outdated(),
            StackStatus::UpdateRollbackComplete,
            "was to be updated and is UPDATE_ROLLBACK_COMPLETE: why",
        ),
        (
            outdated(),
            StackStatus::UpdateRollbackFailed,
            "was to be updated and is UPDATE_ROLLBACK_FAILED: why",
        ),
        (
            ours(StackStatus::RollbackComplete),
            StackStatus::DeleteFailed,
            "was to be deleted and is DELETE_FAILED: why",
        ),
        (
            ours(StackStatus::UpdateRollbackFailed),
            StackStatus::UpdateRollbackFailed,
            "was to be rolled back and is UPDATE_ROLLBACK_FAILED: why",
        ),
    ] {
        let reason = Some("why".to_owned());
        let world = with(&[Stack { reason, ..found }]);
        world.state_mut().stacks.endings.push_back(end);
        let failure = run(&world, &request()).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::StackFailed);
        assert_eq!(
            failure.cause(),
            format!("stack meshstack-cf-access {words}")
        );
    }
}

#[tokio::test]
async fn a_stack_about_which_somebody_has_to_decide_ends_the_vend() {
    let world = with(&[Stack {
        reason: Some("rollback is disabled".to_owned()),
        ..ours(StackStatus::UpdateFailed)
    }]);
    let failure = run(&world, &request()).await.unwrap_err();
    assert_snapshot!(failure, @"stack meshstack-cf-access is UPDATE_FAILED: rollback is disabled (account 111111111111). Remedy: bring the stack to a complete state or delete it in the account, then send the request again.");
}

#[tokio::test]
async fn a_downgraded_role_that_would_have_to_write_says_how_to_go_on() {
    for (found, call, doing) in [
        (vec![], "CreateStack", "create stack"),
        (
            vec![ours(StackStatus::RollbackComplete)],
            "DeleteStack",
            "delete stack",
        ),
        (
            vec![ours(StackStatus::UpdateRollbackFailed)],
            "ContinueUpdateRollback",
            "go on with the rollback",
        ),
    ] {
        let world = with(&found);
        world.refuse(&format!("cloudformation:{call}"), denied());
        let failure = run(&world, &request()).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        assert!(
            failure.cause().starts_with(&format!("could not {doing}")),
            "{failure}"
        );
        assert!(
            failure.remedy().contains("\"elevation\": \"when-needed\""),
            "{failure}"
        );
        assert_eq!(stacks(&world), found);
    }
}

#[tokio::test]
async fn a_stack_that_is_well_and_out_of_date_is_left_as_it_is_by_a_downgraded_role() {
    for (found, differences) in [
        (outdated(), "(another template)"),
        (with_other_parameters(), "(parameters AutomationAccountId)"),
    ] {
        let world = with(std::slice::from_ref(&found));
        world.refuse("cloudformation:UpdateStack", denied());
        for _ in 0..2 {
            let done = run(&world, &request()).await.unwrap();
            assert_eq!(done["Change"], "none");
            assert_eq!(done["StackName"], found.name);
            let drift = done["Drift"].as_str().unwrap();
            assert!(
                drift.contains(differences) && drift.contains("when-needed"),
                "{drift}"
            );
        }
        assert_eq!(stacks(&world), [found]);
    }
}

#[tokio::test]
async fn a_refused_update_fails_where_the_role_keeps_its_power() {
    let world = with(&[outdated()]);
    world.refuse("cloudformation:UpdateStack", denied());
    let mut request = request();
    request.order.landing_zone.settings.downgrade = DowngradeSetting::None;
    let failure = run(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}

#[tokio::test]
async fn a_drift_is_found_even_when_the_template_must_not_be_read_and_shown_in_words() {
    let world = with(&[ours(StackStatus::UpdateComplete)]);
    world.refuse("cloudformation:GetTemplateSummary", denied());
    let done = run(&world, &with_url(URL)).await.unwrap();
    assert_json_snapshot!(done, @r#"
    {
      "Change": "none",
      "Drift": "stack meshstack-cf-access is not what the landing zone wants (another template), and the access role may not update it. Remedy: the access role was taken down and may not do it any more: let the landing zone say \"elevation\": \"when-needed\", or have an operator give the power back, as docs/OPERATION.md tells under \"Power for a vend\"; then send the request again, with \"Force\".",
      "StackName": "meshstack-cf-access"
    }
    "#);
}

#[tokio::test]
async fn an_update_that_fails_otherwise_is_a_failure() {
    let world = with(&[outdated()]);
    let refused = Failure::new(ErrorName::InvalidConfiguration, "no such parameter");
    world.refuse("cloudformation:UpdateStack", refused);
    let failure = run(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert_eq!(
        failure.cause(),
        "could not update stack meshstack-cf-access: no such parameter"
    );
}

#[tokio::test]
async fn an_operation_that_shows_late_is_waited_for_before_the_next_one() {
    for found in [
        outdated(),
        ours(StackStatus::RollbackComplete),
        ours(StackStatus::UpdateRollbackFailed),
    ] {
        let world = with(std::slice::from_ref(&found));
        world.state_mut().stacks.busy_for = 2;
        let answer = look(&world, &request()).await.unwrap();
        assert_eq!(
            waits_for(&answer),
            "stack meshstack-cf-access has another operation at work on it"
        );
        assert_eq!(answer["Progress"]["Notes"], json!({"Doing": "Wait"}));
        assert_eq!(stacks(&world), std::slice::from_ref(&found));
        look(&world, &next(&request(), &answer)).await.unwrap();
        assert_ne!(stacks(&world), [found]);
    }
}

#[tokio::test]
async fn a_template_that_must_not_be_read_says_how_to_go_on() {
    let world = InMemory::default();
    let denied = Failure::new(ErrorName::AccessDenied, "not allowed");
    world.refuse("cloudformation:GetTemplateSummary", denied);
    let failure = run(&world, &with_url(URL)).await.unwrap_err();
    assert_snapshot!(failure, @r#"could not create stack meshstack-cf-access: not allowed (account 111111111111). Remedy: the access role was taken down and may not do it any more: let the landing zone say "elevation": "when-needed", or have an operator give the power back, as docs/OPERATION.md tells under "Power for a vend"; then send the request again."#);
}

#[tokio::test]
async fn a_landing_zone_without_an_access_stack_has_no_such_step() {
    let mut request = request();
    request.order.landing_zone.settings.access_stack = None;
    let failure = run(&InMemory::default(), &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidState);
}
