//! The record types of Cost Explorer: what a charge is, as AWS says it.
//! Spellings vary, with spaces and without; the original is kept, and a type that nobody knows is kept, too.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value of the dimension `RECORD_TYPE`, as AWS spells it.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct RecordType(String);

/// What a record type means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Usage,
    /// Usage that a reservation covers.
    DiscountedUsage,
    /// The recurring fee of a reservation; amortized: what of it nobody used.
    ReservationFee,
    /// The upfront of a reservation, and other fees: marketplace, support.
    Fee,
    SavingsPlanCoveredUsage,
    /// Takes the price of covered usage off the bill again.
    SavingsPlanNegation,
    /// Amortized: what of the commitment nobody used.
    SavingsPlanRecurringFee,
    SavingsPlanUpfrontFee,
    Discount,
    Credit,
    Refund,
    Tax,
    Other,
}

/// The spellings of the API, and those of the console where they differ by more than spaces.
const SPELLINGS: [(&str, Class); 14] = [
    ("usage", Class::Usage),
    ("discountedusage", Class::DiscountedUsage),
    ("reservationappliedusage", Class::DiscountedUsage),
    ("rifee", Class::ReservationFee),
    ("recurringreservationfee", Class::ReservationFee),
    ("fee", Class::Fee),
    ("upfrontreservationfee", Class::Fee),
    ("savingsplancoveredusage", Class::SavingsPlanCoveredUsage),
    ("savingsplannegation", Class::SavingsPlanNegation),
    ("savingsplanrecurringfee", Class::SavingsPlanRecurringFee),
    ("savingsplanupfrontfee", Class::SavingsPlanUpfrontFee),
    ("credit", Class::Credit),
    ("refund", Class::Refund),
    ("tax", Class::Tax),
];

impl RecordType {
    /// What AWS wrote.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it means, whatever its spelling.
    pub fn class(&self) -> Class {
        let plain: String = self
            .0
            .chars()
            .filter(|character| !character.is_whitespace())
            .flat_map(char::to_lowercase)
            .collect();
        let known = SPELLINGS.iter().find(|(spelling, _)| *spelling == plain);
        match known {
            Some((_, class)) => *class,
            None if plain.contains("discount") => Class::Discount,
            None => Class::Other,
        }
    }

    /// Whether its costs are read by service; all others are read together.
    pub fn is_read_by_service(&self) -> bool {
        matches!(
            self.class(),
            Class::Usage
                | Class::DiscountedUsage
                | Class::SavingsPlanCoveredUsage
                | Class::Fee
                | Class::ReservationFee
        )
    }
}

impl From<&str> for RecordType {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
