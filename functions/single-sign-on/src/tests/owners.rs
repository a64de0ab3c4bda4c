//! Groups that have the name of a mapping's group already: this project's are used, those of others are refused.
//! A refusal writes nothing: nobody is put into such a group or taken out of it, and it is assigned to nothing.

use avm_core::error::ErrorName;
use avm_core::rules::group_owner::FORMER_MARK;

use super::*;

const ADMINS: &str = "mst-space.shop.admin";
const OTHER_ACCOUNT: &str = "444444444444";

async fn refusal(world: &InMemory, request: &Call) -> Failure {
    let before = world.state().identity_store.clone();
    let failure = run(request, world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::NameTaken, "{failure}");
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    assert_eq!(world.state().identity_store.groups, before.groups);
    failure
}

/// The group of administrators with somebody in it, and with what its description and its external id say.
fn add_marked_group(
    world: &InMemory,
    description: Option<&str>,
    external_id: Option<&str>,
) -> GroupId {
    let group = add_group(world, ADMINS, description, &["cem"]);
    let groups = &mut world.state_mut().identity_store.groups;
    groups.get_mut(&group).unwrap().external_id = external_id.map(str::to_owned);
    group
}

#[tokio::test]
async fn a_group_that_names_this_project_is_used() {
    for is_scim in [false, true] {
        let world = usual_world();
        let external_id = format!("{}, group 01", ours());
        add_marked_group(&world, Some(&ours()), Some(&external_id));
        let request = if is_scim {
            through_scim(usual())
        } else {
            usual()
        };
        let done = run(&request, &world).await.unwrap();
        assert_eq!((done.created.len(), done.removed), (1, 1));
        assert_eq!(members(&world, ADMINS), ["id-of-ada"]);
    }
}

#[tokio::test]
async fn a_group_without_an_owner_or_with_another_one_is_refused() {
    let of_another = GroupOwner::new("space-shop", "admin");
    for mark in [
        None,
        Some(""),
        Some("Administrators"),
        Some(of_another.mark()),
        Some(FORMER_MARK),
    ] {
        for is_scim in [false, true] {
            let world = usual_world();
            let group = add_marked_group(&world, mark, mark);
            assign(&world, OTHER_ACCOUNT, &group, "Admin");
            let request = if is_scim {
                through_scim(usual())
            } else {
                usual()
            };
            let failure = refusal(&world, &request).await;
            assert!(failure.cause().contains(ADMINS), "{failure}");
            let field = if is_scim { "externalId" } else { "description" };
            assert!(
                failure.remedy().contains(&format!("the {field}")),
                "{failure}"
            );
            assert!(plan_of::<SingleSignOn>(&world, &request).await.is_err());
        }
    }
}

#[tokio::test]
async fn a_group_of_an_earlier_version_is_this_projects_if_it_leads_into_this_account_only() {
    for (accounts, is_ours) in [
        (&[ACCOUNT][..], true),
        (&[ACCOUNT, OTHER_ACCOUNT], false),
        (&[OTHER_ACCOUNT], false),
        (&[], false),
    ] {
        let world = usual_world();
        let group = add_group(&world, ADMINS, Some(FORMER_MARK), &["cem"]);
        for account in accounts {
            assign(&world, account, &group, "Billing");
        }
        if !is_ours {
            refusal(&world, &usual()).await;
            continue;
        }
        let done = run(&usual(), &world).await.unwrap();
        assert_eq!(done.unassigned, ["mst-space.shop.admin: Billing"]);
        assert_eq!(members(&world, ADMINS), ["id-of-ada"]);
        world.forget_journal();
        run(&usual(), &world).await.unwrap();
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn a_group_of_an_earlier_version_stays_this_projects_while_its_assignment_is_replaced() {
    let world = usual_world();
    let group = add_group(&world, ADMINS, Some(FORMER_MARK), &[]);
    assign(&world, ACCOUNT, &group, "Billing");
    let request = request(&[("admin", &["Admin"])], Some(json!({"admin": ["ada"]})));
    let answer = call(&request, &world).await.unwrap();
    let next = next(&request, &answer);
    world.state_mut().identity_center.assignments.clear();
    call(&next, &world).await.unwrap();
}

#[tokio::test]
async fn a_group_that_others_make_at_the_same_moment_is_refused() {
    let world = usual_world();
    world.state_mut().identity_store.hides_groups = true;
    add_group(&world, ADMINS, None, &["cem"]);
    let plan = plan_of::<SingleSignOn>(&world, &usual()).await.unwrap();
    assert!(
        plan["Words"]
            .as_str()
            .unwrap()
            .starts_with("make group mst-space.shop.admin")
    );
    let failure = run(&usual(), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    world.state_mut().identity_store.hides_groups = false;
    world.forget_journal();
    refusal(&world, &usual()).await;
    assert_eq!(members(&world, ADMINS), ["id-of-cem"]);
}
