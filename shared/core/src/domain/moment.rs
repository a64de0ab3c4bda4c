//! A moment as tags and AWS tell it: RFC 3339 in UTC, with whole seconds.
//! Only how far apart two are is asked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Seconds since the beginning of 1970; so it is kept from look to look, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(i64);

/// A text that is no such moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMoment;

impl fmt::Display for NoMoment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("must be a time such as 2026-11-05T10:00:00Z")
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        let form = "0000-00-00T00:00:00Z";
        let fits = |(byte, of_form): (u8, u8)| match of_form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == of_form,
        };
        let is_of_form = text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits);
        if !is_of_form {
            return Err(NoMoment);
        }
        let number = |from: usize, to: usize| text[from..to].parse::<i64>().map_err(|_| NoMoment);
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return Err(NoMoment);
        }
        let seconds = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
        Ok(Self(days(year, month, day) * 24 * 3600 + seconds))
    }
}

/// The days from the beginning of 1970 to a day of the Gregorian calendar. Years begin in March here, so that the day that
/// leap years have more comes last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

impl Moment {
    /// The moment so many seconds after the beginning of 1970.
    pub const fn of_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The whole hours from another moment to this one; none where the other is later.
    pub fn hours_since(self, other: Self) -> u64 {
        u64::try_from((self.0 - other.0) / 3600).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn seconds_are_those_of_unix() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1972-02-29T00:00:01Z", 68_169_601),
            ("2000-03-01T00:00:00Z", 951_868_800),
            ("2026-11-05T10:00:00Z", 1_793_872_800),
        ] {
            assert_eq!(moment(text), Moment::of_seconds(seconds), "{text}");
        }
    }

    #[test]
    fn hours_are_whole_and_never_negative() {
        let (early, late) = (
            moment("2026-02-28T23:30:00Z"),
            moment("2026-03-01T01:29:59Z"),
        );
        assert_eq!(late.hours_since(early), 1);
        assert_eq!(early.hours_since(late), 0);
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2026-11-05",
            "2026-11-05T10:00:00+00:00",
            "2026-13-05T10:00:00Z",
            "2026-11-00T10:00:00Z",
            "2026-1é-05T10:00:0Z",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
