//! Access roles in every state, with and without work that needs their power, and accounts that are held elsewhere.
//! The steps that are asked look into the same world.

use access_stack::AccessStack;
use avm_core::config::{DowngradePolicy, Elevation as Setting};
use avm_core::contract::call::Nothing;
use avm_core::domain::{LANDING_ZONE_KEY, PolicyDocument};
use avm_core::rules::minimum_policy::document;
use avm_core::testing::{account, call, order};
use avm_world::iam::Role;
use avm_world::{InMemory, State, drive, plan_of, replay};
use serde_json::{Value, json};

use super::*;

const ACCESS_ROLE: &str = "MeshstackAccountAccessRole";

fn request() -> Call {
    let mut order = order();
    order.landing_zone.settings.elevation = Setting::WhenNeeded;
    call(order, Nothing)
}

fn minimum() -> (String, PolicyDocument) {
    let id = account().account_id;
    let role = ACCESS_ROLE.parse().unwrap();
    let minimum = document(DowngradePolicy::Standard, "aws", &id, &role);
    (MINIMUM_POLICY.to_owned(), minimum)
}

fn role(inline: Vec<(String, PolicyDocument)>) -> Role {
    Role {
        inline: inline.into_iter().collect(),
        ..Role::trusting(PolicyDocument::new(json!({})))
    }
}

/// The project's account, with that access role.
fn having(role: Role) -> impl Fn(&mut State) {
    move |state| {
        let id = account().account_id;
        let owner = [("avm:workspace", "space"), ("avm:project", "shop")];
        state.organizations.account(&id).tag(&owner);
        let roles = state.iam.of(&id);
        roles.insert(ACCESS_ROLE.to_owned(), role.clone());
    }
}

fn world(role: Role) -> InMemory {
    InMemory::with(having(role))
}

fn taken_down() -> InMemory {
    world(role(vec![minimum()]))
}

async fn given_for(world: &InMemory) -> Value {
    drive::<Elevation>(world, &request()).await.unwrap()["GivenFor"].clone()
}

fn elevation_of(world: &InMemory) -> Option<PolicyDocument> {
    let state = world.state();
    let role = state.iam.find(&account().account_id, ACCESS_ROLE).unwrap();
    role.inline.get(ELEVATION_POLICY).cloned()
}

async fn words(world: &InMemory) -> String {
    let plan = plan_of::<Elevation>(world, &request()).await.unwrap();
    plan["Words"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_role_that_was_taken_down_gets_its_power_back_for_what_needs_it() {
    let world = taken_down();
    assert!(words(&world).await.ends_with("for AccessStack"));
    assert_eq!(given_for(&world).await, "AccessStack");
    let document = elevation_of(&world).unwrap();
    assert!(power::is_valid(&document, "2026-11-05T21:59:59Z"));
    assert!(!power::is_valid(&document, "2026-11-05T22:00:01Z"));
}

#[tokio::test]
async fn where_nothing_needs_it_the_role_is_left_as_it_is() {
    let world = taken_down();
    let first = call(request().order, Nothing);
    drive::<AccessStack>(&world, &first).await.unwrap();
    world.forget_journal();
    assert!(words(&world).await.ends_with("nothing needs it"));
    assert_eq!(given_for(&world).await, Value::Null);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_role_that_was_never_taken_down_or_cannot_be_reached_is_left_as_it_is() {
    let never = world(role(Vec::new()));
    assert!(words(&never).await.ends_with("was never taken down"));
    let unreached = taken_down();
    unreached.close(Door::Downgrade);
    for world in [never, unreached] {
        assert_eq!(given_for(&world).await, Value::Null);
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn a_landing_zone_that_does_not_say_so_gives_no_power() {
    let world = taken_down();
    let failure = drive::<Elevation>(&world, &call(order(), Nothing)).await;
    assert_eq!(failure.unwrap_err().name(), ErrorName::InvalidState);
    assert!(world.opened().is_empty());
}

#[tokio::test]
async fn an_account_that_is_held_elsewhere_or_is_anothers_gets_no_power() {
    for tags in [[(LANDING_ZONE_KEY, "another")], [("avm:workspace", "moon")]] {
        let world = taken_down();
        let id = account().account_id;
        world.state_mut().organizations.account(&id).tag(&tags);
        assert_eq!(given_for(&world).await, Value::Null);
        assert_eq!(elevation_of(&world), None);
    }
    let world = taken_down();
    let own = request().order.landing_zone.name.to_string();
    let tags = [(LANDING_ZONE_KEY, own.as_str())];
    let id = account().account_id;
    world.state_mut().organizations.account(&id).tag(&tags);
    assert_eq!(given_for(&world).await, "AccessStack");
}

#[tokio::test]
async fn power_that_has_ended_or_is_not_the_machines_is_given_anew() {
    let endless = json!({"Version": "2012-10-17", "Statement": []});
    for left in [
        power::elevation("2026-11-05T11:00:00Z"),
        PolicyDocument::new(endless),
    ] {
        let world = world(role(vec![minimum(), (ELEVATION_POLICY.to_owned(), left)]));
        assert_eq!(given_for(&world).await, "AccessStack");
        let document = elevation_of(&world).unwrap();
        assert!(power::is_valid(&document, "2026-11-05T21:00:00Z"));
    }
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    let found = having(role(vec![minimum()]));
    Box::pin(replay::<Elevation>(found, &request())).await;
}

/// What is asked of other steps is asked through roles that cannot write.
#[tokio::test]
async fn only_the_role_of_the_downgrade_is_entered_to_write() {
    let world = taken_down();
    given_for(&world).await;
    for entry in world.journal() {
        let may_write = entry.door == Door::Downgrade;
        assert!(may_write || !entry.is_write, "{entry:?}");
    }
    assert!(!world.opened().contains(&Door::Access));
}
