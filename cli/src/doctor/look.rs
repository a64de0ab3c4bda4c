//! Where the facts come from: AWS, with the operator's credentials of the automation account and of the management account.
//! What cannot be looked at is a finding, and keeps nothing else from being looked at.

use std::collections::{BTreeMap, BTreeSet};

use avm_aws::SdkConfig;
use avm_aws::clock;
use avm_aws::documents::ParameterStore;
use avm_aws::installation::{Installation, Quotas, Stack, Subject, VENDING_ROLES};
use avm_aws::survey::OrganizationSurvey;
use avm_core::config::Platform;
use avm_core::domain::{AccountId, GroupId, Moment, Region, RoleName};
use avm_core::doors::{Behind, DOORS};
use avm_core::error::Failure;
use tokio::task::JoinSet;

use super::facts::{Account, Facts, Functions, Looked, Management, Meshcloud, PermissionSets};
use super::finding::Finding;
use crate::protection::{self, Protection};
use crate::vend;

/// As `templates/external-ids.yaml` names them.
const SECRETS: [&str; 3] = [
    "avm/external-id/cost-explorer",
    "avm/external-id/machine",
    "avm/external-id/meshstack",
];
/// meshStack's and CloudFormation's roles, by the names that the templates give them unless told otherwise.
const ROLES_OF_AUTOMATION: [&str; 2] = [
    "AWSCloudFormationStackSetAdministrationRole",
    "MeshfedAutomationRole",
];
const ROLES_OF_MANAGEMENT: [&str; 2] = ["MeshCostExplorerServiceRole", "MeshfedServiceRole"];
/// The users of `templates/meshcloud.yaml`; meshStack may sign in by federation instead.
const USERS: [&str; 2] = ["CostExplorerUser", "meshfed-service-user"];
/// What the names of the machine's stacks begin with, and those of the applications within them.
const STACKS: &str = "avm";

/// CloudFormation user guide, "Detect drift on an entire CloudFormation stack": the others are at work, or have nothing.
const WHERE_DRIFT_IS_DETECTED: [&str; 4] = [
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
];

/// What is looked at.
pub struct Scope {
    pub stack: String,
    /// None: as `avm bootstrap` calls that of the machine.
    pub roles_stack: Option<String>,
    pub account: Option<AccountId>,
    pub allows_examples: bool,
    /// Whether it is looked for what somebody has changed behind CloudFormation's back.
    pub looks_for_drift: bool,
}

/// One who looks, and what could not be looked at.
#[derive(Default)]
pub struct Looker {
    pub unknown: Vec<Finding>,
}

impl Looker {
    fn known<Known>(&mut self, place: &str, looked: Result<Known, Failure>) -> Looked<Known> {
        looked
            .map_err(|failure| self.unknown.push(Finding::unknown(place, &failure)))
            .ok()
    }

    /// Everything that is known of the automation account, with the region that the operator has signed in to.
    pub async fn automation(
        &mut self,
        configuration: &SdkConfig,
        region: &Region,
        scope: &Scope,
    ) -> Facts {
        let here = Installation::of(configuration.clone(), region.clone());
        let store = ParameterStore::new(configuration);
        let documents = self.known("/avm", vend::documents(&store).await);
        let roles = ROLES_OF_AUTOMATION.map(str::to_owned);
        let automation = self.account(&here, region, &roles, scope).await;
        let mut facts = Facts {
            documents,
            allows_examples: scope.allows_examples,
            stack: scope.stack.clone(),
            automation,
            missing_secrets: Vec::new(),
            concurrency: None,
            most_instances: None,
            subscribers: None,
            functions: Functions::Unknown,
            stack_sets: BTreeMap::new(),
            management: None,
            meshcloud: None,
        };
        for secret in SECRETS {
            if self.known(secret, here.has_secret(secret).await) == Some(false) {
                facts.missing_secrets.push(secret.to_owned());
            }
        }
        let quotas = self.known("Lambda", here.quotas("lambda").await);
        facts.concurrency = quotas.and_then(|found| found.named(&["concurrent executions"]));
        let quotas = self.known("CloudFormation", here.quotas("cloudformation").await);
        let words = ["stack instances", "per stack set"];
        facts.most_instances = quotas.and_then(|found| found.named(&words));
        self.of_the_machine(&here, &mut facts, scope).await;
        for (_, zone) in facts.landing_zones() {
            for wanted in zone.stack_sets {
                let name = wanted.name.as_str();
                if !facts.stack_sets.contains_key(name)
                    && let Some(found) = self.known(name, here.find_stack_set(name).await)
                {
                    facts.stack_sets.insert(name.to_owned(), found);
                }
            }
        }
        facts
    }

