//! What may be allowed, to whom and everywhere: what holds before anything runs. Who is trusted is in `trusts.rs`.
//! That each grant is needed, and none is missing, is proved by the end-to-end tests (`local/privileges`).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use avm_core::domain::{
    COMPLETED_AT_KEY, COMPLETION_KEYS, FAILURE_KEY_PREFIX, LANDING_ZONE_KEY, MACHINE_KEY,
    OWNER_KEYS,
};
use contract_tests::functions::functions;
use contract_tests::grants::condition;
use contract_tests::rights::{MANAGEMENT, MEMBER, every_role};
use contract_tests::steps::{STEPS, assumed, rows, step};
use contract_tests::template::{
    MACHINE, allowed_actions, of_type, paths_of_the_machine, resources, roles_named, statements,
    template, texts, where_it_holds,
};
use contract_tests::{files_below, text};
use serde_json::Value;

/// The policy of the enrollment role that holds what AWS's Account Factory does in its caller's name; we call none of it.
const OF_THE_ACCOUNT_FACTORY: &str = "AccountFactory";

/// What the Account Factory needs of its caller besides the list that meshStack's documents print: "in addition to
/// AWSServiceCatalogEndUserFullAccess" (Control Tower's user guide), whose actions these are but for those on stacks, and
/// the creation of an account.
const OF_END_USERS_OF_SERVICE_CATALOG: [&str; 13] = [
    "cloudformation:GetTemplateSummary",
    "config:DescribeConfigurationRecorderStatus",
    "config:DescribeConfigurationRecorders",
    "organizations:CreateAccount",
    "organizations:DescribeCreateAccountStatus",
    "servicecatalog:DescribeProduct",
    "servicecatalog:DescribeProductView",
    "servicecatalog:DescribeProvisioningParameters",
    "servicecatalog:ListLaunchPaths",
    "servicecatalog:ProvisionProduct",
    "servicecatalog:SearchProducts",
    "ssm:DescribeDocument",
    "ssm:GetAutomationExecution",
];

/// What a role allows for the Account Factory: exactly AWS's lists.
fn actions_of_the_account_factory(role: &Value) -> BTreeSet<&str> {
    let policies = role["Properties"]["Policies"].as_array().unwrap();
    policies
        .iter()
        .filter_map(|policy| policy.get("Fn::If"))
        .map(|ways| &ways[1])
        .filter(|policy| policy["PolicyName"] == OF_THE_ACCOUNT_FACTORY)
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap())
        .filter(|statement| statement["Resource"] == "*")
        .flat_map(|statement| texts(&statement["Action"]))
        .collect()
}

#[test]
fn the_enrollment_role_allows_the_account_factory_what_aws_lists_and_no_other_role_does() {
    let seed = contract_tests::json("tests/fixtures/seeds/control-tower-enrollment.json");
    let listed: BTreeSet<String> = texts(&seed["Statement"][0]["Action"])
        .into_iter()
        .map(|action| action.replace(":describeOrganization", ":DescribeOrganization"))
        .chain(OF_END_USERS_OF_SERVICE_CATALOG.map(str::to_owned))
        .collect();
    for (name, path) in every_role() {
        let template = template(&path);
        let allowed: BTreeSet<String> =
            actions_of_the_account_factory(&resources(&template)[&name])
                .into_iter()
                .map(str::to_owned)
                .collect();
        let is_enrollment = name == "AVMEnrollmentRole";
        let expected = if is_enrollment {
            listed.clone()
        } else {
            BTreeSet::new()
        };
        assert_eq!(allowed, expected, "{name}");
    }
}

#[test]
fn every_role_of_a_function_or_of_ours_elsewhere_is_listed() {
    let listed: BTreeSet<String> = every_role().into_iter().map(|(name, _)| name).collect();
    let elsewhere = [MANAGEMENT, MEMBER].map(str::to_owned);
    for path in paths_of_the_machine().into_iter().chain(elsewhere) {
        let template = template(&path);
        for (id, role) in of_type(&template, "AWS::IAM::Role") {
            let trust = role["Properties"]["AssumeRolePolicyDocument"].to_string();
            let is_of_a_function =
                trust.contains("lambda.amazonaws.com") || trust.contains(":role/");
            assert!(!is_of_a_function || listed.contains(id), "{path}: {id}");
        }
    }
}

