//! The content of a file in the shape of meshStack's `Aws.dhall`: the older record, the newer sections, or both.
//! It contains no secret: those are noticed and dropped.

use super::evaluate::Data;
use super::fields::{Faults, Fields};

/// The options of meshStack's configuration, as far as the file has them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Source {
    pub platform: Option<String>,
    pub region: Option<String>,
    pub has_service_user: bool,
    pub organization_root_account_role: Option<String>,
    pub organization_root_external_id: Option<ExternalId>,
    pub automation_account_role: Option<String>,
    pub automation_external_id: Option<ExternalId>,
    pub wait_for_external_avm: Option<bool>,
    pub account_access_role: Option<String>,
    pub account_email_pattern: Option<String>,
    pub account_alias_pattern: Option<String>,
    pub enforce_account_alias: Option<bool>,
    pub self_downgrade_access_role: Option<bool>,
    pub single_sign_on: Option<SingleSignOnSource>,
    pub managed: Option<Vec<Mapping>>,
    pub external: Option<Vec<Mapping>>,
    pub enrollment: Option<EnrollmentSource>,
    pub reserved_instance_fair_chargeback: Option<bool>,
    pub savings_plan_fair_chargeback: Option<bool>,
    /// `NONE` or `EXCLUDE_TAX`.
    pub filter: Option<&'static str>,
}

/// An ExternalId: it is compared, never printed.
#[derive(PartialEq, Eq)]
pub struct ExternalId(String);

impl std::fmt::Debug for ExternalId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("<ExternalId>")
    }
}

/// `aws-sso`, without its token.
#[derive(Debug, PartialEq, Eq)]
pub struct SingleSignOnSource {
    pub scim_endpoint: Option<String>,
    pub arn: Option<String>,
    pub group_name_pattern: Option<String>,
    pub has_token: bool,
    pub role_mappings: Vec<Mapping>,
}

/// An entry of a role mapping: the project role, the name, and its policies or permission sets.
#[derive(Debug, PartialEq, Eq)]
pub struct Mapping {
    pub project_role: String,
    pub aws_role_name: String,
    pub carries: Vec<String>,
}

/// The enrollment with Control Tower.
#[derive(Debug, PartialEq, Eq)]
pub struct EnrollmentSource {
    pub product_id: Option<String>,
    pub management_account_id: Option<String>,
}

/// Reads the evaluated file, or returns its faults: missing, mistyped, unknown and duplicate fields.
pub fn read(data: Data) -> Result<Source, Faults> {
    let record = match data {
        Data::Record(record) => record,
        Data::Other(kind @ ("a function" | "a type")) => {
            return Err(vec![format!(
                "the file is {kind}: that is the type of the configuration (λ(Secret : Type) → …); name the file with \
                 the value, a record such as {{ platform = \"aws\", region = … }}"
            )]);
        }
        other => {
            return Err(vec![format!(
                "the file must be a record, not {}",
                other.kind()
            )]);
        }
    };
    let mut faults = Faults::new();
    let mut reader = Reader {
        faults: &mut faults,
    };
    let source = reader.source(record);
    if faults.is_empty() {
        Ok(source)
    } else {
        Err(faults)
    }
}

struct Reader<'a> {
    faults: &'a mut Faults,
}

