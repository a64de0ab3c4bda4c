//! Members: those whom the request names, and no others; nobody's name in an answer.

use avm_core::contract::order::LeftOut;
use insta::assert_snapshot;

use super::*;

#[tokio::test]
async fn members_are_left_as_they_are_where_the_request_says_nothing_of_them() {
    let world = usual_world();
    add_group(&world, "mst-space.shop.admin", Some(&ours()), &["cem"]);
    let done = run(&request(&[("admin", &["Admin"])], None), &world)
        .await
        .unwrap();
    assert_eq!((done.added, done.removed), (0, 0));
    assert_eq!(members(&world, "mst-space.shop.admin"), ["id-of-cem"]);
}

#[tokio::test]
async fn a_mapped_role_that_the_request_does_not_name_has_no_members() {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    let without_readers = request(
        &[("admin", &["Admin", "ReadOnly"]), ("reader", &["ReadOnly"])],
        Some(json!({"admin": ["bea"], "other": ["cem"]})),
    );
    let done = run(&without_readers, &world).await.unwrap();
    assert_eq!((done.added, done.removed), (1, 3));
    assert_snapshot!(done.drift.as_deref().unwrap(), @"1 project role of RoleBindings ignored, since landing zone sandbox does not map them in singleSignOn. Remedy: none if that is meant, else correct the spelling or add the mapping.");
    assert_eq!(members(&world, "mst-space.shop.admin"), ["id-of-bea"]);
    assert!(members(&world, "mst-space.shop.reader").is_empty());
    // Groups and assignments stay.
    assert!(done.unassigned.is_empty());
    assert_eq!(assigned(&world).len(), 3);
}

