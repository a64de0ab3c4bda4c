//! The execution role: made before it is needed, or refused, and afterwards kept, or removed if it is the machine's own.
//! Where the access role may not (any more), the answer or the failure says so.

use avm_core::domain::PolicyDocument;
use avm_core::error::{ErrorName, Failure, Kind};
use avm_core::ports::account_factory::{Problem, ProductStatus};
use avm_world::InMemory;
use avm_world::iam::{Role, attached};
use avm_world::organizations::ROOT;
use insta::assert_snapshot;
use serde_json::json;

use super::{
    ADMINISTRATOR, Change, EXECUTION_ROLE, RoleOutcome, SANDBOX, WORKLOADS, call, count, downgrade,
    enrolled, fails, id, next, placed, removing, request, role, role_of_control_tower, run,
    set_role, trust_of,
};
use crate::role::OURS;

const OTHER_POLICY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const BOUNDARY: &str = "arn:aws:iam::111111111111:policy/company/Boundary";

/// A machine whose roles have the company's boundary.
fn bounded(mut world: InMemory) -> InMemory {
    world.boundary = "company/Boundary".parse().unwrap();
    world
}

fn enrolls_with(role: Role) -> InMemory {
    let world = placed(ROOT);
    set_role(&mut world.state_mut(), role);
    world
}

fn trusting(trust: PolicyDocument) -> Role {
    Role::trusting(trust).with_attached(&[ADMINISTRATOR])
}

#[tokio::test]
async fn a_role_of_the_machine_stays_with_the_account_unless_the_platform_says_otherwise() {
    let world = placed(ROOT);
    let done = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Kept));
    let role = role(&world).unwrap();
    assert_eq!(role.trust, role_of_control_tower().trust);
    assert_eq!(role.attached, role_of_control_tower().attached);
}

#[tokio::test]
async fn the_role_is_made_with_the_companys_boundary_as_soon_as_the_account_has_it() {
    let world = bounded(placed(ROOT));
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    assert_eq!((role(&world), count(&world, "servicecatalog:")), (None, 0));

    world.state_mut().iam.policies.insert(BOUNDARY.to_owned());
    run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(role(&world).unwrap().boundary.as_deref(), Some(BOUNDARY));
}

/// Another limit may be somebody's who planted the role; that of the company is no limit that the machine does not give.
#[tokio::test]
async fn a_role_with_the_companys_boundary_is_used_and_one_with_another_is_not() {
    let with = |boundary: Option<&str>| Role {
        boundary: boundary.map(str::to_owned),
        ..role_of_control_tower()
    };
    for boundary in [None, Some(BOUNDARY)] {
        let world = bounded(enrolls_with(with(boundary)));
        run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(role(&world).unwrap().boundary.as_deref(), boundary);
    }
    let world = bounded(enrolls_with(with(Some(OTHER_POLICY))));
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::NameTaken);
}

#[tokio::test]
async fn a_platform_that_wants_it_removed_gets_it_removed() {
    let world = placed(ROOT);
    let done = run(&world, &removing(SANDBOX)).await.unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Removed));
    assert_eq!(role(&world), None);
    assert_snapshot!(world.writes().join("\n"), @r"
    iam:CreateRole AWSControlTowerExecution
    iam:AttachRolePolicy AWSControlTowerExecution arn:aws:iam::aws:policy/AdministratorAccess
    servicecatalog:ProvisionProduct avm-111111111111 into Sandbox (ou-ab12-00000001) by pa-1
    iam:DetachRolePolicy AWSControlTowerExecution arn:aws:iam::aws:policy/AdministratorAccess
    iam:DeleteRole AWSControlTowerExecution
    ");
}

#[tokio::test]
async fn a_role_that_an_earlier_vend_has_left_is_removed_by_the_next_one() {
    for is_wanted in [false, true] {
        let world = enrolled(SANDBOX);
        let ours = Role {
            description: Some(OURS.to_owned()),
            ..role_of_control_tower()
        };
        set_role(&mut world.state_mut(), ours);
        let (request, outcome) = if is_wanted {
            (request(SANDBOX), None)
        } else {
            (removing(SANDBOX), Some(RoleOutcome::Removed))
        };
        let done = run(&world, &request).await.unwrap();
        assert_eq!((done.change, done.execution_role), (Change::None, outcome));
        assert_eq!(role(&world).is_some(), is_wanted);
    }
}

