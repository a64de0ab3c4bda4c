//! The plan, without AWS: on the templates of the repository.
//! What a test gives a command and an account is here; what stands before a deployment has tests of its own.

mod standing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use avm_aws::external_id::ExternalId;
use avm_aws::installation::{Action, Change, ParameterValue, Stack};
use avm_core::domain::AccountId;
use clap::Parser;

use super::package::{LONGEST_TEXT, Place, Template};
use super::plan::{ALL, Deployment, Values, Whose, Wish, parameters, refusal};
use super::standing::{Standing, Taken, wrong_accounts};
use super::tell::{Does, Row};
use super::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
}

const WORDS: [&str; 5] = [
    "bootstrap",
    "--management-profile",
    "m",
    "--meshcloud-profile",
    "c",
];

fn options(more: &[&str]) -> Options {
    Command::try_parse_from(WORDS.iter().chain(more))
        .unwrap()
        .options
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn template(deployment: &Deployment) -> Template {
    Template::read(&repository(), deployment.template).unwrap()
}

fn of(stack: &str) -> Deployment {
    ALL.into_iter().find(|one| one.stack == stack).unwrap()
}

fn ids() -> BTreeMap<Whose, AccountId> {
    let ids = ["222222222222", "111111111111", "333333333333"];
    let all = [Whose::Automation, Whose::Management, Whose::Meshcloud];
    all.into_iter()
        .zip(ids.map(|id| id.parse().unwrap()))
        .collect()
}

fn secrets() -> BTreeMap<&'static str, ExternalId> {
    let ids = SECRETS.map(|name| (name, format!("id-of-{}", &name[16..]).parse().unwrap()));
    ids.into()
}

fn standing(stacks: &[(Whose, &str)]) -> Standing {
    let all = [Whose::Automation, Whose::Management, Whose::Meshcloud];
    let mut found: BTreeMap<Whose, BTreeMap<String, Stack>> =
        all.into_iter().map(|of| (of, BTreeMap::new())).collect();
    for (of, name) in stacks {
        let stack = Stack {
            status: "CREATE_COMPLETE".to_owned(),
            ..Stack::default()
        };
        found.get_mut(of).unwrap().insert((*name).to_owned(), stack);
    }
    Standing {
        ids: ids(),
        stacks: found,
        external_ids: BTreeMap::new(),
        taken: Vec::new(),
    }
}

fn given(
    stack: &str,
    there: Option<&Stack>,
    external_ids: &BTreeMap<&'static str, ExternalId>,
    wishes: &[Wish],
) -> (BTreeMap<String, String>, bool) {
    let deployment = of(stack);
    let template = template(&deployment);
    let values = Values {
        accounts: &ids(),
        external_ids,
        wishes,
    };
    let (found, is_preview) = parameters(&deployment, &template.parameters(), there, &values);
    let found = found.into_iter().map(|(name, value)| match value {
        ParameterValue::Given(value) => (name, value),
        ParameterValue::Previous => (name, "<previous>".to_owned()),
    });
    (found.collect(), is_preview)
}

/// What a template wants, it gets: one without a default fails a deployment.
#[test]
fn every_parameter_without_a_default_has_a_value() {
    for deployment in ALL {
        let template = template(&deployment);
        let (found, is_preview) = given(deployment.stack, None, &secrets(), &[]);
        assert!(!is_preview);
        for name in template.parameters() {
            let (_, below) = template.text.split_once(&format!("\n  {name}:")).unwrap();
            let own = below
                .split("\n  ")
                .skip(1)
                .take_while(|part| part.starts_with(' '));
            let first = below.lines().next().unwrap();
            let has_default = std::iter::once(first)
                .chain(own)
                .any(|part| part.contains("Default: "));
            let is_given = found.contains_key(name);
            assert!(has_default || is_given, "{}: {name}", deployment.stack);
        }
    }
}

