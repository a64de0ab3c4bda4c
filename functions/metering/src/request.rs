//! What a caller asks for: nothing, which is what is due; a month; or the months from one to another.
//! The schedule sends `{}`.

use avm_core::domain::Month;
use avm_core::error::{ErrorName, Failure};
use avm_metering::time::Moment;
use serde::Deserialize;
use serde_json::Value;

/// How many months before the current one Cost Explorer has.
pub const HISTORY: u8 = 13;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Event {
    month: Option<Month>,
    from: Option<Month>,
    to: Option<Month>,
    recompute: bool,
}

/// What is asked for, and makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The first and the last month; none: those that are due.
    pub span: Option<(Month, Month)>,
    /// Whether a final month is made anew, with the settings of today.
    pub recompute: bool,
}

impl Request {
    /// Reads the event.
    pub fn read(event: &Value) -> Result<Self, Failure> {
        if !event.is_object() {
            return Err(refused("the event must be a JSON object"));
        }
        let event: Event =
            Event::deserialize(event).map_err(|error| refused(&error.to_string()))?;
        let span = match (event.month, event.from, event.to) {
            (Some(month), None, None) => Some((month, month)),
            (None, Some(from), Some(to)) if from <= to => Some((from, to)),
            (None, Some(_), Some(_)) => return Err(refused("From must not be after To")),
            (None, None, None) => None,
            _ => return Err(refused("name a Month, or From and To")),
        };
        if event.recompute && span.is_none() {
            return Err(refused("Recompute needs a Month, or From and To"));
        }
        Ok(Self {
            span,
            recompute: event.recompute,
        })
    }

    /// The months that are named, oldest first; none: those that are due.
    pub fn months(&self, today: Moment) -> Result<Option<Vec<Month>>, Failure> {
        let Some((from, to)) = self.span else {
            return Ok(None);
        };
        let current = today
            .month()
            .ok_or_else(|| refused("there is no such day"))?;
        let oldest = current.back(HISTORY);
        if from < oldest {
            return Err(refused(&format!(
                "Cost Explorer has no month before {oldest}"
            )));
        }
        // On its first day a month has no costs, and Cost Explorer refuses an empty time.
        let newest = if has_begun(current, today) {
            current
        } else {
            current.previous()
        };
        if to > newest {
            return Err(refused(&format!("there are no costs after {newest}")));
        }
        let mut months = vec![from];
        while let Some(last) = months.last().filter(|last| **last < to) {
            months.push(last.next());
        }
        Ok(Some(months))
    }
}

/// Whether a month has had a day.
pub fn has_begun(month: Month, today: Moment) -> bool {
    today >= Moment::of_day(month, 2)
}

fn refused(words: &str) -> Failure {
    Failure::new(ErrorName::InvalidRequest, words)
}