#[tokio::test]
async fn people_whom_nobody_knows_yet_do_not_keep_the_others_out() {
    let world = usual_world();
    let request = request(
        &[("admin", &["Admin"]), ("reader", &["ReadOnly"])],
        Some(json!({"admin": ["ada", "zoe"], "reader": ["yan", "zoe", "bea"]})),
    );
    let done = run(&request, &world).await.unwrap();
    assert_snapshot!(done.drift.as_deref().unwrap(), @r#"IAM Identity Center does not know 1 user of project role admin, 2 users of project role reader. Remedy: let the identity provider provision them, or take them out of the project, and send the request again with "Force"."#);
    let shown = serde_json::to_string(&done).unwrap();
    for name in ["ada", "bea", "zoe", "yan"] {
        assert!(!shown.contains(name), "{shown}");
    }
    assert_eq!(members(&world, "mst-space.shop.admin"), ["id-of-ada"]);

    // Once they are known they come in, and the drift is gone.
    for name in ["zoe", "yan"] {
        world.state_mut().identity_store.know(name);
    }
    let done = run(&request, &world).await.unwrap();
    assert_eq!((done.added, done.drift), (3, None));
}

#[tokio::test]
async fn a_name_in_another_case_is_the_person_whom_the_directory_has_in_lower_case() {
    let world = usual_world();
    world.state_mut().identity_store.know("Cem");
    let request = request(
        &[("admin", &["Admin"])],
        Some(json!({"admin": ["Ada", "ada", "BEA", "Cem", "Zoe"]})),
    );
    for added in [3, 0] {
        let done = run(&request, &world).await.unwrap();
        assert_eq!((done.added, done.removed), (added, 0));
        let drift = done.drift.unwrap();
        assert!(
            drift.contains("1 user of project role admin") && !drift.contains("Zoe"),
            "{drift}"
        );
    }
    assert_eq!(
        members(&world, "mst-space.shop.admin"),
        ["id-of-Cem", "id-of-ada", "id-of-bea"]
    );
    // Whoever is found at once is not asked for again.
    world.forget_journal();
    run(&usual(), &world).await.unwrap();
    let journal = world.journal();
    let asked = journal
        .iter()
        .filter(|entry| entry.words.starts_with("identitystore:GetUserId"));
    assert_eq!(asked.count(), 2);
}

#[tokio::test]
async fn what_the_entry_point_has_left_out_is_told_by_its_number() {
    let world = usual_world();
    let mut request = usual();
    for (roles, users, words) in [
        (1, 0, "1 key that can be no project role"),
        (0, 1, "1 user whose name nobody can have"),
        (
            2,
            3,
            "2 keys that can be no project roles and 3 users whose names nobody can have",
        ),
    ] {
        request.order.request.left_out = LeftOut { roles, users };
        let drift = run(&request, &world).await.unwrap().drift.unwrap();
        let expected = format!("Left out of RoleBindings: {words}. Remedy: ");
        assert!(drift.starts_with(&expected), "{drift}");
    }
}

#[tokio::test]
async fn groups_that_are_made_for_nobody_are_told() {
    let world = usual_world();
    let mappings: &[(&str, &[&str])] = &[("admin", &["Admin"]), ("reader", &["ReadOnly"])];
    add_group(&world, "mst-space.shop.admin", Some(&ours()), &["cem"]);
    let done = run(&request(mappings, None), &world).await.unwrap();
    assert_snapshot!(done.drift.as_deref().unwrap(), @"The request has no RoleBindings, so that nobody is put into the new groups mst-space.shop.reader, and nobody gets into the account through them. Remedy: let the sender name the people of each project role in RoleBindings, or put them into the groups in IAM Identity Center.");
    // From then on their members are somebody else's.
    let done = run(&request(mappings, None), &world).await.unwrap();
    assert_eq!(done.drift, None);
}

#[tokio::test]
async fn somebody_who_is_known_under_another_name_now_has_to_be_named_so() {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    let bea = "bea".parse().unwrap();
    world.state_mut().identity_store.people.remove(&bea);
    let done = run(&usual(), &world).await.unwrap();
    assert_eq!(done.removed, 1);
    assert!(done.drift.is_some());
    assert_eq!(members(&world, "mst-space.shop.reader"), ["id-of-ada"]);
}

#[tokio::test]
async fn many_people_are_moved_in_several_calls() {
    let names: Vec<String> = (0..450).map(|number| format!("person{number}")).collect();
    let people: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = InMemory::with(|state| {
        state.identity_center.offer("Admin");
        for name in &people {
            state.identity_store.know(name);
        }
    });
    let request = request(&[("admin", &["Admin"])], Some(json!({ "admin": people })));
    let answer = call(&request, &world).await.unwrap();
    assert_snapshot!(waiting_for(&answer), @"assignments at work: 1; changes of members to follow: 250");
    let done = run(&request, &world).await.unwrap();
    assert_eq!(done.added, 250);
    let writes = world.writes();
    let added = writes
        .iter()
        .filter_map(|write| write.strip_prefix("identitystore:CreateGroupMembership "));
    let added: Vec<&str> = added.collect();
    assert_eq!(added, ["200 in g1", "200 in g1", "50 in g1"]);
}

#[tokio::test]
async fn roles_share_a_group_only_where_they_may_do_the_same() {
    let sharing = |reader: &'static [&'static str]| {
        let mut request = request(
            &[("admin", &["Admin"]), ("reader", reader)],
            Some(json!({"admin": ["ada"], "reader": ["bea"]})),
        );
        for name in request.order.names.groups.values_mut() {
            *name = "mst-space.shop".parse().unwrap();
        }
        request
    };
    let world = usual_world();
    let done = run(&sharing(&["Admin"]), &world).await.unwrap();
    assert_eq!((done.groups.len(), done.added), (1, 2));
    assert_eq!(
        members(&world, "mst-space.shop"),
        ["id-of-ada", "id-of-bea"]
    );

    let world = usual_world();
    let failure = run(&sharing(&["ReadOnly"]), &world).await.unwrap_err();
    assert_snapshot!(failure, @"/avm/platform, field singleSignOn.groupNamePattern: project role reader gets the group mst-space.shop of another role, which has other permission sets; the pattern must contain %4$s (account 111111111111). Remedy: correct the named field of the configuration document, deploy it, and send the request again.");
    assert!(world.writes().is_empty());
}
