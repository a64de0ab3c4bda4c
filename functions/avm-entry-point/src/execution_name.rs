//! The deterministic names of executions: `<key>-<YYYY-MM>-<generation>`.
//! AWS keeps ended executions for 90 days. With the month in the name, the generations of this month and the last are always
//! visible, and a number that AWS has forgotten is not used again.
//!
//! A request that was done longer ago runs once more: the steps find their work done and repair drift.

use std::fmt;

use avm_core::domain::{AccountId, Email, ExecutionName, ProjectIdentifier, WorkspaceIdentifier};
use avm_core::error::{ErrorName, Failure};
use sha2::{Digest, Sha256};

/// Step Functions: the longest name; `-<YYYY-MM>-` and ten digits must fit behind the key.
const LONGEST_KEY: usize = 80 - 9 - 10;

/// A calendar month in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    year: u16,
    /// From 1.
    month: u8,
}

impl Month {
    /// The month of a time in RFC 3339, in UTC.
    ///
    /// # Errors
    /// `Internal`: the text does not begin with a year and a month.
    pub fn of(time: &str) -> Result<Self, Failure> {
        let mut parts = time.splitn(3, '-');
        let year = parts.next().and_then(|year| year.parse().ok());
        let month = parts.next().and_then(|month| month.parse().ok());
        match (year, month) {
            (Some(year), Some(month @ 1..=12)) => Ok(Self { year, month }),
            _ => Err(Failure::new(
                ErrorName::Internal,
                "the clock does not tell the month",
            )),
        }
    }

    /// The month before.
    #[must_use]
    pub const fn previous(self) -> Self {
        match self.month {
            1 => Self {
                year: self.year - 1,
                month: 12,
            },
            month => Self {
                year: self.year,
                month: month - 1,
            },
        }
    }
}

/// The names of the executions that can follow one for the same account: the next of its month, the first of a later one.
#[must_use]
pub fn followers(name: &ExecutionName, now: Month) -> Vec<ExecutionName> {
    let Some((rest, generation)) = name.as_str().rsplit_once('-') else {
        return Vec::new();
    };
    let month_at = rest.len().saturating_sub("YYYY-MM".len());
    let (Some(key), Some(month), Ok(generation)) = (
        rest.get(..month_at),
        rest.get(month_at..),
        generation.parse::<u32>(),
    ) else {
        return Vec::new();
    };
    let mut names = vec![format!("{rest}-{}", generation.saturating_add(1))];
    if Month::of(month).is_ok_and(|month| month != now) {
        names.push(format!("{key}{now}-1"));
    }
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

/// What the names of all executions for one account begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionKey(String);

impl ExecutionKey {
    /// The account's id; for an account that is created, its identifiers and a digest of its address, which AWS keeps
    /// unique among all accounts.
    #[must_use]
    pub fn of(
        id: Option<&AccountId>,
        email: &Email,
        workspace: &WorkspaceIdentifier,
        project: &ProjectIdentifier,
    ) -> Self {
        if let Some(id) = id {
            return Self(id.to_string());
        }
        let digest = Sha256::digest(email.normalized());
        let digest = format!(
            "{:02x}{:02x}{:02x}{:02x}",
            digest[0], digest[1], digest[2], digest[3]
        );
        let identifiers: String = format!("{workspace}-{project}")
            .chars()
            .map(|character| {
                if character.is_ascii_alphanumeric() || "-_".contains(character) {
                    character
                } else {
                    '-'
                }
            })
            .take(LONGEST_KEY - digest.len() - 1)
            .collect();
        Self(format!("{identifiers}-{digest}"))
    }

    /// The name of that generation in that month.
    ///
    /// # Errors
    /// `Internal`: a key that does not fit; there is none.
    pub fn name(&self, month: Month, generation: u32) -> Result<ExecutionName, Failure> {
        format!("{}-{month}-{generation}", self.0)
            .parse()
            .map_err(|error| Failure::new(ErrorName::Internal, format!("{error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: Option<&str>, email: &str, workspace: &str, project: &str) -> String {
        let month = Month::of("2026-11-21T05:00:00Z").unwrap();
        ExecutionKey::of(
            id.map(|id| id.parse().unwrap()).as_ref(),
            &email.parse().unwrap(),
            &workspace.parse().unwrap(),
            &project.parse().unwrap(),
        )
        .name(month, 7)
        .unwrap()
        .to_string()
    }

    #[test]
    fn a_month_is_read_from_the_time_and_knows_the_one_before() {
        let january = Month::of("2027-01-31T23:59:59Z").unwrap();
        assert_eq!(january.to_string(), "2027-01");
        assert_eq!(january.previous().to_string(), "2026-12");
        assert_eq!(january.previous().previous().to_string(), "2026-11");
        for text in ["", "2027", "2027-13-01", "2027-00-01", "x-01-01"] {
            assert!(Month::of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_can_follow_an_execution_is_the_next_of_its_month_and_the_first_of_a_later_one() {
        let names = |name: &str, now: &str| {
            let names = followers(&name.parse().unwrap(), Month::of(now).unwrap());
            names
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<String>>()
        };
        let name = "space-shop-12345678-2026-11-9";
        assert_eq!(
            names(name, "2026-11-30"),
            ["space-shop-12345678-2026-11-10"]
        );
        assert_eq!(
            names(name, "2026-12-01"),
            [
                "space-shop-12345678-2026-11-10",
                "space-shop-12345678-2026-12-1"
            ]
        );
        for odd in ["by-hand", "x"] {
            assert!(names(odd, "2026-12-01").is_empty(), "{odd}");
        }
    }

    #[test]
    fn an_account_that_exists_is_named_by_its_id() {
        let existing = name(Some("111111111111"), "a@example.com", "space", "shop");
        assert_eq!(existing, "111111111111-2026-11-7");
    }

    #[test]
    fn an_account_that_is_created_is_named_by_its_identifiers_and_address() {
        let new = name(None, "A@example.com", "space", "shop.x");
        assert_eq!(new, name(None, "a@Example.com", "space", "shop.x"));
        assert_ne!(new, name(None, "b@example.com", "space", "shop.x"));
        assert!(new.starts_with("space-shop-x-"), "{new}");
        assert_eq!(new.len(), "space-shop-x-12345678-2026-11-7".len());
    }

    #[test]
    fn a_long_name_still_fits_with_its_digest() {
        let workspace = "wörk".repeat(60);
        let long = name(None, "a@example.com", &workspace, "p");
        assert_eq!(long.len(), LONGEST_KEY + "-2026-11-7".len());
        assert_ne!(long, name(None, "b@example.com", &workspace, "p"));
    }
}
