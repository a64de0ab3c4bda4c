//! What the types of a landing zone's fields cannot say: within the document, and on the platform that it is meant for.
//! A document that would fail a vend, or make it do the wrong thing, now or years later, is refused when it is read.

use std::collections::BTreeMap;

use super::{
    DowngradeSetting, Enrollment, LandingZone, Platform, Problem, budget, document, patterns,
};
use crate::domain::STRICT_PROVIDER_PREFIX;
use crate::domain::{OrganizationalUnitTarget, ProjectRole, RoleName};
use crate::error::Failure;

/// The most StackSets of a landing zone. An execution ends at 25,000 events, and each StackSet may add more than a thousand while
/// it waits for its turn and its operation; a contract test adds up what the other steps need.
pub const MOST_STACK_SETS: usize = 9;

const MAPPINGS_OF_SINGLE_SIGN_ON: &str = "singleSignOn.roleMappings";

impl LandingZone {
    /// What is wrong within the document.
    pub(super) fn problems_within(&self) -> Vec<Problem> {
        let mut problems = self.stack_set_problems();
        problems.extend(self.enrollment_problems());
        problems.extend(self.single_sign_on_problems());
        problems.extend(self.identity_provider_problems());
        problems.extend(self.budget.iter().flat_map(budget::problems));
        if !self.elevation.is_never() && self.downgrade == DowngradeSetting::None {
            problems.push(Problem::new(
                "elevation",
                "needs a downgrade that takes the power away again".to_owned(),
            ));
        }
        problems
    }

