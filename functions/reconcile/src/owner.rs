//! Which accounts are vended, and whether the tags that tell whose they are, and which landing zone holds them, are whole.
//! Their values are not told: they are the user's.

use std::collections::BTreeMap;

use avm_core::domain::{
    COMPLETED_AT_KEY, COMPLETION_KEYS, LANDING_ZONE_KEY, MACHINE_KEY, MachineName, Moment,
    OWNER_KEYS, OWNER_PROJECT_KEY, OWNER_WORKSPACE_KEY,
};

const OF_THE_MACHINE: &str = "avm:";

type Tags = BTreeMap<String, String>;

/// Whether that machine, of this version or an earlier one, has tagged the account.
pub(crate) fn is_vended(tags: &Tags, machine: &MachineName) -> bool {
    let of = tags.get(MACHINE_KEY).map_or("", String::as_str);
    let is_tagged = tags.keys().any(|key| key.starts_with(OF_THE_MACHINE)) || is_done(tags);
    is_tagged && of == machine.as_str()
}

/// Whether a vend of the account has succeeded, and none has failed since.
fn is_done(tags: &Tags) -> bool {
    COMPLETION_KEYS.iter().all(|key| tags.contains_key(*key))
}

/// When a vend of the account last succeeded, which proved its access role to be at its minimum.
pub(crate) fn completed(tags: &Tags) -> Option<Moment> {
    tags.get(COMPLETED_AT_KEY)?.parse().ok()
}

/// Whether a vend has ever succeeded: its mark stays when a later one fails.
pub(crate) fn has_been_completed(tags: &Tags) -> bool {
    tags.contains_key(COMPLETED_AT_KEY) || is_done(tags)
}

/// What is missing or does not agree, in words.
pub(crate) fn differences(tags: &Tags) -> Vec<String> {
    let is_blank = |key: &str| tags.get(key).is_none_or(|value| value.trim().is_empty());
    let mut wanted: Vec<&str> = OWNER_KEYS.to_vec();
    if has_been_completed(tags) {
        wanted.push(LANDING_ZONE_KEY);
    }
    let missing = wanted.into_iter().filter(|key| is_blank(key));
    let mut found: Vec<String> = missing.map(|key| format!("tag {key} is missing")).collect();
    let pairs = [OWNER_WORKSPACE_KEY, OWNER_PROJECT_KEY];
    for (done, owner) in COMPLETION_KEYS.into_iter().zip(pairs) {
        if tags.contains_key(done) && !is_blank(owner) && tags.get(done) != tags.get(owner) {
            found.push(format!("tags {done} and {owner} do not agree"));
        }
    }
    let completion = COMPLETION_KEYS
        .iter()
        .filter(|key| tags.contains_key(**key));
    if completion.count() == 1 {
        found.push(format!(
            "only one of the tags {} is there",
            COMPLETION_KEYS.join(" and ")
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [(&str, &str); 6] = [
        ("ProductName", "space"),
        ("Stage", "shop"),
        ("avm:workspace", "space"),
        ("avm:project", "shop"),
        ("avm:landing-zone", "sandbox"),
        ("avm:completed-at", "2026-11-05T10:00:00Z"),
    ];

    fn tags(pairs: &[(&str, &str)], without: &str) -> Tags {
        let kept = pairs.iter().filter(|(key, _)| *key != without);
        kept.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn whole_tags_have_no_difference_and_each_that_is_taken_away_is_told() {
        assert_eq!(differences(&tags(&WHOLE, "")), [""; 0]);
        for key in ["avm:workspace", "avm:project", "avm:landing-zone"] {
            assert_eq!(
                differences(&tags(&WHOLE, key)),
                [format!("tag {key} is missing")]
            );
        }
        for key in COMPLETION_KEYS {
            assert_eq!(
                differences(&tags(&WHOLE, key)),
                ["only one of the tags ProductName and Stage is there"]
            );
        }
    }

    #[test]
    fn another_owner_in_half_of_the_tags_is_told() {
        let mut changed = tags(&WHOLE, "");
        changed.insert("avm:project".to_owned(), "bank".to_owned());
        assert_eq!(
            differences(&changed),
            ["tags Stage and avm:project do not agree"]
        );
        changed.insert("avm:project".to_owned(), " ".to_owned());
        assert_eq!(differences(&changed), ["tag avm:project is missing"]);
    }

    #[test]
    fn an_account_whose_first_vend_has_failed_needs_no_landing_zone() {
        let failed = [
            ("avm:workspace", "space"),
            ("avm:project", "shop"),
            ("avm:failed-step", "PlaceAccount"),
        ];
        assert_eq!(differences(&tags(&failed, "")), [""; 0]);
        assert!(is_vended(&tags(&failed, ""), &MachineName::first()));
    }

    #[test]
    fn each_machine_looks_at_its_own_accounts() {
        let (first, staging) = (MachineName::first(), "Staging".parse().unwrap());
        let of_staging = tags(&[&WHOLE[..], &[("avm:machine", "Staging")]].concat(), "");
        for (tags, of_the_first) in [(tags(&WHOLE, ""), true), (of_staging, false)] {
            assert_eq!(is_vended(&tags, &first), of_the_first);
            assert_eq!(is_vended(&tags, &staging), !of_the_first);
        }
    }

    #[test]
    fn accounts_of_others_are_not_vended() {
        for pairs in [
            &[][..],
            &[("Stage", "prod")],
            &[("ProductName", "x"), ("stage", "y")],
        ] {
            assert!(
                !is_vended(&tags(pairs, ""), &MachineName::first()),
                "{pairs:?}"
            );
        }
        assert!(is_vended(&tags(&WHOLE[..2], ""), &MachineName::first()));
    }
}
