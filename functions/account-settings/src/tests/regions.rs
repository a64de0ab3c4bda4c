//! The regions: which are enabled, how many at once, which are waited for, and when the step gives up.
//! Those that other steps work in come before all else.

use avm_world::drive;

use super::*;

/// A stack instance can be made only in a region that is enabled (CloudFormation User Guide, StackSets and opt-in regions).
#[tokio::test]
async fn before_all_else_only_the_regions_of_other_steps_are_waited_for() {
    let disabled = regions(&[
        ("ap-east-1", RegionStatus::Disabled),
        ("eu-south-1", RegionStatus::Disabled),
    ]);
    let early = |regions_wanted: &[&str]| {
        let mut request = request(regions_wanted);
        request.input = Some(Input {
            only_regions: true,
            budgets: false,
        });
        let stack_sets = &mut request.order.landing_zone.settings.stack_sets;
        stack_sets[0].region = "eu-south-1".parse().unwrap();
        request
    };
    replay::<AccountSettings>(&disabled, &early(&["eu-south-1"])).await;
    let mut request = early(&["ap-east-1", "eu-south-1"]);

    let world = InMemory::with(&disabled);
    {
        let mut state = world.state_mut();
        (state.account_settings.is_slow, state.account_settings.limit) = (true, 1);
    }
    let (waiting_for, _) = pending(&world, &request).await;
    assert_eq!(
        waiting_for,
        "the regions of the account: eu-south-1 is ENABLING"
    );
    // Even where AWS takes one only; of contacts nothing is read.
    assert_eq!(status_of(&world, "ap-east-1"), RegionStatus::Disabled);
    assert!(
        world
            .journal()
            .iter()
            .all(|entry| !entry.words.contains("Contact"))
    );
    time_passes(&world);
    let answer = answer::<AccountSettings>(&world, &request).await.unwrap();
    assert_eq!(answer["Status"], "DONE", "{answer}");
    assert_eq!(status_of(&world, "eu-south-1"), RegionStatus::Enabled);
    assert_ne!(status_of(&world, "ap-east-1"), RegionStatus::Enabled);

    request.input = None;
    done(&world, &request).await.unwrap();
    assert_eq!(status_of(&world, "ap-east-1"), RegionStatus::Enabled);
}

#[tokio::test]
async fn what_was_waited_for_before_all_else_is_not_asked_about_again() {
    let world = world(&[("eu-south-1", RegionStatus::Enabled)]);
    let mut request = request(&["eu-south-1"]);
    let settings = &mut request.order.landing_zone.settings;
    settings.alternate_contacts = None;
    settings.stack_sets[0].region = "eu-south-1".parse().unwrap();
    let (done, _) = done(&world, &request).await.unwrap();
    assert_eq!(done["Regions"]["eu-south-1"], "unchanged");
    assert!(world.journal().is_empty());
    plan_of::<AccountSettings>(&world, &request).await.unwrap();
    assert_eq!(world.reads(), ["account:ListRegions"]);
}

#[tokio::test]
async fn a_region_that_is_changing_is_waited_for_and_then_enabled() {
    for (status, enabled) in [(RegionStatus::Enabling, 0), (RegionStatus::Disabling, 1)] {
        let world = slow_world(&[("eu-south-1", status.clone())]);
        let mut request = request(&["eu-south-1"]);
        request.order.landing_zone.settings.alternate_contacts = None;
        let (waiting_for, _) = pending(&world, &request).await;
        assert!(
            waiting_for.ends_with(&format!("eu-south-1 is {status}")),
            "{waiting_for}"
        );
        assert!(world.writes().is_empty());
        done(&world, &request).await.unwrap();
        assert_eq!(status_of(&world, "eu-south-1"), RegionStatus::Enabled);
        assert_eq!(world.writes().len(), enabled);
    }
}

#[tokio::test]
async fn no_more_regions_are_enabled_at_once_than_aws_allows_an_account() {
    let names = [1, 2, 3, 4, 5, 6, 7].map(|number| format!("eu-south-{number}"));
    let mut all: Vec<(&str, RegionStatus)> = names
        .iter()
        .map(|name| (name.as_str(), RegionStatus::Disabled))
        .collect();
    all.push(("me-south-1", RegionStatus::Disabling));
    let world = slow_world(&all);
    let request = request(&names.each_ref().map(String::as_str));
    let (waiting_for, _) = pending(&world, &request).await;
    let enabled = |world: &InMemory| {
        let writes = world.writes();
        let enabled = writes.iter();
        enabled
            .filter(|write| write.starts_with("account:EnableRegion"))
            .count()
    };
    assert_eq!(enabled(&world), 5);
    assert!(
        waiting_for.contains("eu-south-7 waits: AWS changes six regions"),
        "{waiting_for}"
    );
    time_passes(&world);
    let (done, _) = done(&world, &request).await.unwrap();
    assert_eq!(enabled(&world), 7);
    assert_eq!(done["Regions"].as_object().unwrap().len(), 7);
}

#[tokio::test]
async fn where_the_organization_is_at_its_limit_the_rest_is_tried_again() {
    let world = slow_world(&[
        ("eu-south-1", RegionStatus::Disabled),
        ("eu-south-2", RegionStatus::Disabled),
        ("me-south-1", RegionStatus::Disabled),
    ]);
    world.state_mut().account_settings.limit = 1;
    let request = request(&["eu-south-1", "eu-south-2", "me-south-1"]);
    let (waiting_for, _) = pending(&world, &request).await;
    assert!(
        waiting_for.contains("eu-south-2 waits: AWS says: not now"),
        "{waiting_for}"
    );
    assert!(
        waiting_for.contains("me-south-1 waits: AWS says: not now"),
        "{waiting_for}"
    );
    // After the first refusal AWS is not asked for another region.
    assert_eq!(world.writes().len(), 2 + 2);
    time_passes(&world);
    done(&world, &request).await.unwrap();
    assert_eq!(status_of(&world, "me-south-1"), RegionStatus::Enabled);
}

#[tokio::test]
async fn an_unknown_region_fails_with_its_field_before_anything_is_written() {
    let world = world(&[("eu-south-1", RegionStatus::Disabled)]);
    let failure = done(&world, &request(&["eu-south-1", "xx-south-9"]))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert_eq!(
        failure.cause(),
        "optInRegions, stackSets or the platform: AWS has no region xx-south-9 for this account"
    );
    assert!(failure.account().is_some());
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_status_that_is_new_is_waited_for() {
    let world = world(&[("eu-south-1", RegionStatus::Other("PAUSED".to_owned()))]);
    let (waiting_for, _) = pending(&world, &request(&["eu-south-1"])).await;
    assert!(
        waiting_for.ends_with("eu-south-1 is PAUSED"),
        "{waiting_for}"
    );
}

#[tokio::test]
async fn regions_that_are_never_enabled_are_given_up() {
    let world = slow_world(&[("eu-south-1", RegionStatus::Enabling)]);
    let failure = drive::<AccountSettings>(&world, &request(&["eu-south-1"]))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountSettingsTimedOut);
    assert_eq!(
        failure.cause(),
        "waited for the regions of the account: eu-south-1 is ENABLING; given up after 50 looks"
    );
}
