//! What lets an account go from one landing zone to another: a rule in the old one's document, or an operator's word.
//! A caller can write neither.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Document, Problem};
use crate::domain::{Day, LandingZoneName};

/// What a change to the landing zone may do that `mayBecome` names; said, so that nobody allows it without noticing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeRule {
    /// The access role may keep more than before.
    #[serde(default)]
    pub widens_downgrade: bool,
    /// The account may go to a unit that is not known to be the old one or below it.
    #[serde(default)]
    pub leaves_organizational_unit: bool,
}

/// An operator's word, `/avm/changes/<account id>`: this account may go from one landing zone to another, up to a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LandingZoneChange {
    /// The landing zone that the account was vended in.
    pub from: LandingZoneName,
    /// The landing zone that it may go to.
    pub to: LandingZoneName,
    /// The last day of it, in UTC: afterwards it lets nobody go there and back.
    pub until: Day,
}

impl Document for LandingZoneChange {
    fn sample() -> Value {
        json!({"from": "a", "to": "b", "until": "2026-12-05"})
    }

    fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }
}