#[test]
fn a_new_stack_gets_the_ids_and_a_standing_one_keeps_what_nobody_names() {
    let (found, is_preview) = given("avm-vending-roles", None, &secrets(), &[]);
    let expected = [
        ("AutomationAccountId", "222222222222"),
        ("MachineExternalIds", "id-of-machine"),
        ("MeshcloudAccountId", "333333333333"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!((found, is_preview), (expected.into(), false));

    // During a rotation the trust has two: no deployment may take one away.
    let parameters = [
        "AutomationAccountId",
        "MachineExternalIds",
        "Metering",
        "OfAnEarlierVersion",
    ];
    let there = Stack {
        parameters: parameters
            .map(|name| (name.to_owned(), "x".to_owned()))
            .into(),
        ..Stack::default()
    };
    let wish: Wish = "Metering=true".parse().unwrap();
    let (found, _) = given("avm-vending-roles", Some(&there), &secrets(), &[wish]);
    assert_eq!(found["MachineExternalIds"], "<previous>");
    assert_eq!((found["Metering"].as_str(), found.len()), ("true", 4));
}

#[test]
fn before_there_are_secrets_a_stack_is_only_shown() {
    let (found, is_preview) = given("avm-meshcloud", None, &BTreeMap::new(), &[]);
    assert!(is_preview && found["MeshStackExternalIds"] == "to-be-made");
    assert!(!given("avm-landing-zone", None, &BTreeMap::new(), &[]).1);
}

#[test]
fn the_processor_is_the_packages() {
    let there = Stack {
        parameters: [("Architecture".to_owned(), "arm64".to_owned())].into(),
        ..Stack::default()
    };
    assert!(
        !given("avm", Some(&there), &secrets(), &[])
            .0
            .contains_key("Architecture")
    );
}

#[test]
fn a_wish_is_for_all_that_have_the_parameter_or_for_one() {
    let wish = |text: &str| text.parse::<Wish>().unwrap();
    let wishes = [wish("Metering=true"), wish("avm-meshcloud:Metering=false")];
    let of_stack = |stack| given(stack, None, &secrets(), &wishes).0["Metering"].clone();
    assert_eq!(
        (of_stack("avm").as_str(), of_stack("avm-meshcloud").as_str()),
        ("true", "false")
    );
    let equals = wish("SamlEntityId=https://idp?a=b:c");
    assert_eq!(equals.value, "https://idp?a=b:c");
    for nonsense in ["Metering", "=x", "avn:Metering=true", "avm:=x"] {
        assert!(nonsense.parse::<Wish>().is_err(), "{nonsense}");
    }
}

/// Not in the management account, which service control policies do not reach; see DECISIONS.md.
#[test]
fn the_companys_boundary_goes_to_the_templates_of_member_accounts() {
    let wishes = options(&["--permissions-boundary", "company/Boundary"]).wishes();
    let given = ALL.into_iter().filter(|one| {
        let (found, _) = given(one.stack, None, &secrets(), &wishes);
        let name = found.get(PERMISSIONS_BOUNDARY);
        name.is_some_and(|name| name == "company/Boundary")
    });
    let stacks: Vec<&str> = given.map(|one| one.stack).collect();
    assert_eq!(
        stacks,
        ["avm-meshcloud", "avm-automation", "avm", "avm-landing-zone"]
    );
    let arn = [
        "--permissions-boundary",
        "arn:aws:iam::111111111111:policy/Boundary",
    ];
    assert!(Command::try_parse_from(WORDS.iter().chain(&arn)).is_err());
}

#[test]
fn only_what_refers_to_files_needs_a_bucket() {
    let need = ALL.into_iter().filter(|one| template(one).needs_bucket());
    let need: Vec<&str> = need.map(|one| one.stack).collect();
    assert_eq!(need, ["avm", "avm-landing-zone"]);
    assert!(template(&of("avm-vending-roles")).text.len() <= LONGEST_TEXT);
}

#[test]
fn files_become_objects_that_the_template_names() {
    let region = "eu-central-1".parse().unwrap();
    let place = Place {
        bucket: "b",
        region: &region,
    };
    let objects = template(&of("avm-landing-zone")).packed(&place).unwrap();
    let [included, template_itself] = objects.as_slice() else {
        panic!("{} objects", objects.len());
    };
    assert!(
        included.key.starts_with("avm/") && included.key.ends_with("/landing-zone-stackset.yaml")
    );
    let text = String::from_utf8(template_itself.contents.clone()).unwrap();
    assert!(text.contains(&format!("Location: s3://b/{} }}", included.key)));
    // An application is a template of its own, with files of its own.
    let (_, doctor) = (
        "",
        Template::read(&repository(), "templates/doctor.yaml").unwrap(),
    );
    let objects = doctor.packed(&place).unwrap();
    assert!(objects[0].key.ends_with("/doctor.asl.json") && objects.len() == 2);
    let sources = template(&of("avm")).packed(&place);
    assert!(sources.is_err_and(|reason| reason.contains("these are sources")));
}

#[test]
fn a_stack_in_a_failure_is_not_touched() {
    assert_eq!(refusal("avm", "UPDATE_ROLLBACK_COMPLETE"), None);
    for status in [
        "ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
        "UPDATE_IN_PROGRESS",
    ] {
        assert!(
            refusal("avm", status).unwrap().contains("Remedy: "),
            "{status}"
        );
    }
}

#[test]
fn a_stack_is_told_with_what_is_not_only_added() {
    let change = |resource: &str, action| Change {
        resource: resource.to_owned(),
        kind: "AWS::IAM::Role".to_owned(),
        action,
    };
    let mut row = Row {
        stack: "avm-management".to_owned(),
        of: Whose::Management,
        account: ids()[&Whose::Management].clone(),
        region: "eu-central-1".parse().unwrap(),
        does: Does::Updates,
        changes: vec![change("B", Action::Replaced), change("A", Action::Added)],
        later: 0,
    };
    let sentence = "stack avm-management of the management account 111111111111 in eu-central-1: would be updated: 1 added, 1 \
                    replaced\n  added A (AWS::IAM::Role)\n  replaced B (AWS::IAM::Role)";
    assert_eq!(row.sentence(false), sentence);
    (row.does, row.changes, row.later) = (Does::Creates, Vec::new(), 7);
    assert!(
        row.sentence(true)
            .ends_with("in eu-central-1: created: at most 7 added")
    );
}

#[test]
fn printing_is_no_deployment() {
    let words = WORDS.iter().chain(&["--print", "--yes"]);
    assert!(Command::try_parse_from(words).is_err());
}
