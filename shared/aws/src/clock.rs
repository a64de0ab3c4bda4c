//! The time of day, in the one form in which it is written on accounts.
//! Handlers take the time as a text, so their tests need no clock.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// Now, as RFC 3339 in UTC with whole seconds, e.g. `2026-11-05T10:00:00Z`.
pub fn now() -> String {
    after(std::time::Duration::ZERO)
}

/// So long after now, in the same form.
pub fn after(duration: std::time::Duration) -> String {
    rfc3339(std::time::SystemTime::now() + duration)
}

fn rfc3339(time: std::time::SystemTime) -> String {
    DateTime::from_secs(DateTime::from(time).secs())
        .fmt(Format::DateTime)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_whole_seconds_in_utc() {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_millis(1_793_872_800_900);
        assert_eq!(rfc3339(time), "2026-11-05T10:00:00Z");
    }
}
