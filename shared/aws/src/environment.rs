//! The environment variables of the functions, declared once.
//! A missing or wrong variable stops the function at its start, with the variable's name.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use avm_core::rules::saml_pins::SamlPins;
use avm_core::rules::ways_out::WaysOut;

macro_rules! variables {
    ($($(#[$meta:meta])* $constant:ident;)+) => {
        $($(#[$meta])* pub const $constant: &str = stringify!($constant);)+
        /// Every variable that a function of ours may read.
        pub const ALL: &[&str] = &[$($constant),+];
    };
}

variables! {
    /// Set by Lambda: the region of the function.
    AWS_REGION;
    /// Read by `rustls-native-certs`, not by us: the one file with the certificates of Lambda's image. Without it the same
    /// bundle is read twice at each start, as file and as folder (aws/aws-lambda-dotnet#1661).
    SSL_CERT_FILE;
    /// ARN of the state machine that vends accounts.
    AVM_STATE_MACHINE_ARN;
    /// Id of the automation account.
    AVM_AUTOMATION_ACCOUNT_ID;
    /// Id of the management account.
    AVM_MANAGEMENT_ACCOUNT_ID;
    /// Name of the machine among several of the organization; empty: the first one.
    AVM_MACHINE_NAME;
    /// Name, with its path, of the permissions boundary of roles that are made in accounts; empty: none.
    AVM_PERMISSIONS_BOUNDARY_NAME;
    /// Id of the meshcloud account, in which `meshfed-service-user` lives.
    AVM_MESHCLOUD_ACCOUNT_ID;
    /// Ids of the accounts that the platform protects from the machine, with commas between; may be empty.
    AVM_PROTECTED_ACCOUNT_IDS;
    /// ARN of the topic on which people are told of failures.
    AVM_FAILURE_TOPIC_ARN;
    /// Hosts of SAML metadata that a platform document may name, with commas between; may be empty.
    AVM_SAML_METADATA_HOSTS;
    /// The entity id of the identity provider; empty where there is none.
    AVM_SAML_ENTITY_ID;
    /// SHA-256 fingerprints of the identity provider's certificates, with commas between; may be empty.
    AVM_SAML_CERTIFICATE_FINGERPRINTS;
    /// What the addresses of access stack templates begin with, with commas between; may be empty.
    AVM_ACCESS_STACK_TEMPLATES;
    /// Name of the access role, for a downgrade that is invoked alone, and for the reconciler.
    AVM_ACCOUNT_ACCESS_ROLE_NAME;
    /// Names of the StackSets that landing zones may roll out, with `*` for any characters.
    AVM_STACK_SET_NAMES;
    /// The bucket of the reports.
    AVM_METERING_BUCKET;
    /// ARN of the key that the bucket's policy asks for; empty: none.
    AVM_METERING_KEY_ARN;
    /// Policy of a downgrade that is invoked alone: `standard`, `self-upgradable` or `strict`.
    AVM_DOWNGRADE_POLICY;
}

/// A variable that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidEnvironment {
    variable: &'static str,
    problem: String,
}

impl fmt::Display for InvalidEnvironment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "environment variable {} {}",
            self.variable, self.problem
        )
    }
}

impl std::error::Error for InvalidEnvironment {}

/// The variables that a function was started with.
pub struct Environment(HashMap<String, String>);

impl Environment {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self(std::env::vars().collect())
    }

    /// Those of a list of pairs.
    pub fn of_pairs(pairs: &[(&str, &str)]) -> Self {
        Self(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    /// Where documents may lead out of the organization.
    ///
    /// # Errors
    /// One of its variables is missing or wrong.
    pub fn ways_out(&self) -> Result<WaysOut, InvalidEnvironment> {
        Ok(WaysOut {
            metadata_hosts: self.read(AVM_SAML_METADATA_HOSTS)?,
            templates: self.read(AVM_ACCESS_STACK_TEMPLATES)?,
            saml_pins: SamlPins {
                entity_id: self.read(AVM_SAML_ENTITY_ID)?,
                certificates: self.read(AVM_SAML_CERTIFICATE_FINGERPRINTS)?,
            },
        })
    }

    /// Reads one variable.
    ///
    /// # Errors
    /// It is missing, or is not what its type asks for.
    pub fn read<Value>(&self, variable: &'static str) -> Result<Value, InvalidEnvironment>
    where
        Value: FromStr,
        Value::Err: fmt::Display,
    {
        let invalid = |problem: String| InvalidEnvironment { variable, problem };
        let text = self
            .0
            .get(variable)
            .ok_or_else(|| invalid("is missing".to_owned()))?;
        text.parse()
            .map_err(|problem: Value::Err| invalid(format!("is wrong: {problem}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use avm_core::domain::AccountId;

    #[test]
    fn a_missing_or_wrong_variable_is_named() {
        let environment = Environment::of_pairs(&[(AVM_AUTOMATION_ACCOUNT_ID, "12")]);
        let wrong = environment
            .read::<AccountId>(AVM_AUTOMATION_ACCOUNT_ID)
            .unwrap_err()
            .to_string();
        let missing = environment
            .read::<AccountId>(AVM_MANAGEMENT_ACCOUNT_ID)
            .unwrap_err()
            .to_string();
        assert_eq!(
            wrong,
            "environment variable AVM_AUTOMATION_ACCOUNT_ID is wrong: account id must be 12 digits"
        );
        assert_eq!(
            missing,
            "environment variable AVM_MANAGEMENT_ACCOUNT_ID is missing"
        );
    }
}
