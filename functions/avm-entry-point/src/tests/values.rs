//! Values of a request: those that are too long for what they go to, and tags that are no texts.
//! What is told of them never repeats one.

use super::*;

#[tokio::test]
async fn an_order_that_is_too_long_is_refused_before_any_execution() {
    let world = World::configured();
    // No tag is too long for a stack; a quotation mark has two bytes in JSON.
    let tags = |count: usize| {
        let tags = (0..count).map(|index| (format!("tagLong{index}"), json!("\"".repeat(4_096))));
        with(&Value::Object(tags.collect()))
    };
    let failure = refused(&world, &tags(31)).await;
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    assert!(
        failure
            .cause()
            .starts_with("tag…, RoleBindings: the order must have at most 245760 bytes"),
        "{failure}"
    );
    let answer = call(&world, &tags(24)).await;
    assert_eq!(answer.unwrap().status, Status::Started);
}

#[tokio::test]
async fn a_value_that_no_parameter_of_a_stack_holds_is_refused_where_there_are_stacks() {
    let long = with(&json!({"tagText": "x".repeat(4_097), "CostCenter": "x".repeat(4_097)}));
    let failure = refused(&World::configured(), &long).await;
    assert_eq!(
        failure.cause(),
        "tagText: must have at most 4096 bytes, not 4097: the landing zone has stacks, and CloudFormation takes no longer \
         value of a parameter; CostCenter: must have at most 4096 bytes, not 4097: the landing zone has stacks, and \
         CloudFormation takes no longer value of a parameter"
    );
    let world = World::configured();
    let mut zone = landing_zone("standard");
    zone.as_object_mut().unwrap().remove("stackSets");
    world.put("/avm/landing-zones/sandbox", &zone);
    let answer = call(&world, &long).await.unwrap();
    assert_eq!(answer.status, Status::Started);
    assert!(answer.message.contains("tagText: value cut at 256"));
}

#[tokio::test]
async fn a_tag_that_is_no_text_is_told_and_is_the_request_of_its_text() {
    let world = World::configured();
    let selected = |values: Value| with(&json!({"tagTeams": values}));
    let answer = call(&world, &selected(json!(["b", "a"]))).await.unwrap();
    assert_eq!(answer.status, Status::Started);
    assert!(
        answer
            .message
            .ends_with("tagTeams: a list, its values put together with / between them."),
        "{}",
        answer.message
    );
    for values in [json!(["a", "b"]), json!("a/b")] {
        let again = call(&world, &selected(values)).await.unwrap();
        assert_eq!(again.status, Status::Running);
    }
}
