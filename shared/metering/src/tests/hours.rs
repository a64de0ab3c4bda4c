//! Months, hours and the window in which AWS can tell of plans.

use avm_core::domain::Month;

use crate::testing::moment;
use crate::time::{Moment, Window};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn hours(text: &str) -> i64 {
    let month = month(text);
    Moment::start_of(month).hours_to(Moment::start_of(month.next()))
}

#[test]
fn months_have_their_hours_in_leap_years_too() {
    let found = [
        "2026-01", "2026-02", "2024-02", "2026-04", "2000-02", "2100-02",
    ]
    .map(hours);
    assert_eq!(found, [744, 672, 696, 720, 696, 672]);
}

#[test]
fn times_are_read_as_aws_writes_them() {
    let time = moment("2023-12-06T18:50:14.000Z");
    assert_eq!(time.to_string(), "2023-12-06T18:50:14Z");
    assert_eq!(time.floored().to_string(), "2023-12-06T18:00:00Z");
    assert_eq!(time.plus_seconds(46).to_string(), "2023-12-06T18:51:00Z");
    assert_eq!(time.month(), Some(month("2023-12")));
    assert_eq!(time.day(), "2023-12-06");
    for text in [
        "",
        "2023-12-06",
        "2023-12-06T18:50:14",
        "2023-12-06T18:50:14+01:00",
        "2023-02-29T00:00:00Z",
        "2023-13-01T00:00:00Z",
        "2023-12-06T24:00:00Z",
        "2023-12-06T18:60:00Z",
        "2023-12-06T18:50:60Z",
        "2023-12-06T18:50:14.Z",
        "2023-12-06T18:50:14.xZ",
        "2023-1-06T18:50:14Z",
        "2023-12-06T18:50:14:00Z",
    ] {
        assert!(text.parse::<Moment>().is_err(), "{text}");
    }
}

#[test]
fn a_window_ends_yesterday_or_with_its_month() {
    // Example r, on 1 March 2026: nothing of March, February up to the 28th.
    let end = |of: &str, today: &str| {
        let window = Window::of(month(of), moment(today));
        window.map(|window| (window.end.to_string(), window.is_whole()))
    };
    assert_eq!(end("2026-03", "2026-03-01T00:00:00Z"), None);
    assert_eq!(end("2026-03", "2026-03-02T00:00:00Z"), None);
    assert_eq!(end("2026-03", "2026-03-02T06:00:00Z"), None);
    let told = |end: &str, is_whole| Some((format!("{end}T00:00:00Z"), is_whole));
    assert_eq!(
        end("2026-03", "2026-03-03T00:00:00Z"),
        told("2026-03-02", false)
    );
    // Whatever the hour of the run.
    assert_eq!(
        end("2026-03", "2026-03-03T06:00:00Z"),
        told("2026-03-02", false)
    );
    assert_eq!(
        end("2026-02", "2026-03-01T00:00:00Z"),
        told("2026-02-28", false)
    );
    assert_eq!(
        end("2026-02", "2026-03-02T00:00:00Z"),
        told("2026-03-01", true)
    );
    assert_eq!(
        end("2026-02", "2026-06-08T00:00:00Z"),
        told("2026-03-01", true)
    );
}
