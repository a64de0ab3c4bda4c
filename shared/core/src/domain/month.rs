//! A calendar month in UTC, as documents, names of executions and reports write it.
//! Months are in the order of time; the days of one are those of the Gregorian calendar.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::InvalidText;

/// A month, `2026-01`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9]{4}-(0[1-9]|1[0-2])$"))]
pub struct Month {
    year: u16,
    /// From 1.
    month: u8,
}

impl Month {
    /// The month of a time or a day that begins with it, such as RFC 3339 in UTC.
    ///
    /// # Errors
    /// The text does not begin with a month.
    pub fn of(time: &str) -> Result<Self, InvalidText> {
        let month = time.get(..7).unwrap_or_default();
        let rest = time.get(7..).unwrap_or_default();
        if rest.is_empty() || rest.starts_with('-') {
            month.parse()
        } else {
            Err(INVALID)
        }
    }

    pub const fn year(self) -> u16 {
        self.year
    }

    /// From 1.
    pub const fn number(self) -> u8 {
        self.month
    }

    /// The month before.
    #[must_use]
    pub const fn previous(self) -> Self {
        match self.month {
            1 => Self {
                year: self.year.saturating_sub(1),
                month: 12,
            },
            month => Self {
                year: self.year,
                month: month - 1,
            },
        }
    }

    /// The month after.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.month {
            12 => Self {
                year: self.year.saturating_add(1),
                month: 1,
            },
            month => Self {
                year: self.year,
                month: month + 1,
            },
        }
    }

    /// So many months before.
    #[must_use]
    pub fn back(self, months: u8) -> Self {
        (0..months).fold(self, |month, _| month.previous())
    }
}

const INVALID: InvalidText = InvalidText {
    what: "month",
    expected: "a month such as 2026-01",
};

impl FromStr for Month {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str, length: usize| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let (year, month) = text.split_once('-').ok_or(INVALID)?;
        if !digits(year, 4) || !digits(month, 2) {
            return Err(INVALID);
        }
        match (year.parse(), month.parse()) {
            (Ok(year), Ok(month @ 1..=12)) => Ok(Self { year, month }),
            _ => Err(INVALID),
        }
    }
}

impl TryFrom<String> for Month {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_written_and_in_order() {
        let month: Month = "2026-01".parse().unwrap();
        assert_eq!(month.to_string(), "2026-01");
        assert_eq!(month.previous().to_string(), "2025-12");
        assert_eq!(month.back(13).to_string(), "2024-12");
        assert_eq!(month.previous().next(), month);
        assert!(month.previous() < month);
        assert_eq!(Month::of("2026-01-31T23:59:59Z"), Ok(month));
        assert_eq!(Month::of("2026-01"), Ok(month));
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in [
            "", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026/01", "2026-01x", "+202-01",
            "20é6-01",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
            assert!(Month::of(text).is_err(), "{text}");
        }
    }
}
