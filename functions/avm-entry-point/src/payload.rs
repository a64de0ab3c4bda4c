//! Reads meshStack's flat payload, and collects every fault before it fails.
//! Unknown keys are accepted with any value: meshStack adds keys over time.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use avm_core::domain::PLATFORM_PARAMETER;
use avm_core::domain::{
    AccountId, AccountName, ContactAddress, Email, LandingZoneName, ProjectIdentifier, Region,
    WorkspaceIdentifier, is_xml_text,
};
use avm_core::error::{ErrorName, Failure};
use serde_json::{Map, Value};

use crate::problems::Problems;

pub use keys::KEYS;
use keys::is_look_alike;
use tags::Tags;

mod keys;
pub mod role_bindings;
mod tags;

/// A request that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The account to adopt, or what is known of the one to create.
    pub account: WantedAccount,
    /// `ProductName`.
    pub workspace: WorkspaceIdentifier,
    /// `Stage`.
    pub project: ProjectIdentifier,
    /// `ProjectId`: argument 3 of patterns.
    pub project_id: Option<String>,
    /// `ContactEmail`.
    pub contact: Option<ContactAddress>,
    /// `CostCenter`.
    pub cost_center: Option<String>,
    /// `tag…` under their full keys.
    pub tags: BTreeMap<String, String>,
    /// The tags that did not come as texts: the key of each and what it was, without its value.
    pub taken_as_text: Vec<String>,
    /// `RoleBindings`.
    pub role_bindings: Option<role_bindings::Given>,
    /// `LandingZone`.
    pub landing_zone: Option<LandingZoneName>,
    /// `Force`: run again even if the same request has succeeded.
    pub force: bool,
}

/// The account of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedAccount {
    /// It exists: meshStack has created it.
    Existing {
        /// `AccountId`.
        id: AccountId,
        /// `AccountName`.
        name: AccountName,
        /// `AccountEmail`.
        email: Email,
        /// `AccountArn`.
        arn: Option<String>,
    },
    /// It is created, under what is given, else under what the platform's patterns make.
    New {
        /// `AccountName`.
        name: Option<AccountName>,
        /// `AccountEmail`.
        email: Option<Email>,
    },
}

impl WantedAccount {
    /// The id of an account that exists.
    pub const fn id(&self) -> Option<&AccountId> {
        match self {
            Self::Existing { id, .. } => Some(id),
            Self::New { .. } => None,
        }
    }

    /// The account must be in the platform's partition: AWS partitions do not reach each other.
    pub fn check_partition(&self, region: &Region, problems: &mut Problems) {
        let Self::Existing { arn: Some(arn), .. } = self else {
            return;
        };
        let partition = region.partition();
        if arn.split(':').nth(1) != Some(partition) {
            problems.add(
                "AccountArn",
                format!(
                    "must be in the partition {partition}, as region of {PLATFORM_PARAMETER} is"
                ),
            );
        }
    }
}

impl Payload {
    /// Reads meshStack's payload: one flat object of strings; only `RoleBindings` may be an object itself, and a tag a number, a
    /// boolean or a list.
    ///
    /// # Errors
    /// `InvalidRequest`, with every faulty field and what is expected.
    pub fn read(event: &Value) -> Result<Self, Failure> {
        let Value::Object(fields) = event else {
            return Err(Failure::new(
                ErrorName::InvalidRequest,
                format!(
                    "the payload must be one flat JSON object of strings, not {}",
                    kind_of(event)
                ),
            ));
        };
        let mut reader = Reader {
            fields,
            problems: Problems::default(),
        };
        reader.check_keys();
        let account = reader.account();
        let payload = (
            account,
            reader.required("ProductName"),
            reader.required("Stage"),
        );
        let project_id = reader.project_id();
        let contact = reader.free_text("ContactEmail").map(ContactAddress::new);
        let cost_center = reader.free_text("CostCenter");
        let landing_zone = reader.optional("LandingZone");
        let force = reader.force();
        let Tags {
            texts: tags,
            taken_as_text,
        } = reader.tags();
        let role_bindings = reader.role_bindings();
        let failure = reader.problems.into_failure();
        match (payload, failure) {
            ((Some(account), Some(workspace), Some(project)), None) => Ok(Self {
                account,
                workspace,
                project,
                project_id,
                contact,
                cost_center,
                tags,
                taken_as_text,
                role_bindings,
                landing_zone,
                force,
            }),
            ((account, ..), failure) => {
                let failure = failure.unwrap_or_else(|| {
                    Failure::new(ErrorName::InvalidRequest, "the payload cannot be read")
                });
                Err(match account {
                    Some(WantedAccount::Existing { id, .. }) => failure.of_account(&id),
                    _ => failure,
                })
            }
        }
    }
}

