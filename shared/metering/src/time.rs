//! Moments and hours, in UTC: the parts of a plan's life that lie in a month.
//! AWS spreads an upfront payment by hours, and writes times as `2023-12-06T18:50:14.000Z`.

use std::fmt;
use std::str::FromStr;

use avm_core::domain::{InvalidText, Month};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

const HOUR: i64 = 3600;

/// A moment, in seconds since 1970.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(
    with = "String",
    extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
)]
pub struct Moment(i64);

/// A part of a month of which AWS can tell what plans have done: from its first day up to, but not with, another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub month: Month,
    pub end: Moment,
}

const INVALID: InvalidText = InvalidText {
    what: "time",
    expected: "a time in UTC such as 2026-01-01T00:00:00Z",
};

impl Moment {
    /// The first moment of the month.
    pub fn start_of(month: Month) -> Self {
        Self::of_date(i32::from(month.year()), month.number(), 1).unwrap_or(Self(0))
    }

    /// The first moment of that day of the month.
    pub fn of_day(month: Month, day: u8) -> Self {
        Self::start_of(month).plus_days(i64::from(day) - 1)
    }

    fn of_date(year: i32, month: u8, day: u8) -> Option<Self> {
        let month = time::Month::try_from(month).ok()?;
        let date = Date::from_calendar_date(year, month, day).ok()?;
        Some(Self(date.midnight().assume_utc().unix_timestamp()))
    }

    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days * 24 * HOUR))
    }

    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The hour that it lies in.
    #[must_use]
    pub const fn floored(self) -> Self {
        Self(self.0.div_euclid(HOUR) * HOUR)
    }

    /// The first moment of its day.
    #[must_use]
    pub const fn start_of_its_day(self) -> Self {
        Self(self.0.div_euclid(24 * HOUR) * (24 * HOUR))
    }

    /// Whole hours from here to there.
    pub const fn hours_to(self, other: Self) -> i64 {
        (other.0 - self.0) / HOUR
    }

    /// As CloudWatch counts time.
    pub const fn milliseconds(self) -> i64 {
        self.0.saturating_mul(1000)
    }

    /// The month that it lies in.
    pub fn month(self) -> Option<Month> {
        Month::of(&self.to_string()).ok()
    }

    /// Its day.
    pub fn day(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl Window {
    /// What AWS can tell on that day: a plan's use is known a day later. None: nothing yet.
    pub fn of(month: Month, today: Moment) -> Option<Self> {
        let start = Moment::start_of(month);
        let yesterday = today.start_of_its_day().plus_days(-1);
        let end = Moment::start_of(month.next()).min(yesterday);
        (end > start).then_some(Self { month, end })
    }

    /// Whether it is the whole month.
    pub fn is_whole(self) -> bool {
        self.end == Moment::start_of(self.month.next())
    }
}

impl FromStr for Moment {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or(INVALID)
    }
}

/// A time in UTC; parts of a second do not count.
fn read(text: &str) -> Option<Moment> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let time = match time.split_once('.') {
        Some((time, parts)) => {
            let is_number = !parts.is_empty() && parts.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then_some(time)?
        }
        None => time,
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let midnight = Moment::of_date(
        i32::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    )?;
    let seconds = i64::from(hour) * HOUR + i64::from(minute) * 60 + i64::from(second);
    Some(midnight.plus_seconds(seconds))
}

/// Three numbers of so many digits with a sign between them.
fn numbers(text: &str, between: char, digits: [usize; 3]) -> Option<[u32; 3]> {
    let mut parts = text.split(between);
    let mut numbers = [0; 3];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = is_number.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time =
            OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            time.year(),
            u8::from(time.month()),
            time.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
