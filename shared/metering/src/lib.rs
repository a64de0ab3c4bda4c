//! What the accounts of an organization cost in a month: the groups of Cost Explorer and its plans in, reports out.
//! Each layer knows only those named before it: money, rounding, time, record, plan, read, line, upfront, bill, documents,
//! ports, edition, focus, publish, check, shelf.

pub mod bill;
pub mod check;
pub mod documents;
pub mod edition;
pub mod focus;
pub mod line;
pub mod money;
pub mod plan;
pub mod ports;
pub mod publish;
pub mod read;
pub mod record;
pub mod rounding;
pub mod shelf;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod time;
mod upfront;

#[cfg(test)]
mod tests;
