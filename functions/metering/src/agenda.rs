//! Which months a run works on, oldest first: those that were asked for, or those that are due.
//! Final months come back on the days of a recheck; a day that was missed is made up for.

use avm_core::config::Metering;
use avm_core::domain::Month;
use avm_core::error::{ErrorName, Failure};
use avm_metering::documents::Status;
use avm_metering::ports::ReportStore;
use avm_metering::time::Moment;

use crate::publishing::Publisher;
use crate::request::{Request, has_begun};

/// The months of a run.
pub async fn months(
    request: &Request,
    now: Moment,
    settings: &Metering,
    publisher: &Publisher<'_, impl ReportStore>,
) -> Result<Vec<Month>, Failure> {
    if let Some(months) = request.months(now)? {
        return Ok(months);
    }
    let current = now
        .month()
        .ok_or_else(|| Failure::new(ErrorName::Internal, "the clock does not tell the month"))?;
    let mut months = Vec::new();
    for back in (1..=settings.backfill_months.max(1)).rev() {
        let month = current.back(back);
        let is_due = match publisher.shelf.find_pointer(Status::Final, month).await? {
            None => true,
            Some(_) if back > 1 => false,
            Some(placed) => {
                let checked = publisher.last_check(month).await?;
                let checked = checked.unwrap_or(placed.pointer.started_at);
                is_recheck_due(month, checked.max(placed.pointer.started_at), now, settings)
            }
        };
        if is_due {
            months.push(month);
        }
    }
    if has_begun(current, now) {
        months.push(current);
    }
    Ok(months)
}

/// Whether a day of a recheck has come since the last one.
fn is_recheck_due(month: Month, checked: Moment, now: Moment, settings: &Metering) -> bool {
    let days = settings.recheck_days.iter();
    let latest = days
        .map(|day| Moment::of_day(month.next(), *day))
        .filter(|due| *due <= now)
        .max();
    latest.is_some_and(|due| checked < due)
}
