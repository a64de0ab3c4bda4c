//! The landing zone that an account is held to since its last vend, and what lets an order take it out of there.
//! Both documents are read only where the order names another landing zone: a caller can write neither.

use std::collections::BTreeMap;
use std::time::Duration;

use avm_core::config::{LandingZone, LandingZoneChange, read_document};
use avm_core::domain::{
    AccountId, CHANGE_PARAMETERS, Day, LANDING_ZONE_KEY, LANDING_ZONE_PARAMETERS, LandingZoneName,
};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::documents::Documents;
use avm_core::rules::zone_change;
use avm_core::world::World;

use crate::{Leave, Search};

/// What one document says of the change.
enum Answer {
    /// It allows it: what does, in words.
    Allows(String),
    /// What it lacks to allow it, in words.
    Lacks(String),
}

impl<A, W: World> Search<'_, A, W> {
    /// The landing zone that the order takes the account out of, if anything allows that; none if it is in no other one.
    ///
    /// Fails with `LandingZoneNotAllowed`, and with `InvalidConfiguration` where a document cannot be read.
    pub(crate) async fn landing_zone_to_leave(
        &self,
        id: &AccountId,
        tags: &BTreeMap<String, String>,
    ) -> Result<Option<Leave>, Failure> {
        let to = &self.call.order.landing_zone.name;
        let held_to = tags.get(LANDING_ZONE_KEY);
        let Some(held_to) = held_to.filter(|name| *name != to.as_str()) else {
            return Ok(None);
        };
        let from: LandingZoneName = held_to.parse().map_err(|_| unreadable(id))?;
        let documents = self.world.documents(Door::Own).await?;
        let word = match self.ask_the_operators(&documents, id, &from).await? {
            Answer::Allows(by) => return Ok(Some(leave(id, from, by))),
            Answer::Lacks(words) => words,
        };
        match self.ask_the_old_document(&documents, &from).await? {
            Answer::Allows(by) => Ok(Some(leave(id, from, by))),
            Answer::Lacks(words) => Err(refused(id, &from, to, &format!("{word}; {words}"))),
        }
    }

    async fn ask_the_operators(
        &self,
        documents: &impl Documents,
        id: &AccountId,
        wanted_from: &LandingZoneName,
    ) -> Result<Answer, Failure> {
        let parameter = format!("{CHANGE_PARAMETERS}{id}");
        let Some(stored) = documents.find_document(&parameter).await? else {
            return Ok(Answer::Lacks(format!("there is no {parameter}")));
        };
        let LandingZoneChange { from, to, until } = read_document(&parameter, &stored.text)?;
        let today = Day::of(&self.world.time(Duration::ZERO))
            .map_err(|error| Failure::new(ErrorName::Internal, format!("the time: {error}")))?;
        let wanted_to = &self.call.order.landing_zone.name;
        Ok(if (&from, &to) != (wanted_from, wanted_to) {
            Answer::Lacks(format!("{parameter} allows to go from {from} to {to} only"))
        } else if until < today {
            Answer::Lacks(format!("{parameter} allowed it until {until}"))
        } else {
            Answer::Allows(parameter)
        })
    }

    async fn ask_the_old_document(
        &self,
        documents: &impl Documents,
        from: &LandingZoneName,
    ) -> Result<Answer, Failure> {
        let parameter = format!("{LANDING_ZONE_PARAMETERS}{from}");
        let Some(stored) = documents.find_document(&parameter).await? else {
            return Ok(Answer::Lacks(format!("there is no {parameter}")));
        };
        let old: LandingZone = read_document(&parameter, &stored.text)?;
        let wanted = &self.call.order.landing_zone;
        let lacking = zone_change::lacks(&old, &wanted.name, &wanted.settings);
        Ok(if lacking.is_empty() {
            Answer::Allows(format!("mayBecome of {parameter}"))
        } else {
            Answer::Lacks(format!("{parameter}: {}", lacking.join(", and ")))
        })
    }
}

fn leave(id: &AccountId, landing_zone: LandingZoneName, allowed_by: String) -> Leave {
    tracing::info!(account = %id, %landing_zone, allowed_by, "the account leaves its landing zone");
    Leave {
        landing_zone,
        allowed_by,
    }
}

fn refused(id: &AccountId, from: &LandingZoneName, to: &LandingZoneName, lacking: &str) -> Failure {
    Failure::new(
        ErrorName::LandingZoneNotAllowed,
        format!(
            "LandingZone: the account was vended in the landing zone {from}, and nothing lets it go to {to}: {lacking}"
        ),
    )
    .with_remedy(format!(
        "send the request for {from}; or an operator lets this account go with `avm account change-landing-zone \
         --account {id} --from {from} --to {to}`, or every account of {from} by mayBecome in its document"
    ))
    .of_account(id)
}

fn unreadable(id: &AccountId) -> Failure {
    Failure::new(
        ErrorName::LandingZoneNotAllowed,
        format!("the tag {LANDING_ZONE_KEY} of the account does not name a landing zone"),
    )
    .with_remedy(format!(
        "find out in which landing zone the account was vended, and correct {LANDING_ZONE_KEY} in AWS Organizations"
    ))
    .of_account(id)
}
