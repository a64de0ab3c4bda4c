//! Who may become which role, and under which conditions: the trusts of all templates against the doors and the functions.
//! That nobody else gets in is tried by the end-to-end tests (`test_trusts.py`).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use avm_core::doors::{Behind, DOORS};
use contract_tests::functions::functions;
use contract_tests::rights::{roles, template_of};
use contract_tests::template::{
    of_type, paths, referred, resources, roles_named, statements, template, texts,
};

#[test]
fn every_trust_names_exactly_the_functions_that_act_under_the_role() {
    for role in roles(&functions()) {
        let template = template(role.template);
        let found = &resources(&template)[&role.name];
        let trusted = roles_named(&found["Properties"]["AssumeRolePolicyDocument"]);
        assert_eq!(trusted, role.used_by, "{}", role.name);
        assert!(!trusted.is_empty(), "{} serves nobody", role.name);
    }
}

#[test]
fn every_trust_asks_for_the_external_id_as_its_door_says() {
    for (row, role) in DOORS
        .iter()
        .filter(|row| template_of(row).is_some() && row.behind != Behind::Own)
        .zip(roles(&functions()))
    {
        let template = template(role.template);
        let trust = &resources(&template)[&role.name]["Properties"]["AssumeRolePolicyDocument"];
        let asks = trust.to_string().contains("sts:ExternalId");
        assert_eq!(asks, row.asks_for_external_id, "{}", role.name);
    }
}

/// IAM keeps the id of a role or user that a trust names, and one that is made anew with its name is another (IAM User Guide,
/// "Principal"); deploying the same template once more does not help, and who is named has to exist before.
#[test]
fn no_trust_names_somebody_who_could_be_made_anew() {
    let mut looked_at = 0;
    for path in paths() {
        let template = template(&path);
        for (id, role) in of_type(&template, "AWS::IAM::Role") {
            let trust = &role["Properties"]["AssumeRolePolicyDocument"];
            for statement in trust["Statement"].as_array().unwrap() {
                let principal = &statement["Principal"]["AWS"];
                if !principal.is_null() {
                    let words = principal.to_string();
                    assert!(
                        words.contains(":root") && !words.contains(":role/"),
                        "{path} {id}: {words}"
                    );
                    let named = &statement["Condition"]["ArnEquals"]["aws:PrincipalArn"];
                    // AWS Organizations makes a role of this name so: for the administrators of the management account.
                    let is_for_all = id == "OrganizationAccountAccessRole";
                    assert_eq!(named.is_null(), is_for_all, "{path} {id}");
                    looked_at += 1;
                }
            }
        }
    }
    assert!(looked_at > 15, "{looked_at}");
}

/// One for each boundary, in the template that makes them; what all trusts ask for is one of these.
#[test]
fn there_are_three_external_ids_and_every_trust_asks_for_that_of_its_boundary() {
    let made = template("templates/external-ids.yaml");
    let names: BTreeSet<&str> = of_type(&made, "AWS::SecretsManager::Secret")
        .map(|(_, secret)| secret["Properties"]["Name"].as_str().unwrap())
        .collect();
    let machine = avm_aws::external_id::SECRET;
    let expected = [
        "avm/external-id/meshstack",
        "avm/external-id/cost-explorer",
        machine,
    ];
    assert_eq!(names, expected.into());
    for (path, id, parameter) in [
        (
            "templates/management.yaml",
            "MeshfedServiceRole",
            "MeshStackExternalIds",
        ),
        (
            "templates/management.yaml",
            "MeshCostExplorerServiceRole",
            "CostExplorerExternalIds",
        ),
        (
            "templates/automation.yaml",
            "MeshfedAutomationRole",
            "MeshStackExternalIds",
        ),
    ] {
        let template = template(path);
        let trust = &resources(&template)[id]["Properties"]["AssumeRolePolicyDocument"];
        let asked = &trust["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"];
        assert_eq!(referred(asked), parameter, "{id}");
    }
    let template = template("templates/vending-roles.yaml");
    for (id, role) in of_type(&template, "AWS::IAM::Role") {
        let trust = &role["Properties"]["AssumeRolePolicyDocument"];
        let asked = &trust["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"];
        assert_eq!(referred(asked), "MachineExternalIds", "{id}");
    }
}

/// Services that are let in without saying for whom: EventBridge publishes to SNS with nothing that a condition could look at.
const SERVICES_WITHOUT_A_SOURCE: [(&str, &str); 1] =
    [("FailureTopicPolicy", "events.amazonaws.com")];

