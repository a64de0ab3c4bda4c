//! Whether a request may take an account from its landing zone to another one: what the old one's document says of it.
//! A landing zone is a promise to the operators. So every change needs a rule, and a change that gives more needs it in words.

use crate::config::LandingZone;
use crate::domain::LandingZoneName;

/// What the old document lacks to let its accounts go there, in words; empty: it lets them go.
pub fn lacks(old: &LandingZone, name: &LandingZoneName, new: &LandingZone) -> Vec<String> {
    let Some(rule) = old.may_become.get(name) else {
        return vec![format!("mayBecome does not name {name}")];
    };
    let gains = [
        ("widensDowngrade", rule.widens_downgrade, widening(old, new)),
        (
            "leavesOrganizationalUnit",
            rule.leaves_organizational_unit,
            leaving(old, new),
        ),
    ];
    gains
        .into_iter()
        .filter(|(_, is_said, _)| !is_said)
        .filter_map(|(setting, _, gain)| {
            Some(format!(
                "mayBecome.{name} does not say {setting}, and {}",
                gain?
            ))
        })
        .collect()
}

/// What the account gains by the change, in words.
pub fn gains(old: &LandingZone, new: &LandingZone) -> Vec<String> {
    let gains = [widening(old, new), leaving(old, new)];
    gains.into_iter().flatten().collect()
}

fn widening(old: &LandingZone, new: &LandingZone) -> Option<String> {
    let widens = new.downgrade.is_wider_than(old.downgrade);
    widens.then(|| {
        format!(
            "the downgrade widens from {} to {}",
            old.downgrade, new.downgrade
        )
    })
}

fn leaving(old: &LandingZone, new: &LandingZone) -> Option<String> {
    let (from, to) = (&old.organizational_unit, &new.organizational_unit);
    (!to.is_at_or_below(from)).then(|| {
        format!(
            "the organizational unit goes from {:?} to {:?}, which is not known to be below it",
            from.to_string(),
            to.to_string()
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn zone(unit: &str, downgrade: &str, may_become: &Value) -> LandingZone {
        let document =
            json!({"organizationalUnit": unit, "downgrade": downgrade, "mayBecome": may_become});
        serde_json::from_value(document).unwrap()
    }

    fn found(old: &LandingZone, new: &LandingZone) -> Vec<String> {
        lacks(old, &"new".parse().unwrap(), new)
    }

    #[test]
    fn what_no_rule_names_is_not_allowed_however_narrow_it_is() {
        let new = zone("a/b", "strict", &json!({}));
        for rules in [json!({}), json!({"other": {"widensDowngrade": true}})] {
            let old = zone("a", "standard", &rules);
            assert_eq!(found(&old, &new), ["mayBecome does not name new"]);
        }
        let old = zone("a", "standard", &json!({"new": {}}));
        assert!(found(&old, &new).is_empty());
        assert!(gains(&old, &new).is_empty());
    }

    #[test]
    fn a_wider_downgrade_has_to_be_said() {
        let order = ["strict", "standard", "self-upgradable", "none"];
        for (at, old_downgrade) in order.iter().enumerate() {
            for (place, new_downgrade) in order.iter().enumerate() {
                let new = zone("a", new_downgrade, &json!({}));
                let silent = zone("a", old_downgrade, &json!({"new": {}}));
                let widens = place > at;
                assert_eq!(found(&silent, &new).len(), usize::from(widens));
                assert_eq!(gains(&silent, &new).len(), usize::from(widens));
                let said = zone(
                    "a",
                    old_downgrade,
                    &json!({"new": {"widensDowngrade": true}}),
                );
                assert!(found(&said, &new).is_empty());
            }
        }
    }

    #[test]
    fn another_unit_has_to_be_said_and_each_gain_is_told() {
        let new = zone("b", "none", &json!({}));
        for (rule, lacking) in [
            (json!({"leavesOrganizationalUnit": true}), 1),
            (json!({"widensDowngrade": true}), 1),
            (
                json!({"leavesOrganizationalUnit": true, "widensDowngrade": true}),
                0,
            ),
        ] {
            let old = zone("a", "strict", &json!({ "new": rule }));
            assert_eq!(found(&old, &new).len(), lacking, "{rule}");
        }
        let old = zone("a", "strict", &json!({"new": {}}));
        assert_eq!(
            found(&old, &new),
            [
                "mayBecome.new does not say widensDowngrade, and the downgrade widens from strict to none",
                "mayBecome.new does not say leavesOrganizationalUnit, and the organizational unit goes from \"a\" to \"b\", which is not known to be below it"
            ]
        );
    }
}
