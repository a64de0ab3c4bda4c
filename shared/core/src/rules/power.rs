//! Which steps act through the powerful access role, and what a vend that ended too soon has left for them to do.
//! A role that was never taken down keeps its power for these, so that the same request can go on.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::config::{Enrollment, LandingZone};
use crate::contract::order::Order;
use crate::domain::{LANDING_ZONE_KEY, PolicyDocument};
use crate::rules::owner::{Claim, Owner};

/// Which of the steps that need the power had done their work when the vend ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reached {
    pub enrolled: bool,
    pub access_stack: bool,
    pub set_up: bool,
}

impl Reached {
    /// The states that the same request would enter again and that need the power; none: nothing needs it any more, or the next
    /// vend gives it back.
    pub fn still_needs_power(self, settings: &LandingZone) -> Option<String> {
        let stays_down = settings.elevation.is_never();
        let open = [
            (
                "Enroll",
                !self.enrolled && settings.enrollment != Enrollment::None,
            ),
            (
                "AccessStack",
                stays_down && !self.access_stack && settings.access_stack.is_some(),
            ),
            (
                "DefaultVpcs",
                stays_down && !self.set_up && settings.delete_default_vpcs,
            ),
            (
                "IdentityProvider",
                stays_down && !self.set_up && settings.identity_provider.is_some(),
            ),
        ];
        let open: Vec<&str> = open
            .into_iter()
            .filter_map(|(state, is_open)| is_open.then_some(state))
            .collect();
        (!open.is_empty()).then(|| open.join(", "))
    }
}

/// The inline policy that gives the power back; the downgrade deletes it as any other.
pub const ELEVATION_POLICY: &str = "AVMElevation";
/// How long the power is good for at most, whatever becomes of the vend: longer than one goes on as a rule. One that waits
/// longer fails in the step that needs it, and the next vend gives it anew.
pub const LONGEST: Duration = Duration::from_hours(12);
/// Power that ends sooner is given anew.
pub const LEAST_LEFT: Duration = Duration::from_hours(11);

/// The document of [`ELEVATION_POLICY`], good until that time (RFC 3339, UTC).
#[must_use]
pub fn elevation(until: &str) -> PolicyDocument {
    PolicyDocument::new(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "UntilTheVendEnds",
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:CurrentTime": until}},
        }],
    }))
}

/// Whether a document of [`ELEVATION_POLICY`] is good at that time, and is what the machine writes.
#[must_use]
pub fn is_valid(document: &PolicyDocument, time: &str) -> bool {
    let until = document
        .as_value()
        .pointer("/Statement/0/Condition/DateLessThan/aws:CurrentTime");
    // Times of one form and one zone stand in the order of their letters.
    until.and_then(Value::as_str).is_some_and(|until| {
        *document == elevation(until) && until.len() == time.len() && until > time
    })
}

/// Why an account does not get the power back for an order; none: it does. Its tags must name the order's owner, and no other
/// landing zone than the order's, to which the account is held.
#[must_use]
pub fn refusal(order: &Order, tags: &BTreeMap<String, String>) -> Option<String> {
    if Owner::of(order).claim(tags) != Claim::Ours {
        return Some("the tags of the account do not name its workspace and project".to_owned());
    }
    let held = tags.get(LANDING_ZONE_KEY)?;
    let own = order.landing_zone.name.as_str();
    (held != own)
        .then(|| format!("the account is held to landing zone {held} until this vend is done"))
}

/// What to do where the access role may not do what a step has to, after its downgrade.
pub const REMEDY: &str = "the access role was taken down and may not do it any more: let the landing zone say \"elevation\": \
    \"when-needed\", or have an operator give the power back, as docs/OPERATION.md tells under \"Power for a vend\"; then send the \
    request again";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Elevation;
    use crate::testing::order;

    #[test]
    fn where_the_power_comes_back_only_the_enrollment_keeps_it() {
        let mut settings = order().landing_zone.settings;
        settings.elevation = Elevation::WhenNeeded;
        settings.delete_default_vpcs = true;
        settings.enrollment = Enrollment::None;
        let needs = |settings: &LandingZone| Reached::default().still_needs_power(settings);
        assert_eq!(needs(&settings), None);
        settings.enrollment = Enrollment::Auto;
        assert_eq!(needs(&settings).unwrap(), "Enroll");
    }

    #[test]
    fn the_power_ends_by_itself() {
        let until = "2026-11-05T22:00:00Z";
        let document = elevation(until);
        assert!(is_valid(&document, "2026-11-05T21:00:00Z"));
        assert!(!is_valid(&document, until));
        assert!(!is_valid(&document, "2026-11-06T00:00:00Z"));
        let endless = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        assert!(!is_valid(&PolicyDocument::of_text(endless), until));
    }

    #[test]
    fn an_account_of_another_owner_or_landing_zone_gets_none() {
        let order = order();
        let zone = order.landing_zone.name.as_str();
        let tags = |pairs: &[(&str, &str)]| {
            let owner = Owner::of(&order).tags();
            let more = pairs.iter();
            let more = more.map(|&(key, value)| (key.to_owned(), value.to_owned()));
            owner.into_iter().chain(more).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(refusal(&order, &tags(&[])), None);
        assert_eq!(refusal(&order, &tags(&[(LANDING_ZONE_KEY, zone)])), None);
        for refused in [
            BTreeMap::new(),
            tags(&[(LANDING_ZONE_KEY, "another")]),
            tags(&[("avm:workspace", "moon")]),
        ] {
            assert!(refusal(&order, &refused).is_some(), "{refused:?}");
        }
    }

    const EVERYTHING: Reached = Reached {
        enrolled: true,
        access_stack: true,
        set_up: true,
    };

    #[test]
    fn power_is_needed_by_what_is_wanted_and_not_done() {
        let mut settings = order().landing_zone.settings;
        settings.enrollment = Enrollment::None;
        settings.delete_default_vpcs = true;
        settings.identity_provider = None;
        assert!(settings.access_stack.is_some());
        let needs = |reached: Reached| reached.still_needs_power(&settings);
        assert_eq!(
            needs(Reached::default()).unwrap(),
            "AccessStack, DefaultVpcs"
        );
        let with_stack = Reached {
            access_stack: true,
            ..Reached::default()
        };
        assert_eq!(needs(with_stack).unwrap(), "DefaultVpcs");
        assert_eq!(needs(EVERYTHING), None);
    }

    #[test]
    fn a_landing_zone_that_wants_none_of_it_needs_no_power() {
        let mut settings = order().landing_zone.settings;
        settings.enrollment = Enrollment::None;
        settings.access_stack = None;
        settings.delete_default_vpcs = false;
        settings.identity_provider = None;
        assert_eq!(Reached::default().still_needs_power(&settings), None);
    }
}
