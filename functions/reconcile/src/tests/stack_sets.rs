//! Instances that the landing zone does not name any more: told with the command that takes them away, and left.
//! The StackSets of others are not looked at.

use super::*;

const EVENT: [&str; 2] = ["avm-landing-zone", "avm-network"];

fn with_instances(places: &[(&str, &str)]) -> InMemory {
    world_of(|state| {
        for (name, region) in places {
            let name = *name;
            if !state.stack_sets.held.contains_key(&name.parse().unwrap()) {
                state.stack_sets.add(name, &[]);
            }
            let held = state.stack_sets.of(name);
            held.settle(&id(), region, Parameters::default());
            let neighbour = "777777777777".parse().unwrap();
            held.settle(&neighbour, "ap-south-1", Parameters::default());
        }
    })
}

async fn found(world: &InMemory, stack_sets: &[&str]) -> String {
    let event = json!({"Task": "Look", "Account": id(), "Room": 1000, "StackSets": stack_sets});
    let answer = ask(world, event).await;
    assert_eq!(answer["Downgrade"], false);
    answer["Found"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_instance_of_a_stack_set_that_was_taken_out_is_told_with_the_command_that_removes_it() {
    let world = with_instances(&[
        ("avm-landing-zone", "eu-central-1"),
        ("avm-network", "eu-central-1"),
    ]);
    assert_eq!(
        found(&world, &EVENT).await,
        "111111111111 s 42 StackSet avm-network has an instance in eu-central-1 that the landing zone does not name: aws \
         cloudformation delete-stack-instances --stack-set-name avm-network --accounts 111111111111 --regions eu-central-1 \
         --no-retain-stacks"
    );
}

#[tokio::test]
async fn an_instance_in_a_region_that_is_no_longer_named_is_told() {
    let world = with_instances(&[
        ("avm-landing-zone", "eu-central-1"),
        ("avm-landing-zone", "eu-west-1"),
    ]);
    let told = found(&world, &EVENT[..1]).await;
    assert!(told.contains(" has an instance in eu-west-1 "), "{told}");
    assert!(!told.contains("eu-central-1"), "{told}");
}

#[tokio::test]
async fn what_the_landing_zone_names_is_not_told_nor_a_stack_set_that_is_gone() {
    let world = with_instances(&[("avm-landing-zone", "eu-central-1")]);
    assert_eq!(found(&world, &EVENT).await, "");
}

#[tokio::test]
async fn stack_sets_that_cannot_be_looked_at_are_told() {
    let world = with_instances(&[("avm-landing-zone", "eu-central-1")]);
    let refused = Failure::new(ErrorName::AccessDenied, "refused");
    world.refuse("cloudformation:ListStackInstances", refused);
    assert_eq!(
        found(&world, &EVENT[..1]).await,
        "111111111111 u 42 its StackSets cannot be looked at: refused"
    );
}

#[tokio::test]
async fn only_stack_sets_of_the_machine_are_listed() {
    let world = with_instances(&[
        ("avm-landing-zone", "eu-central-1"),
        ("avm-network", "eu-central-1"),
        ("of-meshstack", "eu-central-1"),
    ]);
    let listed = ask(&world, json!({"Task": "List"})).await;
    assert_eq!(listed["StackSets"], json!(EVENT));
}