#[test]
fn only_traces_and_calls_without_a_resource_are_allowed_everywhere() {
    let without_resource = [
        "ce:GetCostAndUsage",
        "ce:GetReservationUtilization",
        "ce:GetSavingsPlansUtilizationDetails",
        "cloudformation:DescribeStacks",
        "cloudformation:ListStackSets",
        "controltower:GetBaselineOperation",
        "controltower:ListBaselines",
        "controltower:ListEnabledBaselines",
        "controltower:ListEnabledControls",
        "controltower:ListLandingZones",
        "ec2:DescribeRegions",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "iam:GetAccountAuthorizationDetails",
        "iam:GetAccountSummary",
        "iam:ListAccountAliases",
        "iam:ListOrganizationsFeatures",
        "organizations:CreateAccount",
        "organizations:DescribeCreateAccountStatus",
        "organizations:ListAccounts",
        "organizations:ListCreateAccountStatus",
        "organizations:TagResource",
        "servicecatalog:DescribeProvisionedProduct",
        "servicecatalog:DescribeRecord",
        "servicecatalog:SearchProvisionedProducts",
        "servicecatalog:TerminateProvisionedProduct",
        "servicecatalog:UpdateProvisionedProduct",
        "tag:GetResources",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ];
    for (name, path) in every_role() {
        let template = template(&path);
        let role = &resources(&template)[&name];
        let of_the_factory = actions_of_the_account_factory(role);
        for statement in statements(role) {
            if statement["Resource"] != "*" {
                continue;
            }
            for action in texts(&statement["Action"]) {
                assert!(
                    without_resource.contains(&action) || of_the_factory.contains(action),
                    "{name}: {action} on *"
                );
                let needs_condition =
                    action == "organizations:TagResource" || action.starts_with("servicecatalog:");
                assert!(
                    !needs_condition || statement.get("Condition").is_some(),
                    "{name}"
                );
            }
        }
    }
}

/// On creation an account gets the request's tags and the owner's, and none that says how a vend went.
#[test]
fn of_the_machines_own_tags_only_the_owners_may_be_on_a_new_account() {
    let template = template(MANAGEMENT);
    let creates = statements(&resources(&template)["AVMAccountsRole"])
        .into_iter()
        .find(|statement| texts(&statement["Action"]).contains(&"organizations:CreateAccount"))
        .unwrap();
    let refused = texts(&creates["Condition"]["ForAllValues:StringNotLike"]["aws:TagKeys"]);
    let is_refused = |key: &str| {
        refused.iter().any(|pattern| {
            let prefix = pattern.strip_suffix('*');
            prefix.map_or(*pattern == key, |prefix| key.starts_with(prefix))
        })
    };
    let mut own: BTreeSet<String> = COMPLETION_KEYS.map(str::to_owned).into();
    own.insert(format!("{FAILURE_KEY_PREFIX}step"));
    own.insert(LANDING_ZONE_KEY.to_owned());
    own.insert(COMPLETED_AT_KEY.to_owned());
    for path in files_below("functions/completion/src", "rs") {
        let code = text(&path);
        let literals = code.split('"').filter(|part| part.starts_with("avm:"));
        own.extend(literals.map(str::to_owned));
    }
    assert!(own.contains("avm:execution"), "{own:?}");
    for key in own {
        let is_of_the_owner = OWNER_KEYS.contains(&key.as_str());
        assert_eq!(is_refused(&key), !is_of_the_owner, "{key}");
    }
    assert!(OWNER_KEYS.iter().all(|key| !is_refused(key)));
    assert!(!is_refused(MACHINE_KEY));
}

/// Which tags each role may write on accounts and units, as a condition of each of its statements.
const MAY_TAG: [(&str, &str); 4] = [
    (
        "AVMAccountsRole",
        "ForAllValues:StringNotLike aws:TagKeys ProductName, Stage, avm:completed-at, avm:execution, avm:failed-*, \
         avm:landing-zone",
    ),
    (
        "AVMCompletionRole",
        "ForAllValues:StringNotLike aws:TagKeys avm:failed-* and Null aws:TagKeys false",
    ),
    (
        "AVMFailureRole",
        "ForAllValues:StringLike aws:TagKeys avm:failed-*, avm:machine, avm:workspace, avm:project and Null aws:TagKeys false",
    ),
    (
        "AVMPlacementRole",
        "ForAllValues:StringEquals aws:TagKeys avm:workspace",
    ),
];