impl Reader<'_> {
    fn source(&mut self, record: std::collections::BTreeMap<String, Data>) -> Source {
        let faults = &mut *self.faults;
        let mut fields = Fields::of("", record, faults);
        let mut source = Source {
            platform: fields.required_text("platform", faults),
            region: fields.required_text("region", faults),
            organization_root_account_role: fields.text("organizationRootAccountRole", faults),
            organization_root_external_id: fields
                .text("organizationRootAccountExternalId", faults)
                .map(ExternalId),
            automation_account_role: fields.text("automationAccountRole", faults),
            automation_external_id: fields
                .text("automationAccountExternalId", faults)
                .map(ExternalId),
            wait_for_external_avm: fields.flag("waitForExternalAvm", faults),
            account_access_role: fields.text("accountAccessRole", faults),
            account_email_pattern: fields.required_text("accountEmailPattern", faults),
            account_alias_pattern: fields.text("accountAliasPattern", faults),
            enforce_account_alias: fields.flag("enforceAccountAlias", faults),
            self_downgrade_access_role: fields.flag("selfDowngradeAccessRole", faults),
            ..Source::default()
        };
        source.has_service_user = self.service_user(&mut fields);
        self.metering(&mut fields, &mut source);
        source.enrollment = self.enrollment(&mut fields);
        self.access(&mut fields, &mut source);
        fields.finish(self.faults);
        source
    }

    fn service_user(&mut self, fields: &mut Fields) -> bool {
        let Some(mut user) = fields.section("meshfedServiceUser", self.faults) else {
            return false;
        };
        user.secret("accessKey");
        user.secret("secretKey");
        user.finish(self.faults);
        true
    }

    /// The two switches and the filter, in the record itself or in a section of their own.
    fn metering(&mut self, fields: &mut Fields, source: &mut Source) {
        const SWITCHES: [&str; 2] = [
            "reservedInstanceFairChargeback",
            "savingsPlanFairChargeback",
        ];
        const FILTERS: [&str; 2] = ["NONE", "EXCLUDE_TAX"];
        let outer = SWITCHES.map(|name| fields.flag(name, self.faults));
        let outer_filter = fields.alternative("filter", &FILTERS, self.faults);
        let mut within = [None, None];
        let mut filter = None;
        if let Some(mut section) = fields.section("metering", self.faults) {
            within = SWITCHES.map(|name| section.flag(name, self.faults));
            filter = section.alternative("filter", &FILTERS, self.faults);
            section.finish(self.faults);
        }
        let mut one_of = |index: usize| {
            self.only_one(
                SWITCHES[index],
                outer[index],
                "the one below metering",
                within[index],
            )
        };
        source.reserved_instance_fair_chargeback = one_of(0);
        source.savings_plan_fair_chargeback = one_of(1);
        source.filter = self.only_one("filter", outer_filter, "the one below metering", filter);
    }

    fn enrollment(&mut self, fields: &mut Fields) -> Option<EnrollmentSource> {
        let section = fields.section("enrollmentConfiguration", self.faults);
        let other = fields.section("controlTower", self.faults);
        let mut section =
            self.only_one("enrollmentConfiguration", section, "controlTower", other)?;
        let product_id = section.text("accountFactoryProductId", self.faults);
        let other = section.text("productId", self.faults);
        let enrollment = EnrollmentSource {
            product_id: self.only_one("accountFactoryProductId", product_id, "productId", other),
            management_account_id: section.text("managementAccountId", self.faults),
        };
        section.finish(self.faults);
        Some(enrollment)
    }

    /// `aws-sso` and `mesh-idb`, in the record itself or below `iam-configuration`; the older mappings in the record.
    fn access(&mut self, fields: &mut Fields, source: &mut Source) {
        let mut inner = fields.section("iamConfiguration", self.faults);
        let mut section = |reader: &mut Self, name: &'static str| {
            let outer = fields.section(name, reader.faults);
            let within = inner
                .as_mut()
                .and_then(|inner| inner.section(name, reader.faults));
            reader.only_one(name, outer, "the one below iamConfiguration", within)
        };
        let single_sign_on = section(self, "awsSso");
        let provider = section(self, "meshIdb");
        if let Some(inner) = inner {
            inner.finish(self.faults);
        }
        source.single_sign_on = single_sign_on.map(|section| self.single_sign_on(section));
        source.managed = self.mappings(fields, "roleMappingsManaged", Some("policies"));
        source.external = self.mappings(fields, "roleMappingsExternal", None);
        if let Some(mut section) = provider {
            let managed = self.mappings(&mut section, "roleMappingsManaged", Some("policies"));
            let external = self.mappings(&mut section, "roleMappingsExternal", None);
            section.finish(self.faults);
            source.managed = self.merged("roleMappingsManaged", source.managed.take(), managed);
            source.external = self.merged("roleMappingsExternal", source.external.take(), external);
        }
    }

    fn single_sign_on(&mut self, mut section: Fields) -> SingleSignOnSource {
        let source = SingleSignOnSource {
            scim_endpoint: section.text("scimEndpoint", self.faults),
            arn: section.required_text("arn", self.faults),
            group_name_pattern: section.required_text("groupNamePattern", self.faults),
            has_token: section.secret("ssoAccessToken"),
            role_mappings: self
                .mappings(&mut section, "roleMappings", Some("permissionSetArns"))
                .unwrap_or_default(),
        };
        section.finish(self.faults);
        source
    }

    fn mappings(
        &mut self,
        fields: &mut Fields,
        name: &'static str,
        carries: Option<&'static str>,
    ) -> Option<Vec<Mapping>> {
        let entries = fields.map(name, self.faults)?;
        let mappings = entries.into_iter().map(|(project_role, mut entry)| {
            let mapping = Mapping {
                project_role,
                aws_role_name: entry
                    .required_text("awsRoleName", self.faults)
                    .unwrap_or_default(),
                carries: carries
                    .map(|name| entry.texts(name, self.faults))
                    .unwrap_or_default(),
            };
            entry.finish(self.faults);
            mapping
        });
        Some(mappings.collect())
    }

    /// The mappings of the older record and of `mesh-idb`: a file may have both, as long as one of them is empty.
    fn merged(
        &mut self,
        name: &str,
        older: Option<Vec<Mapping>>,
        newer: Option<Vec<Mapping>>,
    ) -> Option<Vec<Mapping>> {
        match (older, newer) {
            (Some(older), Some(newer)) if !older.is_empty() && !newer.is_empty() => {
                self.faults.push(format!(
                    "field {name}: duplicate key, the other one is in meshIdb"
                ));
                Some(older)
            }
            (Some(older), newer) if older.is_empty() => newer.or(Some(older)),
            (older, newer) => older.or(newer),
        }
    }

    fn only_one<Kind>(
        &mut self,
        name: &str,
        one: Option<Kind>,
        other_name: &str,
        other: Option<Kind>,
    ) -> Option<Kind> {
        if one.is_some() && other.is_some() {
            self.faults.push(format!(
                "field {name}: must not be given together with {other_name}"
            ));
        }
        one.or(other)
    }
}
