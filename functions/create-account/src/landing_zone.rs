//! The landing zone that an account is held to since its last vend, and what lets an order take it out of there.
//! Both documents are read only where the order names another landing zone: a caller can write neither.

use std::collections::BTreeMap;

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

impl<A, W: World> Search<'_, A, W> {
    /// The landing zone that the order takes the account out of, if anything allows that; none if it is in no other one.
    ///
    /// Fails with `LandingZoneNotAllowed`, and with `InvalidConfiguration` where the old document cannot be read.
    pub(crate) async fn landing_zone_to_leave(
        &self,
        id: &AccountId,
        tags: &BTreeMap<String, String>,
    ) -> Result<Option<Leave>, Failure> {
        let wanted = &self.call.order.landing_zone;
        let held_to = tags.get(LANDING_ZONE_KEY);
        let Some(held_to) = held_to.filter(|name| *name != wanted.name.as_str()) else {
            return Ok(None);
        };
        let from: LandingZoneName = held_to.parse().map_err(|_| unreadable(id))?;
        let (word, document) = (
            format!("{CHANGE_PARAMETERS}{id}"),
            format!("{LANDING_ZONE_PARAMETERS}{from}"),
        );
        let documents = self.world.documents(Door::Own).await?;
        let mut lacking = Vec::new();
        match documents.find_document(&word).await? {
            None => lacking.push(format!("there is no {word}")),
            Some(text) => {
                let change: LandingZoneChange = read_document(&word, &text)?;
                match self.lacks(&change, &from)? {
                    None => return Ok(Some(leave(id, from, word))),
                    Some(words) => lacking.push(format!("{word} {words}")),
                }
            }
        }
        match documents.find_document(&document).await? {
            None => lacking.push(format!("there is no {document}")),
            Some(text) => {
                let old: LandingZone = read_document(&document, &text)?;
                let found = zone_change::lacks(&old, &wanted.name, &wanted.settings);
                if found.is_empty() {
                    return Ok(Some(leave(id, from, format!("mayBecome of {document}"))));
                }
                lacking.extend(
                    found
                        .into_iter()
                        .map(|words| format!("{document}: {words}")),
                );
            }
        }
        Err(refused(id, &from, &wanted.name, &lacking.join("; ")))
    }

    /// Why an operator's word does not allow this change; none if it does.
    fn lacks(
        &self,
        change: &LandingZoneChange,
        from: &LandingZoneName,
    ) -> Result<Option<String>, Failure> {
        let wanted = &self.call.order.landing_zone.name;
        let now = self.world.time(std::time::Duration::ZERO);
        let today = Day::of(&now)
            .map_err(|error| Failure::new(ErrorName::Internal, format!("the time: {error}")))?;
        let LandingZoneChange {
            from: said_from,
            to,
            until,
        } = change;
        Ok(if said_from != from || to != wanted {
            Some(format!("allows to go from {said_from} to {to} only"))
        } else if *until < today {
            Some(format!("allowed it until {until}"))
        } else {
            None
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