/// Without a key nothing is tagged, and `ForAllValues` holds: so the two that may tag whatever they are asked say `Null`, too.
#[test]
fn every_role_that_tags_says_which_tags() {
    let template = template(MANAGEMENT);
    let mut found = BTreeSet::new();
    for (name, _) in every_role()
        .into_iter()
        .filter(|(_, path)| path == MANAGEMENT)
    {
        for statement in statements(&resources(&template)[&name]) {
            let tags = texts(&statement["Action"]).contains(&"organizations:TagResource");
            if tags && statement["Effect"] == "Allow" {
                found.insert((name.clone(), condition(&statement["Condition"])));
            }
        }
    }
    let expected = MAY_TAG.map(|(name, condition)| (name.to_owned(), condition.to_owned()));
    assert_eq!(found, expected.into());
}

/// What is provisioned has no ARN that could be named; the level says whose it may be (IAM condition keys of Service Catalog:
/// `accountLevel`, `roleLevel`, `userLevel`, whose value is `self`). The local AWS has products of one account only.
#[test]
fn what_is_provisioned_is_reached_in_the_own_account_only() {
    let mut holders = BTreeSet::new();
    for (name, path) in every_role() {
        let template = template(&path);
        for statement in statements(&resources(&template)[&name]) {
            let reaches = |action: &&str| {
                let of_service_catalog = action.strip_prefix("servicecatalog:");
                of_service_catalog
                    .is_some_and(|call| call.contains("Provisioned") || call.contains("Record"))
            };
            // What Service Catalog does in its caller's name has a condition of its own.
            let is_own = !condition(&statement["Condition"]).contains("aws:ViaAWSService");
            if is_own && texts(&statement["Action"]).iter().any(reaches) {
                let expected = "StringEquals servicecatalog:accountLevel self";
                assert_eq!(condition(&statement["Condition"]), expected, "{name}");
                holders.insert(name.clone());
            }
        }
    }
    let expected = ["AVMEnrollmentRole", "AVMPlanRole"].map(str::to_owned);
    assert_eq!(holders, expected.into());
}

/// Of the budgets of the management account, those that have the name of a vended account's; one role writes them.
#[test]
fn no_role_reaches_a_budget_of_another_name_and_one_writes_those_of_accounts() {
    let template = template(MANAGEMENT);
    let mut writers = BTreeSet::new();
    for (name, _) in every_role()
        .into_iter()
        .filter(|(_, path)| path == MANAGEMENT)
    {
        for statement in statements(&resources(&template)[&name]) {
            let statement = where_it_holds(statement);
            let actions = texts(&statement["Action"]);
            if !actions.iter().any(|action| action.starts_with("budgets:")) {
                continue;
            }
            let resource = statement["Resource"]["Fn::Sub"].as_str().unwrap();
            let expected = "arn:${AWS::Partition}:budgets::${AWS::AccountId}:budget/avm-*";
            assert_eq!(resource, expected, "{name}");
            if actions.contains(&"budgets:ModifyBudget") {
                writers.insert(name.clone());
            }
        }
    }
    assert_eq!(writers, ["AVMAccountSettingsRole".to_owned()].into());
}

/// What holds an account to its landing zone: only the completion writes it, and nobody takes it away.
#[test]
fn no_role_of_the_machine_takes_the_landing_zone_off_an_account() {
    let mut found = 0;
    for (name, path) in every_role() {
        let template = template(&path);
        for statement in statements(&resources(&template)[&name]) {
            if !texts(&statement["Action"]).contains(&"organizations:UntagResource") {
                continue;
            }
            let condition = statement["Condition"].as_object().unwrap();
            assert_eq!(condition["Null"]["aws:TagKeys"], "false", "{name}");
            let keys = ["ForAllValues:StringLike", "ForAllValues:StringEquals"];
            let keys = keys.iter().filter_map(|how| condition.get(*how));
            let keys: Vec<&str> = keys.flat_map(|keys| texts(&keys["aws:TagKeys"])).collect();
            assert!(!keys.is_empty(), "{name}");
            for key in keys {
                let is_known = COMPLETION_KEYS.contains(&key) || key == "avm:failed-*";
                assert!(is_known, "{name} takes away {key}");
            }
            found += 1;
        }
    }
    assert!(found >= 2);
}

