//! What a smoke test begins with and what it judges by, without AWS.
//! The vend itself is seen end to end.

use avm_aws::installation::Planned;
use avm_documents::Kind;

use super::*;

fn file(parameter: &str, kind: Kind, text: &str) -> File {
    let text = text.to_owned();
    let path = parameter.into();
    File { path, kind, text }
}

fn documents(address: &str) -> Vec<File> {
    let platform = format!(
        r#"{{"platform": "aws", "region": "eu-central-1", "accountAccessRole": "Access",
        "accountNamePattern": "%s-%s", "accountEmailPattern": "{address}"}}"#
    );
    let zone = r#"{"organizationalUnit": "Sandbox", "downgrade": "standard"}"#;
    let kind = |name: &str| Kind::LandingZone(Ok(name.parse().unwrap()));
    vec![
        file("/avm/platform", Kind::Platform, &platform),
        file("/avm/landing-zones/sandbox", kind("sandbox"), zone),
        // Another one's faults are in nobody's way.
        file("/avm/landing-zones/broken", kind("broken"), "{}"),
    ]
}

#[test]
fn a_landing_zone_needs_documents_that_are_valid_and_no_examples() {
    let of = |documents: &[File], name: &str| zone(documents, &name.parse().unwrap());
    let own = documents("aws+%s@company.com");
    let found = of(&own, "sandbox").unwrap();
    assert_eq!(found.organizational_unit.to_string(), "Sandbox");
    let refused = |documents: &[File], name: &str| match of(documents, name) {
        Err(Stop::Usage(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert!(refused(&own[1..], "sandbox").contains("the parameter /avm/platform"));
    assert!(refused(&own, "other").contains("the parameter /avm/landing-zones/other"));
    assert!(refused(&own, "broken").contains("/avm/landing-zones/broken: "));
    let example = documents("aws+%s@example.com");
    assert!(refused(&example, "sandbox").contains("/avm/platform: field accountEmailPattern"));
}

fn account(id: &str, state: AccountState) -> FoundAccount {
    FoundAccount {
        id: id.parse().unwrap(),
        name: WORKSPACE.to_owned(),
        email: Some("aws+one@company.com".parse().unwrap()),
        arn: String::new(),
        state,
        joined: None,
        is_invited: false,
    }
}

#[test]
fn an_account_that_is_open_is_taken_again_and_a_closed_one_is_replaced_only_when_told() {
    let first = || account("444455556666", AccountState::Active);
    let closed = || account("444455557777", AccountState::Suspended);
    let [same, other] = ["AWS+one@company.com", "aws+two@company.com"].map(|one| one.parse().ok());
    let taken = |found: Vec<FoundAccount>, email: &Option<Email>| {
        usable(found, email.as_ref()).map(|found| found.map(|account| account.id.to_string()))
    };
    let id = |id: &str| Ok(Some(id.to_owned()));
    assert_eq!(taken(vec![], &None), Ok(None));
    assert_eq!(taken(vec![closed(), first()], &None), id("444455556666"));
    assert_eq!(taken(vec![first()], &same), id("444455556666"));
    assert!(taken(vec![first()], &other).is_err());
    assert!(taken(vec![closed()], &None).is_err());
    assert_eq!(taken(vec![closed()], &other), Ok(None));
}

#[test]
fn one_thing_that_is_not_as_it_should_be_is_enough() {
    let step = |step: &str, is_empty: bool| StepPlan {
        step: step.to_owned(),
        plan: Planned {
            is_empty,
            words: "detach AdministratorAccess".to_owned(),
        },
    };
    let failing = |downgraded: bool, project: &str| {
        let plan = VendPlan {
            plans: vec![
                step("place-account", true),
                step("permission-downgrade", downgraded),
            ],
        };
        let tags = [("ProductName", WORKSPACE), ("Stage", project)];
        let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let mut found = verdicts(&plan, &tags.into());
        found.retain(|verdict| !verdict.is_well);
        let words = found
            .into_iter()
            .map(|one| format!("{}: {}", one.on, one.words));
        words.collect::<Vec<_>>()
    };
    assert_eq!(failing(true, PROJECT), [""; 0]);
    let open = "permission-downgrade: not as it should be: detach AdministratorAccess";
    assert_eq!(failing(false, PROJECT), [open]);
    let tags = "tags: ProductName, Stage are not as meshStack waits for them";
    assert_eq!(failing(true, "shop"), [tags]);
}

#[test]
fn what_is_settled_is_told_for_each_step_and_what_would_be_left_is_not_hidden() {
    let told = |step: &str, words: &str| {
        let plan = Planned {
            is_empty: true,
            words: words.to_owned(),
        };
        let step = step.to_owned();
        let plans = vec![StepPlan { step, plan }];
        let found = verdicts(&VendPlan { plans }, &BTreeMap::new());
        (found[0].is_well, found[0].words.clone())
    };
    let left = "would be left: StackSet avm-network has an instance in eu-west-1";
    assert_eq!(told("left-instances", left), (true, left.to_owned()));
    let unit = "it sits in its unit".to_owned();
    assert_eq!(told("place-account", "nothing to do"), (true, unit));
}
