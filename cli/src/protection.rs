//! `avm config check` with the lists of what the machine is kept away from: whether the organization has more to protect, and has on
//! what the platform requires.
//! Asks AWS with credentials of the management account, and changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::{Platform, Problem};
use avm_core::domain::{AccountId, GroupId};
use avm_core::error::Failure;
use avm_core::ports::survey::Survey;
use avm_core::rules::root_access::{NOT_CENTRAL, TURN_ON};
use avm_documents::Found;

/// The lists, as they are deployed.
pub struct Protection {
    /// `ProtectedAccountIds`.
    pub accounts: BTreeSet<AccountId>,
    /// `ProtectedGroupIds`.
    pub groups: BTreeSet<GroupId>,
    /// Automation and meshcloud account, which are protected without being named.
    pub of_the_machine: BTreeSet<AccountId>,
}

/// What the lists lack, one line each.
///
/// # Errors
/// AWS refuses, or does not answer.
pub async fn problems(
    protection: &Protection,
    platform: &Platform,
    survey: &impl Survey,
) -> Result<Vec<Found>, Failure> {
    let management = survey.management().await?;
    let mut powerful: BTreeMap<AccountId, &str> = BTreeMap::new();
    if let Some(tower) = &platform.control_tower {
        let found = survey.accounts_of_control_tower(&tower.region).await?;
        powerful.extend(
            found
                .into_iter()
                .map(|id| (id, "of AWS Control Tower's landing zone")),
        );
    }
    let delegated = survey.delegated_administrators().await?;
    powerful.extend(
        delegated
            .into_iter()
            .map(|id| (id, "a delegated administrator")),
    );
    let is_known = |id: &AccountId| {
        *id == management
            || protection.accounts.contains(id)
            || protection.of_the_machine.contains(id)
    };
    let mut problems: Vec<Found> = powerful
        .iter()
        .filter(|(id, _)| !is_known(id))
        .map(|(id, what)| {
            lacks(
                "ProtectedAccountIds",
                format!("must name account {id}, {what}"),
            )
        })
        .collect();
    let mut guarded: BTreeSet<&AccountId> = protection.accounts.iter().collect();
    guarded.insert(&management);
    guarded.extend(powerful.keys());
    let mut leads: BTreeMap<GroupId, &AccountId> = BTreeMap::new();
    for account in guarded {
        let groups = survey.groups_of(account).await?;
        leads.extend(groups.into_iter().map(|group| (group, account)));
    }
    leads.retain(|group, _| !protection.groups.contains(group));
    if !platform.central_root_access.is_unchecked() && !survey.has_central_root_access().await? {
        let expected = format!("{NOT_CENTRAL}: {TURN_ON}");
        problems.push(Found {
            file: "platform.json".to_owned(),
            problem: Problem::new("centralRootAccess", expected),
        });
    }
    problems.extend(leads.iter().map(|(group, account)| {
        let expected = format!("must name group {group}, which leads into account {account}");
        lacks("ProtectedGroupIds", expected)
    }));
    Ok(problems)
}

fn lacks(parameter: &str, expected: String) -> Found {
    Found {
        file: "templates".to_owned(),
        problem: Problem::new(parameter, expected),
    }
}

#[cfg(test)]
mod tests {
    use avm_core::config::Document;
    use avm_core::domain::Region;

    use super::*;

    const MANAGEMENT: &str = "333333333333";
    const AUDIT: &str = "444444444444";
    const SECURITY: &str = "555555555555";
    const AUTOMATION: &str = "222222222222";
    const ADMINISTRATORS: &str = "11111111-2222-3333-4444-555555555555";

    #[derive(Default)]
    struct Organization {
        manages_root_credentials: bool,
    }

    fn ids(ids: &[&str]) -> BTreeSet<AccountId> {
        ids.iter().map(|id| id.parse().unwrap()).collect()
    }

    fn groups(ids: &[&str]) -> BTreeSet<GroupId> {
        ids.iter().map(|id| id.parse().unwrap()).collect()
    }

    impl Survey for Organization {
        async fn management(&self) -> Result<AccountId, Failure> {
            Ok(MANAGEMENT.parse().unwrap())
        }

        async fn has_central_root_access(&self) -> Result<bool, Failure> {
            Ok(self.manages_root_credentials)
        }

        async fn delegated_administrators(&self) -> Result<BTreeSet<AccountId>, Failure> {
            Ok(ids(&[SECURITY, AUTOMATION]))
        }

        async fn accounts_of_control_tower(
            &self,
            _: &Region,
        ) -> Result<BTreeSet<AccountId>, Failure> {
            Ok(ids(&[AUDIT]))
        }

        async fn groups_of(&self, account: &AccountId) -> Result<BTreeSet<GroupId>, Failure> {
            let found: &[&str] = if account.as_str() == MANAGEMENT {
                &[ADMINISTRATORS]
            } else {
                &[]
            };
            Ok(groups(found))
        }
    }

    async fn check(accounts: &[&str], found: &[&str], has_control_tower: bool) -> Vec<String> {
        let mut document = Platform::sample();
        if has_control_tower {
            document["controlTower"] = serde_json::json!({"region": "eu-central-1"});
        }
        let platform: Platform = serde_json::from_value(document).unwrap();
        let protection = Protection {
            accounts: ids(accounts),
            groups: groups(found),
            of_the_machine: ids(&[AUTOMATION]),
        };
        let found = problems(&protection, &platform, &Organization::default()).await;
        let lines = found.unwrap().into_iter().map(|found| found.to_string());
        lines.collect()
    }

    #[tokio::test]
    async fn lists_that_name_all_have_no_problems() {
        assert_eq!(
            check(&[AUDIT, SECURITY], &[ADMINISTRATORS], true).await,
            [""; 0]
        );
        assert_eq!(check(&[SECURITY], &[ADMINISTRATORS], false).await, [""; 0]);
    }

    #[tokio::test]
    async fn the_management_of_root_credentials_is_asked_for_only_where_it_is_required() {
        for (setting, manages_root_credentials, is_well) in [
            (None, false, true),
            (Some("required"), true, true),
            (Some("required"), false, false),
        ] {
            let mut document = Platform::sample();
            if let Some(setting) = setting {
                document["centralRootAccess"] = setting.into();
            }
            let platform: Platform = serde_json::from_value(document).unwrap();
            let protection = Protection {
                accounts: ids(&[SECURITY]),
                groups: groups(&[ADMINISTRATORS]),
                of_the_machine: ids(&[AUTOMATION]),
            };
            let organization = Organization {
                manages_root_credentials,
            };
            let found = problems(&protection, &platform, &organization)
                .await
                .unwrap();
            assert_eq!(found.is_empty(), is_well, "{found:?}");
            assert!(
                is_well
                    || found[0]
                        .problem
                        .expected
                        .contains("aws iam enable-organizations-root-credentials")
            );
        }
    }

    #[tokio::test]
    async fn what_is_missing_is_named_with_why() {
        assert_eq!(
            check(&[], &[], true).await,
            [
                format!(
                    "templates: field ProtectedAccountIds: must name account {AUDIT}, of AWS Control Tower's landing zone"
                ),
                format!(
                    "templates: field ProtectedAccountIds: must name account {SECURITY}, a delegated administrator"
                ),
                format!(
                    "templates: field ProtectedGroupIds: must name group {ADMINISTRATORS}, which leads into account {MANAGEMENT}"
                ),
            ]
        );
    }
}