    /// What the outputs of its stack lead to: who hears of failures, and the functions.
    async fn of_the_machine(&mut self, here: &Installation, facts: &mut Facts, scope: &Scope) {
        let outputs = facts.machine().map(|stack| stack.outputs.clone());
        let output = |name: &str| outputs.as_ref().and_then(|found| found.get(name).cloned());
        if let Some(topic) = output("FailureTopicArn") {
            facts.subscribers = self.known("avm-failures", here.count_subscribers(&topic).await);
        }
        if let Some(machine) = output("StateMachineArn") {
            let subject = subject(facts, scope);
            let asked = here.ask_functions(&machine, subject.as_ref()).await;
            facts.functions = match self.known("avm-doctor", asked) {
                None => Functions::Unknown,
                Some(None) => Functions::NoMachine,
                Some(Some(asked)) => Functions::Asked(asked),
            };
        }
    }

    /// Everything that is known of the meshcloud account.
    pub async fn meshcloud(
        &mut self,
        configuration: &SdkConfig,
        region: &Region,
        scope: &Scope,
    ) -> Meshcloud {
        let here = Installation::of(configuration.clone(), region.clone());
        let account = self.account(&here, region, &[], scope).await;
        let mut keys = Vec::new();
        for user in USERS {
            let ages = self.known(user, here.active_keys(user).await.map(days_since));
            let ages = ages.into_iter().flatten();
            keys.extend(ages.map(|age| (user.to_owned(), age)));
        }
        Meshcloud { account, keys }
    }

    /// Everything that is known of the management account.
    pub async fn management(
        &mut self,
        configuration: &SdkConfig,
        region: &Region,
        scope: &Scope,
        facts: &Facts,
    ) -> Management {
        let here = Installation::of(configuration.clone(), region.clone());
        let machine = facts.machine().map(Stack::machine_name).unwrap_or_default();
        let doors = DOORS.iter().filter_map(|row| match row.behind {
            Behind::Management(name) => machine.role(name).map(|role| role.to_string()),
            _ => None,
        });
        let roles: Vec<String> = doors
            .chain(ROLES_OF_MANAGEMENT.map(str::to_owned))
            .collect();
        let mut found = Management {
            account: self.account(&here, region, &roles, scope).await,
            stack: scope
                .roles_stack
                .clone()
                .unwrap_or_else(|| machine.stack(VENDING_ROLES)),
            ..Management::default()
        };
        let place = "AWS Organizations";
        let accounts = self.known(place, here.count_accounts().await);
        found.accounts = accounts.and_then(|number| number.try_into().ok());
        let quotas = self.known(place, here.quotas_of_the_organization().await);
        let most = quotas.and_then(|quotas| quotas.named(&["number of accounts"]));
        found.most_accounts = most;
        found.trusted_services = self.known(place, here.trusted_services().await);
        if let Some(platform) = facts.platform() {
            self.of_the_platform(configuration, &here, &platform, &mut found)
                .await;
        }
        found
    }

    async fn of_the_platform(
        &mut self,
        configuration: &SdkConfig,
        here: &Installation,
        platform: &Platform,
        found: &mut Management,
    ) {
        if let Some(tower) = &platform.control_tower {
            let place = "AWS Control Tower";
            let zone = self.known(place, here.find_tower(&tower.region).await);
            found.towers = zone.map(|zone| zone.into_iter().collect());
            let there = Installation::of(configuration.clone(), tower.region.clone());
            let quotas: Option<Quotas> = self.known(place, there.quotas("controltower").await);
            found.most_operations =
                quotas.and_then(|quotas| quotas.named(&["concurrent", "account operations"]));
        }
        if let Some(instance) = &platform.single_sign_on {
            let place = "IAM Identity Center";
            let instances = here.instances(&instance.region).await;
            found.instances = self.known(place, instances);
            let (arn, region) = (instance.instance_arn.as_str(), &instance.region);
            if found.instances.iter().flatten().any(|one| one.arn == arn) {
                let key = here.key_of_instance(arn, region).await;
                found.instance_key = self.known(place, key).flatten();
            }
            let count = here.count_permission_sets(arn, region).await;
            let count = self.known(place, count);
            let there = Installation::of(configuration.clone(), region.clone());
            let quotas = self.known(place, there.quotas("sso").await);
            let named = |words: &[&str]| quotas.as_ref().and_then(|quotas| quotas.named(words));
            found.permission_sets = PermissionSets {
                count: count.and_then(|number| number.try_into().ok()),
                // The service has had two names.
                most: named(&["permission sets allowed in"]),
                most_of_account: named(&["permission sets allowed per", "account"]),
            };
        }
        let stacks = found.account.stacks.as_ref();
        let parameters = stacks
            .and_then(|stacks| stacks.get(&found.stack))
            .map(|stack| &stack.parameters);
        if let Some(parameters) = parameters {
            let instance = platform.single_sign_on.clone();
            let survey = OrganizationSurvey::new(configuration.clone(), instance);
            let problems = protection::problems(&protected(parameters), platform, &survey).await;
            found.unprotected = self.known("organization", problems).unwrap_or_default();
        }
    }