#[tokio::test]
async fn a_role_that_is_right_is_not_written_and_not_removed() {
    let by_id = trusting(trust_of("333333333333"));
    let spelled = trusting(PolicyDocument::new(json!({"Statement": [
        {"Sid": "x", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::333333333333:root"]},
         "Action": ["sts:assumeRole"], "Condition": {}},
    ]})));
    for found in [role_of_control_tower(), by_id, spelled] {
        for request in [request(SANDBOX), removing(SANDBOX)] {
            let world = enrolls_with(found.clone());
            let done = run(&world, &request).await.unwrap();
            assert_eq!(done.execution_role, Some(RoleOutcome::Kept));
            assert_eq!(role(&world), Some(found.clone()));
            assert_eq!(world.writes().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_role_that_somebody_has_planted_is_refused_and_gets_no_power() {
    let allow = json!({
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::333333333333:root"}, "Action": "sts:AssumeRole"
    });
    let with = |name: &str, value: serde_json::Value| {
        let mut statement = allow.clone();
        statement[name] = value;
        Role::trusting(PolicyDocument::new(json!({ "Statement": statement })))
    };
    let attacker =
        json!({"AWS": ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"]});
    let both = json!([allow, {"Effect": "Allow", "Principal": {"AWS": "444444444444"}, "Action": "sts:AssumeRole"}]);
    let right = Role::trusting(trust_of("arn:aws:iam::333333333333:root"));
    let inline = [("more".to_owned(), PolicyDocument::of_text("{}"))];
    for planted in [
        with("Principal", attacker.clone()),
        with("Principal", attacker).with_attached(&[ADMINISTRATOR]),
        with("Principal", json!("*")),
        with(
            "Principal",
            json!({"AWS": "arn:aws:iam::333333333333:root", "Federated": "x"}),
        ),
        with("Action", json!(["sts:AssumeRole", "sts:TagSession"])),
        with("Effect", json!("Deny")),
        with(
            "Condition",
            json!({"StringEquals": {"sts:ExternalId": "x"}}),
        ),
        with("NotAction", json!("iam:*")),
        Role::trusting(PolicyDocument::new(json!({ "Statement": both }))),
        Role::trusting(PolicyDocument::of_text("no JSON")),
        trusting(trust_of("arn:aws:iam::444444444444:root")),
        Role {
            boundary: Some(OTHER_POLICY.to_owned()),
            ..role_of_control_tower()
        },
        Role {
            boundary: Some(BOUNDARY.to_owned()),
            ..role_of_control_tower()
        },
        // Nothing but what hangs on them tells these.
        right.clone().with_attached(&[OTHER_POLICY]),
        Role {
            inline: inline.into(),
            ..right
        },
    ] {
        // What a role says of its maker may have been forged.
        for description in [None, Some(OURS.to_owned())] {
            let planted = Role {
                description,
                ..planted.clone()
            };
            let world = enrolls_with(planted.clone());
            let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::NameTaken, "{planted:?}");
            assert_eq!(role(&world), Some(planted));
            assert_eq!(
                (
                    count(&world, "iam:Attach"),
                    count(&world, "servicecatalog:")
                ),
                (0, 0)
            );
        }
    }
}

#[tokio::test]
async fn a_role_without_power_is_made_anew_which_ends_its_sessions() {
    let world = enrolls_with(role_of_control_tower().with_attached(&[]));
    run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(
        world.writes()[..3],
        [
            "iam:DeleteRole AWSControlTowerExecution".to_owned(),
            "iam:CreateRole AWSControlTowerExecution".to_owned(),
            format!("iam:AttachRolePolicy {EXECUTION_ROLE} {ADMINISTRATOR}"),
        ]
    );
    assert_eq!(role(&world).unwrap().description.as_deref(), Some(OURS));
}

#[tokio::test]
async fn a_role_that_a_control_guards_stays_and_the_answer_says_so() {
    let world = placed(ROOT);
    world.state_mut().control_tower.guards_roles = true;
    let done = run(&world, &removing(SANDBOX)).await.unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Guarded));
    assert!(role(&world).is_some());
}

#[tokio::test]
async fn a_role_to_which_somebody_has_attached_more_stays() {
    let world = placed(ROOT);
    let answer = call(&world, &removing(SANDBOX)).await.unwrap();
    let more = attached(OTHER_POLICY);
    {
        let mut state = world.state_mut();
        let roles = state.iam.of(&id());
        let found = roles.get_mut(EXECUTION_ROLE).unwrap();
        found.attached.insert(more.clone());
    }
    let done = run(&world, &next(&removing(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Kept));
    assert_eq!(role(&world).unwrap().attached, [more].into());
    let writes = world.writes().len();
    let again = run(&world, &removing(SANDBOX)).await.unwrap();
    assert_eq!(again.execution_role, Some(RoleOutcome::Kept));
    assert_eq!(world.writes().len(), writes);
}

#[tokio::test]
async fn a_role_that_is_gone_already_is_absent() {
    let world = placed(ROOT);
    let answer = call(&world, &removing(SANDBOX)).await.unwrap();
    world.state_mut().tick();
    world.state_mut().iam.of(&id()).clear();
    let done = run(&world, &next(&removing(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Absent));
}

#[tokio::test]
async fn a_new_role_that_is_not_visible_yet_is_tried_again() {
    let world = placed(ROOT);
    world.state_mut().iam.late_attachments = 1;
    let failure = call(&world, &request(SANDBOX)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    assert_eq!(failure.name().kind(), Kind::Busy);
    assert_eq!(
        failure.cause(),
        "could not prepare the role AWSControlTowerExecution: IAM does not show the role when AdministratorAccess is attached"
    );
    let done = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::Enrolled);
}

#[tokio::test]
async fn what_iam_refuses_is_told_before_anything_is_enrolled() {
    let world = placed(ROOT);
    let refused = EXECUTION_ROLE.to_owned();
    world.state_mut().iam.refused.insert(refused);
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentNotPossible);
    assert_eq!(
        failure.cause(),
        "could not prepare the role AWSControlTowerExecution: IAM refuses iam:CreateRole on \
         arn:aws:iam::111111111111:role/AWSControlTowerExecution"
    );
    assert_eq!(world.writes(), ["iam:CreateRole AWSControlTowerExecution"]);
}

#[tokio::test]
async fn a_removal_that_iam_refuses_or_that_has_to_wait_fails_under_its_name() {
    for name in [ErrorName::EnrolmentFailed, ErrorName::Throttled] {
        let world = placed(ROOT);
        let answer = call(&world, &removing(SANDBOX)).await.unwrap();
        world.refuse("iam:DetachRolePolicy", Failure::new(name, "not now"));
        let failure = run(&world, &next(&removing(SANDBOX), &answer))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), name);
    }
}

#[tokio::test]
async fn a_downgraded_access_role_that_would_have_to_make_it_says_what_to_do_by_hand() {
    for found in [None, Some(role_of_control_tower().with_attached(&[]))] {
        let world = placed(ROOT);
        if let Some(found) = found {
            set_role(&mut world.state_mut(), found);
        }
        downgrade(&world);
        let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        insta::allow_duplicates! {
            assert_snapshot!(failure, @"could not prepare the role AWSControlTowerExecution: not authorized (account 111111111111). Remedy: the access role may not prepare the role (it has been downgraded, or a service control policy forbids it): make the role AWSControlTowerExecution in the account through OrganizationAccountAccessRole, with the trust policy that lets arn:aws:iam::333333333333:root call sts:AssumeRole and with the policy AdministratorAccess attached, then send the request again.");
        }
        assert_eq!(count(&world, "servicecatalog:"), 0);
    }
}

#[tokio::test]
async fn a_downgraded_access_role_is_enough_for_an_account_that_is_enrolled() {
    for (request, outcome) in [
        (request(SANDBOX), RoleOutcome::Kept),
        (removing(SANDBOX), RoleOutcome::Absent),
    ] {
        let world = enrolled(WORKLOADS);
        downgrade(&world);
        let done = run(&world, &request).await.unwrap();
        assert_eq!(
            (done.change, done.execution_role),
            (Change::Moved, Some(outcome))
        );
    }
}

#[tokio::test]
async fn an_enrollment_that_is_given_up_tells_of_a_role_that_had_to_stay() {
    let world = placed(ROOT);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    fails(&world, Problem::Unknown, "why", ProductStatus::Error);
    downgrade(&world);
    let failure = run(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap_err();
    assert_eq!(
        failure.cause(),
        "the Account Factory could not enroll the account: why; the role AWSControlTowerExecution is still in the account"
    );
    assert!(role(&world).is_some());
}