/// The machine's own, and neither meshStack's nor that of the costs.
#[test]
fn the_functions_whose_doors_ask_for_the_external_id_may_read_it_and_no_others() {
    for function in functions() {
        let template = template(&function.template);
        let role = &resources(&template)[&function.role];
        let read: Vec<String> = statements(role)
            .into_iter()
            .filter(|statement| statement["Action"] == "secretsmanager:GetSecretValue")
            .map(|statement| statement["Resource"].to_string())
            .filter(|resource| resource.contains("external-id"))
            .collect();
        let asks = rows(&function.folder)
            .iter()
            .any(|row| row.asks_for_external_id);
        assert_eq!(read.len(), usize::from(asks), "{}", function.name);
        let name = format!(":secret:{}-??????", avm_aws::external_id::SECRET);
        assert!(
            read.iter().all(|resource| resource.contains(&name)),
            "{read:?}"
        );
    }
}

#[test]
fn every_function_may_assume_exactly_the_roles_that_it_acts_under() {
    let functions = functions();
    for function in &functions {
        let template = template(&function.template);
        let allowed: BTreeSet<String> = statements(&resources(&template)[&function.role])
            .into_iter()
            .filter(|statement| statement["Action"] == "sts:AssumeRole")
            .flat_map(|statement| roles_named(&statement["Resource"]))
            .collect();
        let allowed: BTreeSet<&str> = allowed.iter().map(String::as_str).collect();
        let expected = assumed(&function.folder);
        assert_eq!(allowed, expected, "{}", function.name);
    }
}

/// And no other function but the entry point and that of stopped vends may read executions; the machine is told by its name, which it must have.
#[test]
fn every_step_that_proves_its_caller_may_read_the_executions_of_the_machine() {
    let machine = template(MACHINE);
    let machine = &resources(&machine)["VendAccount"]["Properties"]["Name"];
    assert_eq!(machine, avm_aws::host::MACHINE);
    let executions = format!(":execution:{}:*", avm_aws::host::MACHINE);
    for function in functions() {
        let template = template(&function.template);
        let reads = statements(&resources(&template)[&function.role])
            .into_iter()
            .any(|statement| {
                statement["Action"] == "states:DescribeExecution"
                    && statement["Resource"].to_string().contains(&executions)
            });
        let proves = step(&function.folder).is_some_and(|step| step.proves_caller);
        let is_step = step(function.title()).is_some();
        let others = ["avm-entry-point", stopped_vend::NAME];
        let expected = (is_step && proves) || others.contains(&function.folder.as_str());
        assert_eq!(reads, expected, "{}", function.name);
    }
}

/// A door behind which a role writes leads to power, whoever comes through it with an order of their own.
#[test]
fn every_step_that_gives_somebody_rights_proves_its_caller() {
    let without: BTreeSet<&str> = STEPS
        .iter()
        .filter(|step| !step.proves_caller)
        .map(|step| step.name)
        .collect();
    assert_eq!(
        without,
        BTreeSet::from([
            "account-alias",
            "account-settings",
            "default-vpcs",
            "record-failure"
        ]),
        "what these do gives nobody a right in an account"
    );
}

/// What plans, the reconciler and the metering may do outside of the automation account, and the first two inside: every action reads.
#[test]
fn no_role_that_only_looks_may_write() {
    let functions = functions().into_iter();
    let own: Vec<(String, String)> = functions
        .filter(|function| [plan::NAME, reconcile::NAME].contains(&function.folder.as_str()))
        .map(|function| (function.role, function.template))
        .collect();
    assert_eq!(own.len(), 2);
    let behind = [
        ("AVMMeteringRole", MANAGEMENT),
        ("AVMPlanRole", MANAGEMENT),
        ("AVMReconcileRole", MANAGEMENT),
        ("AVMVerificationRole", MEMBER),
    ];
    for (role, path) in behind
        .map(|(role, path)| (role.to_owned(), path.to_owned()))
        .into_iter()
        .chain(own)
    {
        let template = template(&path);
        for action in allowed_actions(&resources(&template)[&role]) {
            let (service, name) = action.split_once(':').unwrap();
            let reads = ["Describe", "Get", "List", "Search", "View"];
            // IAM Identity Center decrypts what it reads in its caller's name.
            let is_read =
                reads.iter().any(|verb| name.starts_with(verb)) || action == "kms:Decrypt";
            let is_of_every_function = ["logs", "xray", "sts"].contains(&service);
            assert!(is_read || is_of_every_function, "{role}: {action}");
        }
    }
}
