//! Which landing zone a request gets: the one it names, else the one that its tag names, else the default.
//! The tag is the payload's key that the platform document names; users type it, so it reaches only what is selectable by it.

use std::fmt;

use avm_core::config::{LandingZone, Platform};
use avm_core::domain::{LANDING_ZONE_PARAMETERS, LandingZoneName, PLATFORM_PARAMETER};
use avm_core::error::{ErrorName, Failure};

use crate::payload::Payload;
use crate::problems::Problems;

/// A landing zone's name, and what named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The landing zone's name.
    pub name: LandingZoneName,
    source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Key,
    Tag(String),
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key => formatter.write_str("LandingZone"),
            Self::Tag(key) => formatter.write_str(key),
            Self::Default => write!(formatter, "defaultLandingZone of {PLATFORM_PARAMETER}"),
        }
    }
}

impl Choice {
    /// The parameter of the landing zone's document.
    #[must_use]
    pub fn parameter(&self) -> String {
        parameter(&self.name)
    }

    /// The failure of a landing zone that has no document.
    #[must_use]
    pub fn unknown(&self) -> Failure {
        let Self { name, source } = self;
        Failure::new(
            ErrorName::UnknownLandingZone,
            format!(
                "landing zone {name}, named by {source}, does not exist: there is no parameter {}",
                self.parameter()
            ),
        )
    }

    /// Whether what has named the landing zone may do so, as its document says.
    ///
    /// # Errors
    /// `LandingZoneNotAllowed`, with the tag and the document.
    pub fn check(&self, settings: &LandingZone) -> Result<(), Failure> {
        match &self.source {
            Source::Tag(key) if !settings.selectable_by_tag => Err(Failure::new(
                ErrorName::LandingZoneNotAllowed,
                format!(
                    "{key}: may not name the landing zone {}, since its document {} does not say selectableByTag",
                    self.name,
                    self.parameter()
                ),
            )
            .with_remedy(format!(
                "name the landing zone in LandingZone, which its users cannot type, or set selectableByTag to true in {} \
                 if they may choose it",
                self.parameter()
            ))),
            Source::Tag(_) | Source::Key | Source::Default => Ok(()),
        }
    }
}

/// The parameter of that landing zone's document.
#[must_use]
pub fn parameter(name: &LandingZoneName) -> String {
    format!("{LANDING_ZONE_PARAMETERS}{name}")
}

/// Chooses the landing zone; faults are added to the problems.
pub fn choose(payload: &Payload, platform: &Platform, problems: &mut Problems) -> Option<Choice> {
    if let Some(name) = payload.landing_zone.clone() {
        return Some(Choice {
            name,
            source: Source::Key,
        });
    }
    let tag = platform.landing_zone_tag.as_ref();
    let tagged = tag.and_then(|key| Some((key, payload.tags.get(key)?)));
    if let Some((key, value)) = tagged.filter(|(_, value)| !value.trim().is_empty()) {
        let name = problems.take(key, value.parse::<LandingZoneName>())?;
        return Some(Choice {
            name,
            source: Source::Tag(key.clone()),
        });
    }
    if let Some(name) = platform.default_landing_zone.clone() {
        return Some(Choice {
            name,
            source: Source::Default,
        });
    }
    let or_tag = tag.map(|key| format!(" (or {key})")).unwrap_or_default();
    problems.add(
        "LandingZone",
        format!("is missing{or_tag}: {PLATFORM_PARAMETER} has no defaultLandingZone"),
    );
    None
}
