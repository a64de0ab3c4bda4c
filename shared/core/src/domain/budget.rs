//! The budget of an account: what it may cost in a month, and which topic is told of it.
//! It only tells, since AWS looks at costs a few times a day. Amounts are whole cents, equal however AWS writes them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids::AccountId;
use super::text::{InvalidText, text_type};

/// As many notifications as a budget has (AWS Budgets API reference, `Notification`).
pub const MOST_THRESHOLDS: usize = 10;
/// The highest threshold (AWS Budgets API reference, `Notification`).
pub const MOST_PERCENT: u32 = 1_000_000;

/// What each account of a landing zone may cost in a month, and which topic is told when it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Budget {
    /// What it may cost in a month.
    pub amount: BudgetAmount,
    /// The currency of the bill.
    pub currency: BudgetCurrency,
    /// When the topic is told.
    #[schemars(length(min = 1, max = MOST_THRESHOLDS))]
    pub thresholds: Vec<Threshold>,
    /// A topic of the management account, whose policy lets AWS Budgets publish.
    pub topic_arn: TopicArn,
    /// Whether credits and refunds make an account cheaper.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub credits_count: bool,
}

/// The currency of the bill, as AWS has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum BudgetCurrency {
    Usd,
    Eur,
    Cny,
}

/// A part of the amount, and what must be above it for the topic to be told.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Threshold {
    /// The part of the amount, in percent.
    #[schemars(range(min = 1, max = MOST_PERCENT))]
    pub percent: u32,
    /// What must be above it.
    pub of: Spending,
}

/// Which costs of the month are meant.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Spending {
    /// Those until now.
    Actual,
    /// Those that AWS expects until its end.
    Forecasted,
}

/// Digits in front of the point: a million millions is more than any account costs.
const MOST_DIGITS: usize = 12;

text_type!(
    /// The ARN of a topic of Amazon SNS that AWS Budgets can tell, which a FIFO topic is not.
    TopicArn,
    "topic ARN",
    "of the form arn:<partition>:sns:<region>:<account>:<name>",
    "^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$",
    |text| {
        let parts: Vec<&str> = text.split(':').collect();
        let is_name = |name: &str| {
            (1..=256).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        };
        let is_word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
                })
        };
        matches!(parts[..], ["arn", partition, "sns", region, account, name]
            if is_word(partition) && is_word(region) && account.parse::<AccountId>().is_ok() && is_name(name))
    }
);

impl TopicArn {
    /// The partition that it is in.
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// The id of the account that has it.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    fn part(&self, number: usize) -> &str {
        self.as_str().split(':').nth(number).unwrap_or_default()
    }
}

/// What an account may cost, more than nothing: `"500.00"`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9]{1,12}(\\.[0-9]{1,2})?$"))]
pub struct BudgetAmount(u64);

impl BudgetAmount {
    /// The amount that AWS writes so, with as many decimals as it likes or with an exponent; none where it is no whole cents.
    pub fn of_aws(text: &str) -> Option<Self> {
        cents(text).map(Self)
    }
}

impl TryFrom<String> for BudgetAmount {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "00"));
        let is_plain = (1..=MOST_DIGITS).contains(&whole.len())
            && (1..=2).contains(&fraction.len())
            && [whole, fraction]
                .concat()
                .bytes()
                .all(|byte| byte.is_ascii_digit());
        let found = is_plain.then(|| cents(&text)).flatten();
        found.filter(|cents| *cents > 0).map(Self).ok_or(InvalidText {
            what: "amount",
            expected: "a text such as \"500.00\": digits, a point, two decimals at most, and more than nothing",
        })
    }
}

impl From<BudgetAmount> for String {
    fn from(amount: BudgetAmount) -> Self {
        amount.to_string()
    }
}

impl fmt::Display for BudgetAmount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

fn cents(text: &str) -> Option<u64> {
    let (mantissa, exponent) = text.split_once(['E', 'e']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let decimals = i32::try_from(fraction.len()).ok()?;
    let shift = exponent
        .parse::<i32>()
        .ok()?
        .checked_add(2)?
        .checked_sub(decimals)?;
    let digits: u128 = digits.parse().ok()?;
    let power = 10u128.checked_pow(shift.unsigned_abs())?;
    let cents = if shift >= 0 {
        digits.checked_mul(power)?
    } else {
        digits.is_multiple_of(power).then(|| digits / power)?
    };
    cents.try_into().ok()
}

impl BudgetCurrency {
    /// Its code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Cny => "CNY",
        }
    }
}

impl Spending {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Actual, Self::Forecasted];

    /// The word in documents; AWS has it in capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Actual => "actual",
            Self::Forecasted => "forecasted",
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} % of {} costs",
            self.percent,
            self.of.as_str()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_the_same_however_aws_writes_it() {
        let amount: BudgetAmount = "500".to_owned().try_into().unwrap();
        assert_eq!(amount.to_string(), "500.00");
        for text in [
            "500",
            "500.0",
            "500.00",
            "500.000000",
            "5E2",
            "5.0e+2",
            "50000E-2",
        ] {
            assert_eq!(BudgetAmount::of_aws(text), Some(amount), "{text}");
        }
        for text in [
            "500.01",
            "5E3",
            "500.001",
            "",
            "-500",
            "5e",
            "1e999999999999",
            "five",
        ] {
            assert_ne!(BudgetAmount::of_aws(text), Some(amount), "{text}");
        }
    }

    #[test]
    fn a_document_has_amounts_that_people_write() {
        for text in ["1", "0.01", "500.5", "999999999999.99"] {
            assert!(BudgetAmount::try_from(text.to_owned()).is_ok(), "{text}");
        }
        for text in [
            "",
            "0",
            "0.00",
            "1.",
            ".5",
            "1.234",
            "-1",
            "1e3",
            "1,5",
            "5 ",
            "1000000000000",
        ] {
            assert!(BudgetAmount::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_topic_tells_its_account_and_partition_and_is_no_queue_in_order() {
        let topic: TopicArn = "arn:aws-cn:sns:cn-north-1:111111111111:avm-budgets"
            .parse()
            .unwrap();
        assert_eq!(
            (topic.partition(), topic.account()),
            ("aws-cn", "111111111111")
        );
        for text in [
            "arn:aws:sns:eu-central-1:111111111111:x.fifo",
            "arn:aws:sns:eu-central-1:1:x",
            "arn:aws:sqs:eu-central-1:111111111111:x",
            "arn:aws:sns:eu-central-1:111111111111:x:1234",
            "ada@example.com",
        ] {
            assert!(text.parse::<TopicArn>().is_err(), "{text}");
        }
    }
}
