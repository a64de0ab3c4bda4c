//! Record types in every spelling, and the kind of line that each becomes.

use crate::line::Kind;
use crate::record::RecordType;

#[test]
fn spellings_with_and_without_spaces_mean_the_same() {
    for (text, kind) in [
        ("Usage", Kind::Usage),
        ("DiscountedUsage", Kind::ReservationCoveredUsage),
        ("Reservation applied usage", Kind::ReservationCoveredUsage),
        ("RIFee", Kind::UnusedReservation),
        ("Recurring reservation fee", Kind::UnusedReservation),
        ("Fee", Kind::Fee),
        ("Upfront reservation fee", Kind::Fee),
        ("SavingsPlanCoveredUsage", Kind::SavingsPlanCoveredUsage),
        ("Savings Plan Covered Usage", Kind::SavingsPlanCoveredUsage),
        ("SavingsPlanRecurringFee", Kind::UnusedSavingsPlan),
        ("Savings Plan Recurring Fee", Kind::UnusedSavingsPlan),
        ("SavingsPlanUpfrontFee", Kind::Fee),
        ("Enterprise Discount Program Discount", Kind::Discount),
        ("BundledDiscount", Kind::Discount),
        ("Private Rate Card Discount", Kind::Discount),
        ("Credit", Kind::Credit),
        ("Refund", Kind::Refund),
        ("Tax", Kind::Tax),
        ("Something new", Kind::Other),
    ] {
        let record_type = RecordType::from(text);
        assert_eq!(Kind::of(record_type.class()), kind, "{text}");
        assert_eq!(record_type.as_str(), text);
    }
}

#[test]
fn five_types_are_read_by_service() {
    let by_service = [
        "Usage",
        "DiscountedUsage",
        "Savings Plan Covered Usage",
        "Fee",
        "RIFee",
    ];
    for text in by_service {
        assert!(RecordType::from(text).is_read_by_service(), "{text}");
    }
    for text in ["Tax", "SavingsPlanUpfrontFee", "SavingsPlanNegation", "?"] {
        assert!(!RecordType::from(text).is_read_by_service(), "{text}");
    }
}
