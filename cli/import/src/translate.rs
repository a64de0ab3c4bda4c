//! From meshStack's options and those of the command line to our documents, with a line for every option: where it went.
//! A missing value is named with the option that gives it.

use serde_json::{Map, Value, json};

use super::options::Options;
use super::source::Source;

mod access;

/// The name that `CreateAccount` gives the access role by default.
const DEFAULT_ACCESS_ROLE: &str = "MeshstackAccountAccessRole";
/// The StackSet that ships with the project.
const SHIPPED_STACK_SET: &str = "avm-landing-zone";

/// The documents, not yet checked.
pub struct Translation {
    /// `platform.json`.
    pub platform: Value,
    /// `landing-zones/<name>.json`.
    pub landing_zone: Value,
    /// Every option, and where it went.
    pub table: Vec<(String, String)>,
}

/// Translates the file, or returns the missing options of the command line, each with the reason.
pub fn translate(source: &Source, options: &Options) -> Result<Translation, Vec<String>> {
    let mut translator = Translator {
        source,
        options,
        zone: String::new(),
        missing: Vec::new(),
        platform: Map::new(),
        landing_zone: Map::new(),
        table: Vec::new(),
    };
    translator.names();
    translator.basics();
    translator.trust();
    translator.patterns();
    translator.single_sign_on();
    translator.provider();
    translator.enrollment();
    translator.downgrade();
    translator.rest();
    translator.metering();
    translator.added();
    if translator.missing.is_empty() {
        Ok(Translation {
            platform: translator.platform.into(),
            landing_zone: translator.landing_zone.into(),
            table: translator.table,
        })
    } else {
        Err(translator.missing)
    }
}

struct Translator<'a> {
    source: &'a Source,
    options: &'a Options,
    /// The file of the landing zone, for the table.
    zone: String,
    missing: Vec<String>,
    platform: Map<String, Value>,
    landing_zone: Map<String, Value>,
    table: Vec<(String, String)>,
}

/// For the table: an option that the file does not have.
const ABSENT: &str = "not in the file";
const PLATFORM: &str = "platform.json";

