//! Money: exact amounts of twelve decimals, and whole cents. Both are integers, so that no sum depends on its order.
//! AWS writes amounts as texts, plain or with an exponent, with the artefacts of its own floating point.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one unit of the currency is, in the parts that an amount counts.
const UNIT: i128 = 1_000_000_000_000;
const DECIMALS: usize = 12;
const PLACES: i32 = 12;
const CENT: i128 = UNIT / 100;
/// More than any group of a bill: a thousand million. A sum overflows only after 10^17 of them.
const LARGEST: i128 = 1_000_000_000 * UNIT;
/// More digits than AWS writes.
const LONGEST: usize = 64;

/// A whole number of parts, written as a text of that pattern.
macro_rules! money {
    ($($(#[$meta:meta])* $name:ident = $pattern:tt,)+) => {$(
        $(#[$meta])*
        #[derive(
            Clone,
            Copy,
            Debug,
            Default,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            Serialize,
            Deserialize,
            JsonSchema,
        )]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String", extend("pattern" = $pattern))]
        pub struct $name(i128);

        impl Add for $name {
            type Output = Self;

            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }

        impl Sub for $name {
            type Output = Self;

            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }

        impl Neg for $name {
            type Output = Self;

            fn neg(self) -> Self {
                Self(-self.0)
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }

        impl Sum for $name {
            fn sum<Items: Iterator<Item = Self>>(items: Items) -> Self {
                items.fold(Self(0), Add::add)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidAmount;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    )+};
}
money! {
    /// An exact amount of money in the currency of its month, to twelve decimals.
    Amount = "^-?(0|[1-9][0-9]*)(\\.[0-9]{0,11}[1-9])?$",
    /// Whole cents.
    Cents = "^-?(0|[1-9][0-9]*)\\.[0-9]{2}$",
}

/// A text that is no amount; never the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAmount;

impl fmt::Display for InvalidAmount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("must be a decimal number below a thousand million")
    }
}

impl std::error::Error for InvalidAmount {}

/// A number as it is written: the digits of its mantissa, and how many of them stand before the point.
struct Written {
    is_negative: bool,
    digits: Vec<u8>,
    before_point: i32,
}

impl Written {
    fn read(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (text, 0),
        };
        let (is_negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u8> = whole
            .bytes()
            .chain(decimals.bytes())
            .map(|byte| byte.is_ascii_digit().then(|| byte - b'0'))
            .collect::<Option<_>>()?;
        let is_number = !digits.is_empty() && digits.len() <= LONGEST;
        is_number.then_some(Self {
            is_negative,
            before_point: i32::try_from(whole.len()).ok()? + exponent,
            digits,
        })
    }

    /// The number in parts of an amount, half to even; none if it is too large.
    fn parts(&self) -> Option<i128> {
        let wanted = self.before_point + PLACES;
        let mut parts: i128 = 0;
        for place in 0..wanted.max(0) {
            let digit = usize::try_from(place)
                .ok()
                .and_then(|place| self.digits.get(place));
            parts = parts * 10 + i128::from(digit.copied().unwrap_or(0));
            if parts > LARGEST {
                return None;
            }
        }
        let rest = self.rest(wanted);
        let is_up = match rest {
            [first, others @ ..] if *first == 5 && others.iter().all(|digit| *digit == 0) => {
                parts % 2 == 1
            }
            [first, ..] => *first >= 5,
            [] => false,
        };
        parts += i128::from(is_up);
        Some(if self.is_negative { -parts } else { parts })
    }

    /// The digits behind the last part that counts; none of them where the number is smaller than a tenth of a part.
    fn rest(&self, wanted: i32) -> &[u8] {
        match usize::try_from(wanted) {
            Ok(wanted) => self.digits.get(wanted..).unwrap_or_default(),
            Err(_) => &[],
        }
    }
}

/// An exponent; one that is beyond all amounts is cut off.
fn exponent_of(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

impl Amount {
    pub const ZERO: Self = Self(0);
    /// One cent.
    pub const CENT: Self = Self(CENT);

    /// An amount as AWS writes it, rounded half to even to twelve decimals.
    ///
    /// # Errors
    /// It is empty, no number, not finite, or beyond any bill.
    pub fn read(text: &str) -> Result<Self, InvalidAmount> {
        Written::read(text)
            .and_then(|written| written.parts())
            .map(Self)
            .ok_or(InvalidAmount)
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// So many times the amount.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self(self.0 * i128::from(count))
    }

    /// Half to even.
    pub fn rounded(self) -> Cents {
        self.share(1, 1)
    }

    /// `part / whole` of the amount in cents, half to even; `whole` is positive.
    pub fn share(self, part: i64, whole: i64) -> Cents {
        let (part, whole) = (i128::from(part), i128::from(whole));
        Cents(half_to_even(self.0 * part, whole * CENT))
    }

    /// The cents at or below the amount, and what is above them.
    pub const fn floor(self) -> (Cents, Self) {
        (
            Cents(self.0.div_euclid(CENT)),
            Self(self.0.rem_euclid(CENT)),
        )
    }
}

/// The quotient as a whole number; `divisor` is positive.
const fn half_to_even(dividend: i128, divisor: i128) -> i128 {
    let quotient = dividend.div_euclid(divisor);
    let twice = dividend.rem_euclid(divisor) * 2;
    let is_up = twice > divisor || (twice == divisor && quotient % 2 != 0);
    if is_up { quotient + 1 } else { quotient }
}

impl Cents {
    pub const ZERO: Self = Self(0);

    pub const fn of(cents: i128) -> Self {
        Self(cents)
    }

    pub const fn number(self) -> i128 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The same as an exact amount.
    pub const fn exact(self) -> Amount {
        Amount(self.0 * CENT)
    }
}

impl fmt::Display for Amount {
    /// Without zeros at the end, without an exponent, and without a sign for zero.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let parts = self.0.unsigned_abs();
        let unit = UNIT.unsigned_abs();
        let (whole, decimals) = (parts / unit, parts % unit);
        if decimals == 0 {
            return write!(formatter, "{sign}{whole}");
        }
        let decimals = format!("{decimals:0DECIMALS$}");
        write!(
            formatter,
            "{sign}{whole}.{}",
            decimals.trim_end_matches('0')
        )
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(formatter, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;

    /// An amount as our documents write it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written = Written::read(text).ok_or(InvalidAmount)?;
        let digits = written.digits.iter();
        let parts = digits.fold(0_i128, |parts, digit| {
            parts.saturating_mul(10).saturating_add(i128::from(*digit))
        });
        let decimals = usize::try_from(written.before_point)
            .ok()
            .and_then(|before| written.digits.len().checked_sub(before))
            .filter(|decimals| *decimals <= DECIMALS)
            .ok_or(InvalidAmount)?;
        let places = u32::try_from(DECIMALS - decimals).map_err(|_| InvalidAmount)?;
        let parts = parts.saturating_mul(10_i128.pow(places));
        let amount = Self(if written.is_negative { -parts } else { parts });
        // One way to write an amount: what is read is what would be written.
        if amount.to_string() == text {
            Ok(amount)
        } else {
            Err(InvalidAmount)
        }
    }
}

impl FromStr for Cents {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let cents: i128 = text
            .replacen('.', "", 1)
            .parse()
            .map_err(|_| InvalidAmount)?;
        let cents = Self(cents);
        if cents.to_string() == text {
            Ok(cents)
        } else {
            Err(InvalidAmount)
        }
    }
}

/// The currencies in which AWS bills commitments.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    Usd,
    Eur,
    Cny,
}

impl Currency {
    /// Its code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Cny => "CNY",
        }
    }

    /// The currency of that code; none if it is another one.
    pub fn find(code: &str) -> Option<Self> {
        [Self::Usd, Self::Eur, Self::Cny]
            .into_iter()
            .find(|currency| currency.as_str() == code)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