/// Services that act for the management account: unusual costs are found there, for all accounts.
const FOR_THE_MANAGEMENT_ACCOUNT: [(&str, &str); 1] =
    [("FailureTopicPolicy", "costalerts.amazonaws.com")];

/// Services that also tell which of their resources acts: the state machine, the StackSet, the alarm, the group of
/// schedules, the budget.
const SERVICES_THAT_TELL_THE_RESOURCE: [&str; 5] = [
    "budgets.amazonaws.com",
    "scheduler.amazonaws.com",
    "states.amazonaws.com",
    "cloudformation.amazonaws.com",
    "cloudwatch.amazonaws.com",
];

/// A service acts for anybody who asks it, and so every trust in one says for which account it may act here, and for which
/// resource where the service tells it.
#[test]
fn every_trust_in_a_service_names_the_account_that_the_service_may_act_for() {
    let mut excepted = BTreeSet::new();
    let mut services = BTreeSet::new();
    for path in paths() {
        let template = template(&path);
        for (id, resource) in resources(&template) {
            let properties = &resource["Properties"];
            for document in ["AssumeRolePolicyDocument", "PolicyDocument"] {
                let Some(found) = properties[document]["Statement"].as_array() else {
                    continue;
                };
                for statement in found {
                    let Some(service) = statement["Principal"]["Service"].as_str() else {
                        continue;
                    };
                    services.insert(id.clone());
                    let source = &statement["Condition"]["StringEquals"]["aws:SourceAccount"];
                    let is_of_management =
                        FOR_THE_MANAGEMENT_ACCOUNT.contains(&(id.as_str(), service));
                    let account = if is_of_management {
                        "ManagementAccountId"
                    } else {
                        "AWS::AccountId"
                    };
                    if source["Ref"] != account {
                        excepted.insert((id.clone(), service.to_owned()));
                    }
                    let condition = &statement["Condition"];
                    let source = ["ArnEquals", "ArnLike"]
                        .map(|operator| &condition[operator]["aws:SourceArn"]);
                    let names_one = source.iter().any(|arn| !arn.is_null());
                    assert_eq!(
                        names_one,
                        SERVICES_THAT_TELL_THE_RESOURCE.contains(&service),
                        "{path} {id}"
                    );
                }
            }
        }
    }
    let listed: BTreeSet<(String, String)> = SERVICES_WITHOUT_A_SOURCE
        .iter()
        .map(|&(id, service)| (id.to_owned(), service.to_owned()))
        .collect();
    assert_eq!(excepted, listed);
    for function in functions() {
        assert!(services.contains(&function.role), "{}", function.role);
    }
}

/// An account's own people can make a role of any name, and only its organization tells whether the account is one of ours.
/// The functions' roles and their boundary both say so: no call could tell that one of them had ceased to.
#[test]
fn a_role_that_is_assumed_by_its_name_alone_is_one_of_the_organization() {
    let mut found = BTreeSet::new();
    // AVMBoundary denies it once for all roles of vending-roles.yaml.
    for path in paths()
        .iter()
        .filter(|path| !path.ends_with("vending-roles.yaml"))
    {
        let template = template(path);
        let of_roles = of_type(&template, "AWS::IAM::Role")
            .filter(|(_, role)| role["Properties"]["Policies"].is_array())
            .flat_map(|(id, role)| statements(role).into_iter().map(move |one| (id, one)));
        let of_policies = of_type(&template, "AWS::IAM::ManagedPolicy").flat_map(|(id, policy)| {
            let statements = &policy["Properties"]["PolicyDocument"]["Statement"];
            statements
                .as_array()
                .unwrap()
                .iter()
                .map(move |one| (id, one))
        });
        for (id, statement) in of_roles.chain(of_policies) {
            let is_by_name = statement["Effect"] == "Allow"
                && texts(&statement["Action"]).contains(&"sts:AssumeRole")
                && statement["Resource"].to_string().contains(":iam::*:role/");
            if is_by_name {
                let asked = &statement["Condition"]["StringEquals"]["aws:ResourceOrgID"];
                assert_eq!(asked, "${aws:PrincipalOrgID}", "{path} {id} {statement}");
                found.insert(id.clone());
            }
        }
    }
    for id in [
        "AVMFunctionsBoundary",
        "AWSCloudFormationStackSetAdministrationRole",
        "AVMReconcileFunctionRole",
        "AVMCompletionFunctionRole",
    ] {
        assert!(found.contains(id), "{id}");
    }
}