    /// What the landing zone asks for and the platform does not have; each problem is one of the landing zone's fields.
    pub fn problems_on(&self, platform: &Platform) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.account_alias && platform.account_alias_pattern.is_none() {
            problems.push(needs("accountAlias", "accountAliasPattern"));
        }
        if !platform.central_root_access.is_unchecked() && !self.can_be_looked_into() {
            problems.push(Problem::new(
                "stackSets",
                format!(
                    "must name {}, by whose role the account's root user is looked at: the platform document has \
                     centralRootAccess",
                    Self::SHIPPED_STACK_SET
                ),
            ));
        }
        problems.extend(self.control_tower_problem(platform));
        problems.extend(self.instance_problems(platform));
        problems.extend(self.provider_problem(platform));
        let provider = self.identity_provider.iter();
        problems.extend(provider.flat_map(|provider| provider.problems_on(platform)));
        problems.extend(self.region_problems(platform));
        let of_budget = |found| budget::problem_on(found, platform);
        problems.extend(self.budget.as_ref().and_then(of_budget));
        problems
    }

    /// Checks that the platform has what the landing zone asks for; `source` is the file or parameter of the landing zone.
    ///
    /// # Errors
    /// `InvalidConfiguration`, with the source, every faulty field and what is expected.
    pub fn validate_on(&self, platform: &Platform, source: &str) -> Result<(), Failure> {
        match self.problems_on(platform) {
            problems if problems.is_empty() => Ok(()),
            problems => Err(document::failure(source, &problems)),
        }
    }

    fn stack_set_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let number = self.stack_sets.len();
        if number > MOST_STACK_SETS {
            problems.push(Problem::new(
                "stackSets",
                format!("must be at most {MOST_STACK_SETS} StackSets, not {number}"),
            ));
        }
        for (index, reference) in self.stack_sets.iter().enumerate() {
            let first = self.stack_sets.iter().position(|other| other == reference);
            if let Some(first) = first.filter(|first| *first < index) {
                problems.push(Problem::new(
                    format!("stackSets[{index}]"),
                    format!("must not repeat the StackSet and region of stackSets[{first}]"),
                ));
            }
        }
        problems
    }

    /// Control Tower enrolls in registered units only, and a unit that a vend makes is not registered.
    fn enrollment_problems(&self) -> Vec<Problem> {
        let enrollment = self.enrollment;
        if enrollment == Enrollment::None {
            return Vec::new();
        }
        let mut problems = Vec::new();
        let registered =
            "an organizational unit that is registered with AWS Control Tower, by id or path";
        let is_root = match &self.organizational_unit {
            OrganizationalUnitTarget::Root => true,
            OrganizationalUnitTarget::Id(id) => id.is_root(),
            _ => false,
        };
        if is_root {
            problems.push(Problem::new(
                "organizationalUnit",
                format!("with enrollment {enrollment} must be {registered}; the root is not"),
            ));
        }
        if self.organizational_unit == OrganizationalUnitTarget::PerWorkspace {
            problems.push(Problem::new(
                "organizationalUnit",
                format!(
                    "with enrollment {enrollment} must be {registered}; units that are made for each workspace are not"
                ),
            ));
        }
        if self.create_organizational_units {
            problems.push(Problem::new(
                "createOrganizationalUnits",
                format!(
                    "must be false with enrollment {enrollment}: a unit that is made on the way is not registered with \
                     AWS Control Tower"
                ),
            ));
        }
        problems
    }

    fn single_sign_on_problems(&self) -> Vec<Problem> {
        let Some(single_sign_on) = &self.single_sign_on else {
            return Vec::new();
        };
        let mappings = &single_sign_on.role_mappings;
        let without_sets = mappings
            .iter()
            .filter(|(_, mapping)| mapping.permission_sets.is_empty())
            .map(|(role, _)| {
                Problem::new(
                    format!("{MAPPINGS_OF_SINGLE_SIGN_ON}.{role}.permissionSets"),
                    "must name at least one permission set",
                )
            });
        let mut problems: Vec<Problem> = without_sets.collect();
        let names = mappings
            .iter()
            .map(|(role, mapping)| (MAPPINGS_OF_SINGLE_SIGN_ON, role, &mapping.aws_role_name));
        problems.extend(repeated_names(names, "both would be one group"));
        problems
    }

    fn identity_provider_problems(&self) -> Vec<Problem> {
        let Some(provider) = &self.identity_provider else {
            return Vec::new();
        };
        let (managed, external) = (
            &provider.role_mappings_managed,
            &provider.role_mappings_external,
        );
        if managed.is_empty() && external.is_empty() {
            return vec![Problem::new(
                "identityProvider",
                "must map at least one project role, in roleMappingsManaged or roleMappingsExternal; leave \
                 identityProvider out where there is none",
            )];
        }
        let managed = managed.iter().map(|(role, mapping)| {
            (
                "identityProvider.roleMappingsManaged",
                role,
                &mapping.aws_role_name,
            )
        });
        let external = external.iter().map(|(role, mapping)| {
            (
                "identityProvider.roleMappingsExternal",
                role,
                &mapping.aws_role_name,
            )
        });
        let mut problems = repeated_names(
            managed.chain(external),
            "both would be one role in the account",
        );
        problems.extend(provider.reserved_names());
        problems
    }

    fn control_tower_problem(&self, platform: &Platform) -> Option<Problem> {
        let tower = platform.control_tower.as_ref();
        match self.enrollment {
            Enrollment::None => None,
            Enrollment::Auto => tower.is_none().then(|| needs("enrollment", "controlTower")),
            Enrollment::ServiceCatalog => {
                let product = tower.and_then(|tower| tower.account_factory_product_id.as_ref());
                let user = tower.and_then(|tower| tower.single_sign_on_user.as_ref());
                (product.is_none() || user.is_none()).then(|| {
                    needs(
                        "enrollment",
                        "controlTower with accountFactoryProductId and singleSignOnUser",
                    )
                })
            }
        }
    }

    fn instance_problems(&self, platform: &Platform) -> Vec<Problem> {
        let Some(single_sign_on) = &self.single_sign_on else {
            return Vec::new();
        };
        let Some(instance) = &platform.single_sign_on else {
            return vec![needs("singleSignOn", "singleSignOn")];
        };
        let sets_of_instance =
            instance
                .instance_arn
                .as_str()
                .replacen(":instance/", ":permissionSet/", 1);
        let is_of_instance = |set: &str| {
            set.strip_prefix(&sets_of_instance)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let mut problems = Vec::new();
        for (role, mapping) in &single_sign_on.role_mappings {
            let pattern = &instance.group_name_pattern;
            if let Some(expected) = patterns::role_problem(pattern, &mapping.aws_role_name) {
                let field = format!("{MAPPINGS_OF_SINGLE_SIGN_ON}.{role}.awsRoleName");
                problems.push(Problem::new(field, expected));
            }
            for set in &mapping.permission_sets {
                if set.is_arn() && !is_of_instance(set.as_str()) {
                    problems.push(Problem::new(
                        format!("singleSignOn.roleMappings.{role}.permissionSets"),
                        format!(
                            "{set} must belong to the platform's singleSignOn.instanceArn: {sets_of_instance}/ps-…"
                        ),
                    ));
                }
            }
        }
        problems
    }

    fn provider_problem(&self, platform: &Platform) -> Option<Problem> {
        self.identity_provider.as_ref()?;
        let Some(provider) = &platform.identity_provider else {
            return Some(needs("identityProvider", "identityProvider"));
        };
        let is_out_of_reach = self.downgrade == DowngradeSetting::Strict
            && !provider.name.as_str().starts_with(STRICT_PROVIDER_PREFIX);
        is_out_of_reach.then(|| {
            Problem::new(
                "downgrade",
                format!(
                    "must not be strict where the platform's identityProvider.name does not begin with \
                     {STRICT_PROVIDER_PREFIX}: the SAML provider {} could not be looked after any more, because under \
                     strict only the providers {STRICT_PROVIDER_PREFIX}* are",
                    provider.name
                ),
            )
        })
    }

    /// Nothing of AWS reaches from one partition into another, and only the partition aws has regions to enable.
    fn region_problems(&self, platform: &Platform) -> Vec<Problem> {
        let partition = platform.region.partition();
        let mut problems = Vec::new();
        for (index, reference) in self.stack_sets.iter().enumerate() {
            if reference.region.partition() != partition {
                problems.push(Problem::new(
                    format!("stackSets[{index}].region"),
                    format!("must be in the partition {partition}, as the platform's region is"),
                ));
            }
        }
        for region in &self.opt_in_regions {
            let expected = if region.partition() != partition {
                format!(
                    "{region} must be in the partition {partition}, as the platform's region is"
                )
            } else if partition != "aws" {
                format!(
                    "must not name {region}: in the partition {partition} every region is enabled"
                )
            } else {
                continue;
            };
            problems.push(Problem::new("optInRegions", expected));
        }
        problems
    }
}

fn needs(field: &str, section: &str) -> Problem {
    Problem::new(
        field,
        format!("needs {section} in the platform document, which does not have it"),
    )
}

/// The mappings whose role name is another's already; IAM compares them in any letter case.
fn repeated_names<'a>(
    names: impl Iterator<Item = (&'a str, &'a ProjectRole, &'a RoleName)>,
    why: &str,
) -> Vec<Problem> {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    let mut problems = Vec::new();
    for (field, role, name) in names {
        let path = format!("{field}.{role}.awsRoleName");
        match first.get(&name.as_str().to_ascii_lowercase()) {
            Some(other) => problems.push(Problem::new(
                path,
                format!("must not be the same as {other}: {why}"),
            )),
            None => {
                first.insert(name.as_str().to_ascii_lowercase(), path);
            }
        }
    }
    problems
}
