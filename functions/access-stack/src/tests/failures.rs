//! Operations that end badly, and calls that are not allowed (any more).
//! The failure is the same at every replay.

use avm_core::config::DowngradeSetting;
use insta::assert_snapshot;

use super::*;

#[tokio::test]
async fn a_creation_of_this_execution_that_failed_ends_the_vend_with_its_first_failed_resource() {
    for end in [
        StackStatus::RollbackComplete,
        StackStatus::RollbackFailed,
        StackStatus::CreateFailed,
    ] {
        let world = World::default();
        world.state().first_failure = Some("Role (AWS::IAM::Role): it exists".to_owned());
        let failure = run(&request(), &world, std::slice::from_ref(&end))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::StackFailed);
        assert_eq!(
            failure.cause(),
            format!(
                "stack meshstack-cf-access was to be created and is {end}: Role (AWS::IAM::Role): it exists"
            )
        );
        assert_eq!(call(&request(), &world).await, Err(failure));
        assert_eq!(world.starts(), ["create"]);
    }
}

#[tokio::test]
async fn the_next_execution_makes_it_again() {
    let world = World::default();
    run(&request(), &world, &[StackStatus::RollbackComplete])
        .await
        .unwrap_err();
    let mut later = request();
    later.execution = later
        .execution
        .as_str()
        .replace("-1", "-2")
        .parse()
        .unwrap();
    let ends = [StackStatus::DeleteComplete, StackStatus::CreateComplete];
    let answer = run(&later, &world, &ends).await.unwrap();
    assert!(is_done(&answer, Change::Recreate));
    assert_eq!(world.starts(), ["create", "delete", "create"]);
}

#[tokio::test]
async fn updates_deletions_and_rollbacks_that_fail_say_so() {
    let mut outdated = ours(StackStatus::CreateComplete);
    outdated.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    for (found, end, words) in [
        (
            &outdated,
            StackStatus::UpdateRollbackComplete,
            "was to be updated and is UPDATE_ROLLBACK_COMPLETE: why",
        ),
        (
            &outdated,
            StackStatus::UpdateRollbackFailed,
            "was to be updated and is UPDATE_ROLLBACK_FAILED: why",
        ),
        (
            &ours(StackStatus::RollbackComplete),
            StackStatus::DeleteFailed,
            "was to be deleted and is DELETE_FAILED: why",
        ),
        (
            &ours(StackStatus::UpdateRollbackFailed),
            StackStatus::UpdateRollbackFailed,
            "was to be rolled back and is UPDATE_ROLLBACK_FAILED: why",
        ),
    ] {
        let mut found = found.clone();
        found.reason = Some("why".to_owned());
        let world = World::with(vec![found]);
        let failure = run(&request(), &world, &[end]).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::StackFailed);
        assert_eq!(
            failure.cause(),
            format!("stack meshstack-cf-access {words}")
        );
    }
}

#[tokio::test]
async fn a_stack_about_which_somebody_has_to_decide_ends_the_vend() {
    let mut found = ours(StackStatus::UpdateFailed);
    found.reason = Some("rollback is disabled".to_owned());
    let world = World::with(vec![found]);
    let failure = call(&request(), &world).await.unwrap_err();
    assert_snapshot!(failure, @"stack meshstack-cf-access is UPDATE_FAILED: rollback is disabled (account 111111111111). Remedy: bring the stack to a complete state or delete it in the account, then send the request again.");
}

#[tokio::test]
async fn a_downgraded_role_that_would_have_to_write_says_how_to_go_on() {
    for (found, doing) in [
        (vec![], "create stack"),
        (vec![ours(StackStatus::RollbackComplete)], "delete stack"),
        (
            vec![ours(StackStatus::UpdateRollbackFailed)],
            "go on with the rollback",
        ),
    ] {
        let world = World::with(found);
        let denied = Failure::new(ErrorName::AccessDenied, "not authorized");
        world.state().fault = Some(Fault::Before(denied));
        let failure = call(&request(), &world).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        assert!(
            failure.cause().starts_with(&format!("could not {doing}")),
            "{failure}"
        );
        assert!(
            failure.remedy().contains("OrganizationAccountAccessRole"),
            "{failure}"
        );
        assert!(world.starts().is_empty());
    }
}

