//! A day of the calendar, in UTC, as documents write it.
//! Texts of this form are in the order of the days.

use super::text::text_type;

text_type!(
    /// A day, `2026-12-05`.
    Day,
    "day",
    "a day such as 2026-12-05",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    |text| {
        let of_form = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        let parts = || Some((text.get(5..7)?, text.get(8..10)?));
        text.len() == 10
            && text.bytes().enumerate().all(of_form)
            && parts().is_some_and(|(month, day)| {
                ("01"..="12").contains(&month) && ("01"..="31").contains(&day)
            })
    }
);

impl Day {
    /// The day of a time in RFC 3339 and UTC.
    ///
    /// # Errors
    /// The text does not begin with a day.
    pub fn of(time: &str) -> Result<Self, super::InvalidText> {
        time.chars().take(10).collect::<String>().parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_from_a_time_and_compared() {
        let day = Day::of("2026-11-28T23:59:59Z").unwrap();
        assert_eq!(day.as_str(), "2026-11-28");
        assert!(day < "2026-12-01".parse().unwrap());
        assert!(Day::of("2026").is_err());
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "2026-13-01",
            "2026-00-01",
            "2026-01-32",
            "2026-1-1",
            "2026/01/01",
            "2026-01-01Z",
            "20é6-01-01",
        ] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }
}
