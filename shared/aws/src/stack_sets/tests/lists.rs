//! What is listed of StackSets and of their instances in an account.
//! From all pages, and only what one rolls out oneself.

use super::*;

#[tokio::test]
async fn active_stack_sets_of_our_own_rolling_out_are_listed_from_all_pages() {
    let summary = |name: &str, model: PermissionModels| {
        StackSetSummary::builder()
            .stack_set_name(name)
            .permission_model(model)
            .build()
    };
    let first = mock!(Client::list_stack_sets)
        .match_requests(|request| {
            request.status() == Some(&StackSetStatus::Active) && request.next_token().is_none()
        })
        .then_output(move || {
            ListStackSetsOutput::builder()
                .summaries(summary("avm-landing-zone", PermissionModels::SelfManaged))
                .summaries(summary("units", PermissionModels::ServiceManaged))
                .next_token("more")
                .build()
        });
    let second = mock!(Client::list_stack_sets)
        .match_requests(|request| request.next_token() == Some("more"))
        .then_output(move || {
            let other = summary("avm-other", PermissionModels::SelfManaged);
            ListStackSetsOutput::builder().summaries(other).build()
        });
    let found = stack_sets(&[&first, &second]).list_stack_sets().await;
    let names: Vec<String> = found.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["avm-landing-zone", "avm-other"]);
}

#[tokio::test]
async fn instances_of_one_account_are_listed_by_their_regions() {
    let listed = mock!(Client::list_stack_instances)
        .match_requests(|request| {
            request.stack_set_name() == Some("avm-landing-zone")
                && request.stack_instance_account() == Some("111111111111")
        })
        .then_output(|| {
            let there = StackInstanceSummary::builder().region("eu-west-1").build();
            ListStackInstancesOutput::builder().summaries(there).build()
        });
    let InstancePlace {
        stack_set,
        account,
        region,
    } = place();
    let found = stack_sets(&[&listed])
        .regions_of_instances(&stack_set, &account)
        .await;
    assert_eq!(found.unwrap(), BTreeSet::from([region]));
}