#[tokio::test]
async fn a_stack_that_is_well_and_out_of_date_is_left_as_it_is_by_a_downgraded_role() {
    let mut other_template = ours(StackStatus::CreateComplete);
    other_template.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    let mut other_parameters = ours(StackStatus::UpdateRollbackComplete);
    other_parameters.parameters = [("AutomationAccountId".to_owned(), "444444444444".to_owned())]
        .into_iter()
        .collect();
    for (found, differences) in [
        (other_template, "(another template)"),
        (other_parameters, "(parameters AutomationAccountId)"),
    ] {
        let world = World::with(vec![found.clone()]);
        for _ in 0..2 {
            let denied = Failure::new(ErrorName::AccessDenied, "not authorized");
            world.state().fault = Some(Fault::Before(denied));
            let answer = call(&request(), &world).await.unwrap();
            let Answer::Done(done) = &answer else {
                panic!("{answer:?}");
            };
            assert_eq!((done.change, &done.stack_id), (Change::None, &found.id));
            let drift = done.drift.as_deref().unwrap();
            assert!(
                drift.contains(differences) && drift.contains("OrganizationAccountAccessRole"),
                "{drift}"
            );
        }
        assert_eq!(world.state().stacks, [found]);
        assert!(world.starts().is_empty());
    }
}

#[tokio::test]
async fn a_refused_update_fails_where_the_role_keeps_its_power() {
    let mut found = ours(StackStatus::CreateComplete);
    found.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    let world = World::with(vec![found]);
    let denied = Failure::new(ErrorName::AccessDenied, "not authorized");
    world.state().fault = Some(Fault::Before(denied));
    let mut request = request();
    request.order.landing_zone.settings.downgrade = DowngradeSetting::None;
    let failure = call(&request, &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}

#[tokio::test]
async fn a_drift_is_found_even_when_the_template_must_not_be_read_and_shown_in_words() {
    let world = World::with(vec![ours(StackStatus::UpdateComplete)]);
    let request = with_url("https://bucket.s3.amazonaws.com/a.yaml");
    let answer = call(&request, &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "StackName": "meshstack-cf-access",
      "StackId": "arn:aws:cloudformation:eu-central-1:111111111111:stack/meshstack-cf-access/0",
      "Change": "none",
      "Drift": "stack meshstack-cf-access is not what the landing zone wants (another template), and the access role may not update it. Remedy: attach AdministratorAccess to that role through OrganizationAccountAccessRole and send the request again with \"Force\", which takes it away in the end; detach it if that vend fails."
    }
    "#);
}

#[tokio::test]
async fn an_update_that_fails_otherwise_is_a_failure() {
    let mut outdated = ours(StackStatus::CreateComplete);
    outdated.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    let world = World::with(vec![outdated]);
    let refused = Failure::new(ErrorName::InvalidConfiguration, "no such parameter");
    world.state().fault = Some(Fault::Before(refused));
    let failure = call(&request(), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert_eq!(
        failure.cause(),
        "could not update stack meshstack-cf-access: no such parameter"
    );
}

#[tokio::test]
async fn an_operation_that_shows_late_is_waited_for_before_the_next_one() {
    let mut outdated = ours(StackStatus::CreateComplete);
    outdated.mark.as_mut().unwrap().template = "sha256:0".to_owned();
    for found in [
        outdated,
        ours(StackStatus::RollbackComplete),
        ours(StackStatus::UpdateRollbackFailed),
    ] {
        let world = World::with(vec![found]);
        world.state().is_busy = true;
        let answer = call(&request(), &world).await.unwrap();
        assert!(
            matches!(&answer, Answer::Pending { waiting_for, progress: Progress::Wait }
                if waiting_for == "stack meshstack-cf-access has another operation at work on it"),
            "{answer:?}"
        );
        assert!(world.starts().is_empty());
        world.state().is_busy = false;
        call(&next(&request(), &answer), &world).await.unwrap();
        assert_eq!(world.starts().len(), 1);
    }
}

#[tokio::test]
async fn a_template_that_must_not_be_read_says_how_to_go_on() {
    let failure = call(
        &with_url("https://bucket.s3.amazonaws.com/a.yaml"),
        &World::default(),
    )
    .await
    .unwrap_err();
    assert_snapshot!(failure, @"could not create stack meshstack-cf-access: not allowed (account 111111111111). Remedy: a downgraded access role may only look at stacks: attach AdministratorAccess to it through OrganizationAccountAccessRole and send the request again, which takes it away in the end; detach it if that vend fails.");
}

#[tokio::test]
async fn a_landing_zone_without_an_access_stack_has_no_such_step() {
    let mut request = request();
    request.order.landing_zone.settings.access_stack = None;
    let failure = call(&request, &World::default()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidState);
}