    async fn account(
        &mut self,
        here: &Installation,
        region: &Region,
        roles: &[String],
        scope: &Scope,
    ) -> Account {
        let stacks = here.stacks().await.map(|mut stacks| {
            stacks.retain(|name, stack| {
                let of = stack.part_of.as_ref().unwrap_or(name);
                of.starts_with(STACKS)
                    || *of == scope.stack
                    || Some(of) == scope.roles_stack.as_ref()
            });
            stacks
        });
        let stacks = self.known("stacks", stacks);
        let settled = stacks.iter().flatten().filter(|(_, stack)| {
            scope.looks_for_drift && WHERE_DRIFT_IS_DETECTED.contains(&stack.status.as_str())
        });
        let names: Vec<String> = settled.map(|(name, _)| name.clone()).collect();
        let drifted = self.drift(here, names).await;
        let mut gone = Vec::new();
        for role in roles {
            let Ok(name) = role.parse::<RoleName>() else {
                continue;
            };
            let principals = self.known(role, here.gone_principals(&name).await);
            let principals = principals.into_iter().flatten();
            gone.extend(principals.map(|principal| (role.clone(), principal)));
        }
        Account {
            region: region.to_string(),
            stacks,
            drifted,
            regions: self.known("regions", here.open_regions().await),
            gone,
        }
    }

    /// Side by side: CloudFormation takes its time for each.
    async fn drift(
        &mut self,
        here: &Installation,
        stacks: Vec<String>,
    ) -> Vec<(String, avm_aws::installation::Drifted)> {
        let mut looks = JoinSet::new();
        for stack in stacks {
            let here = here.clone();
            looks.spawn(async move {
                let drift = here.drift_of(&stack).await;
                (stack, drift)
            });
        }
        let mut found = Vec::new();
        for (stack, drift) in looks.join_all().await {
            let drift = self.known(&stack, drift).unwrap_or_default();
            found.extend(drift.into_iter().map(|one| (stack.clone(), one)));
        }
        found
    }
}

fn days_since(moments: Vec<Moment>) -> Vec<u64> {
    let now: Option<Moment> = clock::now().parse().ok();
    let since = |moment: Moment| Some(now?.hours_since(moment) / 24);
    moments.into_iter().filter_map(since).collect()
}

fn subject(facts: &Facts, scope: &Scope) -> Option<Subject> {
    Some(Subject {
        account: scope.account.clone()?,
        access_role: facts.platform()?.account_access_role,
    })
}

/// The lists, as they are deployed.
fn protected(parameters: &BTreeMap<String, String>) -> Protection {
    let list = |names: &[&str]| -> Vec<String> {
        let values = names.iter().filter_map(|name| parameters.get(*name));
        values
            .flat_map(|value| value.split(',').map(str::to_owned))
            .collect()
    };
    let accounts = |names: &[&str]| -> BTreeSet<AccountId> {
        list(names)
            .iter()
            .filter_map(|id| id.parse().ok())
            .collect()
    };
    let groups = list(&["ProtectedGroupIds"]);
    let groups = groups.iter().filter_map(|id| id.parse::<GroupId>().ok());
    Protection {
        accounts: accounts(&["ProtectedAccountIds"]),
        groups: groups.collect(),
        of_the_machine: accounts(&["AutomationAccountId", "MeshcloudAccountId"]),
    }
}