impl Translator<'_> {
    fn row(&mut self, option: &str, where_to: impl Into<String>) {
        self.table.push((option.to_owned(), where_to.into()));
    }

    fn zone_row(&mut self, option: &str, field: &str) {
        let where_to = format!("{}: {field}", self.zone);
        self.row(option, where_to);
    }

    /// The option's value; without one, its name and the reason are noted.
    fn need<Kind: ToString>(&mut self, given: Option<&Kind>, option: &str, why: &str) -> Value {
        if let Some(value) = given {
            return value.to_string().into();
        }
        self.missing.push(format!("{option} is missing: {why}"));
        Value::Null
    }

    /// Names that our documents have and the file does not.
    fn names(&mut self) {
        let options = self.options;
        let name = self.need(
            options.landing_zone_name.as_ref(),
            "--landing-zone-name",
            "the file is about a platform; its mappings belong to a landing zone",
        );
        self.zone = format!("landing-zones/{}.json", name.as_str().unwrap_or_default());
        self.platform.insert("defaultLandingZone".to_owned(), name);
        let unit = self.need(
            options.organizational_unit.as_ref(),
            "--organizational-unit",
            "meshStack has the target of accounts in its landing zone, not in this file",
        );
        self.landing_zone
            .insert("organizationalUnit".to_owned(), unit);
        let pattern = self.need(
            options.account_name_pattern.as_ref(),
            "--account-name-pattern",
            "meshStack names accounts itself; this is for accounts that are created here, e.g. %s-%s",
        );
        self.platform
            .insert("accountNamePattern".to_owned(), pattern);
        let schemas = [
            (&mut self.platform, "schemas/platform.schema.json"),
            (
                &mut self.landing_zone,
                "../schemas/landing-zone.schema.json",
            ),
        ];
        for (document, schema) in schemas {
            document.insert("$schema".to_owned(), schema.into());
        }
    }

    fn basics(&mut self) {
        let source = self.source;
        self.platform
            .insert("platform".to_owned(), json!(source.platform));
        self.platform
            .insert("region".to_owned(), json!(source.region));
        self.landing_zone
            .insert("accessStack".to_owned(), json!({"template": "shipped"}));
        let stack_set = json!([{"name": SHIPPED_STACK_SET, "region": source.region}]);
        self.landing_zone.insert("stackSets".to_owned(), stack_set);
        self.row("platform", format!("{PLATFORM}: platform"));
        let region = format!("{PLATFORM}: region; {}: stackSets[0].region", self.zone);
        self.row("region", region);
        let role = source.account_access_role.as_deref();
        let name = role.unwrap_or(DEFAULT_ACCESS_ROLE);
        self.platform
            .insert("accountAccessRole".to_owned(), name.into());
        let default = if role.is_some() {
            String::new()
        } else {
            format!(", as the default {DEFAULT_ACCESS_ROLE}")
        };
        let where_to = format!(
            "{PLATFORM}: accountAccessRole{default}; template parameter AccountAccessRoleName"
        );
        self.row("accountAccessRole", where_to);
    }

    /// What meshStack itself signs in with, and what lets it in: roles and ExternalId are the templates'.
    fn trust(&mut self) {
        let source = self.source;
        self.row(
            "meshfedServiceUser",
            if source.has_service_user {
                "not carried over: the keys belong to meshStack; templates/meshcloud.yaml makes the user"
            } else {
                ABSENT
            },
        );
        for (option, role, template) in [
            (
                "organizationRootAccountRole",
                &source.organization_root_account_role,
                "templates/management.yaml makes it as MeshfedServiceRole",
            ),
            (
                "automationAccountRole",
                &source.automation_account_role,
                "template.yaml makes it as MeshfedAutomationRole",
            ),
        ] {
            let carried = format!("not carried over: the role that meshStack assumes; {template}");
            self.row(
                option,
                if role.is_some() {
                    carried
                } else {
                    ABSENT.to_owned()
                },
            );
        }
        let root = source.organization_root_external_id.as_ref();
        let automation = source.automation_external_id.as_ref();
        let parameter =
            "template parameter MeshStackExternalIds (a secret: not shown, not written)";
        let other = match (root, automation) {
            (Some(root), Some(automation)) if root != automation => {
                "; differs from organizationRootAccountExternalId, and both roles take one: change it in meshStack"
            }
            _ => "",
        };
        let none = "none: the templates ask for an ExternalId; give meshStack that of templates/external-ids.yaml";
        let row = |given: bool, other: &str| {
            if given {
                format!("{parameter}{other}")
            } else {
                none.to_owned()
            }
        };
        self.row("organizationRootAccountExternalId", row(root.is_some(), ""));
        self.row(
            "automationAccountExternalId",
            row(automation.is_some(), other),
        );
    }

    fn patterns(&mut self) {
        let (source, options) = (self.source, self.options);
        let email = json!(source.account_email_pattern);
        self.platform
            .insert("accountEmailPattern".to_owned(), email);
        self.row(
            "accountEmailPattern",
            format!("{PLATFORM}: accountEmailPattern"),
        );
        let given = options.account_alias_pattern.as_ref();
        let pattern = given.or(source.account_alias_pattern.as_ref());
        self.landing_zone
            .insert("accountAlias".to_owned(), pattern.is_some().into());
        if let Some(pattern) = pattern {
            self.platform
                .insert("accountAliasPattern".to_owned(), pattern.as_str().into());
        }
        let where_to = match (pattern, given) {
            (Some(_), None) => format!(
                "{PLATFORM}: accountAliasPattern; {}: accountAlias is on",
                self.zone
            ),
            (Some(_), Some(_)) => format!(
                "{PLATFORM}: accountAliasPattern is --account-alias-pattern instead; {}: accountAlias is on",
                self.zone
            ),
            (None, _) => {
                "none: no alias is given, because no alias may be like meshStack's default %s.%s; \
                          --account-alias-pattern gives one"
                    .to_owned()
            }
        };
        self.row("accountAliasPattern", where_to);
        let enforce = source.enforce_account_alias;
        self.platform.insert(
            "enforceAccountAlias".to_owned(),
            enforce.unwrap_or_default().into(),
        );
        self.row(
            "enforceAccountAlias",
            enforce.map_or(ABSENT.to_owned(), |_| {
                format!("{PLATFORM}: enforceAccountAlias")
            }),
        );
    }

    fn downgrade(&mut self) {
        let (source, options) = (self.source, self.options);
        let own = source.self_downgrade_access_role;
        let given = options.downgrade.clone();
        // What meshStack itself downgrades to lets the role write its own policies again.
        let meshstacks = (own == Some(true)).then(|| "self-upgradable".to_owned());
        let policy = self.need(
            given.clone().or(meshstacks).as_ref(),
            "--downgrade",
            "the file does not say what the access role keeps: standard, strict, self-upgradable or none",
        );
        self.landing_zone.insert("downgrade".to_owned(), policy);
        let where_to = match (own, given) {
            (None, _) => ABSENT.to_owned(),
            (Some(true), None) => format!(
                "{}: downgrade is self-upgradable, the policy that meshStack downgrades to; switch it off in meshStack",
                self.zone
            ),
            (Some(true), Some(_)) => format!(
                "{}: downgrade is --downgrade instead; switch it off in meshStack",
                self.zone
            ),
            (Some(false), _) => format!(
                "{}: downgrade is --downgrade; meshStack itself does not downgrade",
                self.zone
            ),
        };
        self.row("selfDowngradeAccessRole", where_to);
    }

    /// The section `metering`, where the file has anything of it. Taxes are a decision: without one in the file, of the command
    /// line.
    fn metering(&mut self) {
        let (source, options) = (self.source, self.options);
        let switches = [
            (
                "reservedInstanceFairChargeback",
                source.reserved_instance_fair_chargeback,
            ),
            (
                "savingsPlanFairChargeback",
                source.savings_plan_fair_chargeback,
            ),
        ];
        let is_absent = source.filter.is_none() && switches.iter().all(|(_, on)| on.is_none());
        for (option, given) in switches {
            let field = format!("{PLATFORM}: metering.{option}");
            self.row(option, given.map_or(ABSENT.to_owned(), |_| field));
        }
        let field = format!("{PLATFORM}: metering.filter");
        self.row("filter", source.filter.map_or(ABSENT.to_owned(), |_| field));
        if is_absent {
            return;
        }
        let of_file = source.filter.map(|filter| match filter {
            "EXCLUDE_TAX" => "exclude-tax".to_owned(),
            _ => "none".to_owned(),
        });
        let filter = self.need(
            options.metering_filter.clone().or(of_file).as_ref(),
            "--metering-filter",
            "the file does not say whether taxes are reported: none or exclude-tax",
        );
        let mut section = json!({ "filter": filter });
        for (option, given) in switches {
            section[option] = given.unwrap_or(false).into();
        }
        self.platform.insert("metering".to_owned(), section);
    }

    /// What is meshStack's own, or another part's.
    fn rest(&mut self) {
        let source = self.source;
        let wait = "not carried over: meshStack's own switch; the tags that it waits for are always written";
        self.row(
            "waitForExternalAvm",
            match source.wait_for_external_avm {
                None => ABSENT.to_owned(),
                Some(true) => wait.to_owned(),
                Some(false) => format!("{wait}; it is off: switch it on in meshStack"),
            },
        );
    }

    /// What our documents have besides.
    fn added(&mut self) {
        let added = format!(
            "{}: accessStack and stackSets are the shipped ones; meshStack has its own in its landing zone",
            self.zone
        );
        self.row("(not in the file)", added);
    }
}
