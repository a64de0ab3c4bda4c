//! Amounts as AWS writes them, as documents write them, and cents that add up.

use crate::money::{Amount, Cents};
use crate::rounding::share_out;
use crate::testing::amount;

#[test]
fn amounts_are_read_plain_with_exponents_and_with_artefacts() {
    for (text, expected) in [
        ("0", "0"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("0.6960000000000001", "0.696"),
        ("4.38E2", "438"),
        ("4.38e+2", "438"),
        ("-1.5E-3", "-0.0015"),
        ("1E-13", "0"),
        ("5E-13", "0"),
        ("15E-13", "0.000000000002"),
        ("25E-13", "0.000000000002"),
        ("25.1E-13", "0.000000000003"),
        ("-25E-13", "-0.000000000002"),
        ("1E-9999", "0"),
        ("0.0000000000005", "0"),
        ("0.00000000000050001", "0.000000000001"),
        ("999999999.999999999999", "999999999.999999999999"),
        (".5", "0.5"),
        ("7.", "7"),
        ("0E9999", "0"),
    ] {
        assert_eq!(amount(text).to_string(), expected, "{text}");
    }
}

#[test]
fn what_is_no_finite_amount_of_a_bill_is_refused() {
    for text in [
        "",
        "-",
        ".",
        "NaN",
        "Infinity",
        "-inf",
        "1e",
        "1e1.5",
        "1e99999",
        "1E9999",
        "1000000000.1",
        "1,5",
        "0x1",
        "1 ",
        "1_000",
        "--1",
        "1.2.3",
        "١",
    ] {
        assert!(Amount::read(text).is_err(), "{text:?}");
    }
    assert!(Amount::read(&"0".repeat(65)).is_err());
}

#[test]
fn documents_know_one_way_to_write_an_amount() {
    for text in [
        "0",
        "1",
        "-0.5",
        "876",
        "74.4",
        "-100000000000.000000000001",
    ] {
        assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
    }
    for text in [
        "-0",
        "1.0",
        "01",
        "+1",
        "1E2",
        ".5",
        "0.0000000000001",
        "",
        "1.",
        "x",
    ] {
        assert!(text.parse::<Amount>().is_err(), "{text}");
    }
    for text in ["0.00", "-0.05", "812.30"] {
        assert_eq!(text.parse::<Cents>().unwrap().to_string(), text);
    }
    for text in [
        "-0.00", "1", "1.5", "01.00", "+1.00", "", "1.000", ".50", "x.00",
    ] {
        assert!(text.parse::<Cents>().is_err(), "{text}");
    }
}

#[test]
fn cents_are_rounded_half_to_even() {
    for (text, expected) in [
        ("0.005", "0.00"),
        ("0.015", "0.02"),
        ("0.025", "0.02"),
        ("0.025000000001", "0.03"),
        ("-0.005", "0.00"),
        ("-0.015", "-0.02"),
        ("-0.001", "0.00"),
        ("38.11643835", "38.12"),
    ] {
        assert_eq!(amount(text).rounded().to_string(), expected, "{text}");
    }
}

#[test]
fn the_largest_remainders_get_the_missing_cents_and_the_first_of_equals() {
    // 10.014 - 0.90126 = 9.11274 for each of three accounts: 27.33822, in cents 27.34.
    let amounts = ["9.11274"; 3].map(amount);
    let shares = share_out(Cents::of(2734), &amounts);
    assert_eq!(shares, [912, 911, 911].map(Cents::of));
    let negative = ["-0.005", "-0.004", "0.3"].map(amount);
    let shares = share_out(Cents::of(29), &negative);
    assert_eq!(shares, [-1, 0, 30].map(Cents::of));
    assert_eq!(share_out(Cents::ZERO, &[]), []);
}
