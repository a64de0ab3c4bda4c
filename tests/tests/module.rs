//! The standing accounts against meshcloud's Terraform module: what each identity may do there, and how ours differ on purpose.
//! `fixtures/module-0.7.0.json` has both, each difference with its reason; nothing else may differ.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use contract_tests::json;
use contract_tests::policy::grants;
use contract_tests::seeds::{Expected, allowed, assert_same, identity, trust, values};
use contract_tests::template::{of_type, template, texts};
use serde_json::Value;

fn module() -> Value {
    json("tests/fixtures/module-0.7.0.json")
}

fn path(compared: &Value) -> String {
    format!("templates/{}.yaml", compared["template"].as_str().unwrap())
}

#[test]
fn every_right_and_trust_is_that_of_the_module_or_differs_for_a_reason() {
    for compared in module()["identities"].as_array().unwrap() {
        let own = match compared["template"].as_str().unwrap() {
            "meshcloud" => "<<MESHCLOUD_ACCOUNT_ID>>",
            "management" => "<<MANAGEMENT_ACCOUNT_ID>>",
            _ => "<<AUTOMATION_ACCOUNT_ID>>",
        };
        let id = compared["id"].as_str().unwrap();
        let found = identity(&path(compared), id, &values(own, &[]));
        let ours = match compared["part"].as_str().unwrap() {
            "trust" => trust(&found),
            _ => allowed(&found, compared["policy"].as_str()),
        };
        let mut expected = Expected::new();
        for difference in compared["differences"].as_array().unwrap() {
            let reason = difference["reason"].as_str().unwrap();
            for action in texts(&difference["actions"]) {
                let of_ours = texts(&difference["ours"]).into_iter();
                expected.insert(action, (of_ours.map(str::to_owned).collect(), reason));
            }
        }
        let name = compared["name"].as_str().unwrap();
        let of_the_module = grants(compared["module"].as_array().unwrap());
        assert_same(name, &ours, &of_the_module, expected);
    }
}

#[test]
fn every_user_and_role_of_the_standing_accounts_is_compared() {
    let document = module();
    let compared: BTreeSet<(String, String)> = document["identities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (path(one), one["id"].as_str().unwrap().to_owned()))
        .collect();
    let mut made = BTreeSet::new();
    for name in ["meshcloud", "management", "automation"] {
        let path = format!("templates/{name}.yaml");
        let template = template(&path);
        for kind in ["AWS::IAM::User", "AWS::IAM::Role"] {
            made.extend(of_type(&template, kind).map(|(id, _)| (path.clone(), id.to_owned())));
        }
    }
    assert_eq!(compared, made);
}