struct Reader<'a> {
    fields: &'a Map<String, Value>,
    problems: Problems,
}

impl Reader<'_> {
    /// Whether a key is given; one that holds null is not.
    fn is_given(&self, field: &str) -> bool {
        self.fields.get(field).is_some_and(|value| !value.is_null())
    }

    /// Any text; null counts as absent.
    fn text(&mut self, field: &str) -> Option<String> {
        match self.fields.get(field)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => {
                let expected = format!("must be a JSON string, not {}", kind_of(other));
                self.problems.add(field, expected);
                None
            }
        }
    }

    /// A text that a user typed. StackSets get it unchanged, so it must be valid in AWS's requests.
    fn free_text(&mut self, field: &str) -> Option<String> {
        let text = self.text(field)?;
        self.check_xml(field, &text);
        Some(text)
    }

    fn check_xml(&mut self, field: &str, text: &str) {
        if !is_xml_text(text) {
            let expected = "must not contain control characters other than tab and line break: AWS accepts no others";
            self.problems.add(field, expected);
        }
    }

    /// Rejects near misses (`accountId`): the caller meant the real key, and ignoring it would create a second account.
    fn check_keys(&mut self) {
        let fields = self.fields;
        for known in KEYS.iter().filter(|known| !fields.contains_key(**known)) {
            if fields.keys().any(|key| is_look_alike(key, known)) {
                self.problems.add(
                    known,
                    "must be spelled exactly like this: the payload has a key that looks like it but differs",
                );
            }
        }
    }

    fn optional<Kind>(&mut self, field: &str) -> Option<Kind>
    where
        Kind: FromStr,
        Kind::Err: Display,
    {
        let text = self.text(field)?;
        self.problems.take(field, text.parse::<Kind>())
    }

    fn required<Kind>(&mut self, field: &str) -> Option<Kind>
    where
        Kind: FromStr,
        Kind::Err: Display,
    {
        if !self.is_given(field) {
            self.problems.add(field, "is missing");
        }
        self.optional(field)
    }

    fn account(&mut self) -> Option<WantedAccount> {
        // The caller meant an existing account; to ignore null would create a new one.
        if self.fields.get("AccountId").is_some_and(Value::is_null) {
            self.problems
                .add("AccountId", "must be 12 digits or left out, not null");
            return None;
        }
        if !self.is_given("AccountId") {
            if self.is_given("AccountArn") {
                self.problems.add(
                    "AccountId",
                    "must be given with AccountArn, or leave both out to have an account created",
                );
            }
            return Some(WantedAccount::New {
                name: self.optional("AccountName"),
                email: self.optional("AccountEmail"),
            });
        }
        let id: Option<AccountId> = self.optional("AccountId");
        let name = self.required("AccountName");
        let email = self.required("AccountEmail");
        let arn = self.text("AccountArn");
        if let Some(arn) = &arn {
            self.check_arn(arn, id.as_ref());
        }
        Some(WantedAccount::Existing {
            id: id?,
            name: name?,
            email: email?,
            arn,
        })
    }

    fn check_arn(&mut self, arn: &str, id: Option<&AccountId>) {
        match account_of(arn) {
            None => self.problems.add(
                "AccountArn",
                "must be of the form arn:<partition>:organizations::<management account>:account/o-…/<account id>",
            ),
            Some(account) if id.is_some_and(|id| *id != account) => self
                .problems
                .add("AccountArn", "must end with the account id in AccountId"),
            Some(_) => {}
        }
    }

    fn project_id(&mut self) -> Option<String> {
        let text = self.text("ProjectId")?;
        let is_number =
            text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<i64>().is_ok();
        if !is_number {
            self.problems
                .add("ProjectId", "must be a whole number in digits");
        }
        Some(text)
    }

    fn force(&mut self) -> bool {
        let Some(text) = self.text("Force") else {
            return false;
        };
        if text != "true" && text != "false" {
            self.problems
                .add("Force", "must be the string \"true\" or \"false\"");
        }
        text == "true"
    }

    fn role_bindings(&mut self) -> Option<role_bindings::Given> {
        role_bindings::read(self.fields.get("RoleBindings")?, &mut self.problems)
    }
}

/// The account id at the end of the ARN of an account in any partition.
fn account_of(arn: &str) -> Option<AccountId> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "organizations", "", management, resource] = parts[..] else {
        return None;
    };
    let is_partition = partition.starts_with("aws")
        && partition
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let (organization, account) = resource.strip_prefix("account/o-")?.split_once('/')?;
    let is_organization = (1..=32).contains(&organization.len())
        && organization
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_valid = is_partition && is_organization && management.parse::<AccountId>().is_ok();
    account.parse().ok().filter(|_| is_valid)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
