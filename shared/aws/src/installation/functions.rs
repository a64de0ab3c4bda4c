//! The state machine `avm-doctor`: it asks every function of the machine whether the trusts let it into its roles.
//! Whoever may start it needs no right to invoke a function.

use serde::Deserialize;
use serde_json::json;

use super::Installation;
use avm_core::domain::{AccountId, RoleArn, RoleName};
use avm_core::error::{ErrorName, Failure};

const MACHINE: &str = "avm-doctor";
/// A function that is asked may wait for a minute; all are asked side by side.
const LOOKS: u32 = 150;

/// An account whose roles are tried, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub account: AccountId,
    pub access_role: RoleName,
}

/// A function, and what it has answered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Asked {
    pub function: String,
    /// The version that it was built as; none: it has not answered.
    pub version: Option<String>,
    #[serde(default)]
    pub trusts: Vec<Trial>,
    /// Why it has not answered.
    pub error: Option<String>,
    pub cause: Option<String>,
}

/// A role that a function has tried.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Trial {
    pub role: RoleArn,
    /// Why it could not be assumed, if so.
    pub error: Option<String>,
    pub cause: Option<String>,
}

impl Installation {
    /// Has every function of the machine try its roles, by the machine `avm-doctor` beside that of the vends; none: there is no
    /// such machine, as in an earlier version.
    pub async fn ask_functions(
        &self,
        of_vends: &str,
        subject: Option<&Subject>,
    ) -> Result<Option<Vec<Asked>>, Failure> {
        let input = json!({
            "AccountId": subject.map(|subject| &subject.account),
            "AccessRole": subject.map(|subject| &subject.access_role),
        });
        let answer = self.run_beside(of_vends, MACHINE, input.to_string(), LOOKS);
        answer.await?.map(|output| read(&output)).transpose()
    }
}

fn read(output: &str) -> Result<Vec<Asked>, Failure> {
    serde_json::from_str(output)
        .map_err(|error| Failure::new(ErrorName::Internal, format!("{MACHINE} answered: {error}")))
}
