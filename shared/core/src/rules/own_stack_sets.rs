//! Whom the StackSets of the machine let into an account: their parameters say it, and so nobody may override them there.
//! Whoever may update instances could else make a role of every account trust an account of their own.

use std::collections::BTreeSet;

use crate::domain::{Parameters, StackSetName};

/// How the names of the machine's own StackSets begin.
///
/// The name and not a tag: it is what the policies go by (`templates/automation.yaml`), it cannot be changed, and it needs no
/// further read. A tag could be taken away, and StackSets hand theirs on to every resource.
const PREFIX: &str = "avm-";

/// The parameters of the shipped StackSet that say whom its roles trust, or what they may touch. They have the value of the
/// StackSet in every account; a StackSet of one's own may have others, which may be overridden.
pub const TRUST_PARAMETERS: [&str; 4] = [
    "AccountAccessRoleName",
    "AutomationAccountId",
    "ExternalId",
    "ManagementAccountId",
];

/// Whether an override of that key has to go: the StackSet is the machine's own, and the key decides about trust.
pub fn is_never_overridden(stack_set: &StackSetName, key: &str) -> bool {
    stack_set.as_str().starts_with(PREFIX) && TRUST_PARAMETERS.contains(&key)
}

/// The keys of an instance's overrides that have to go.
pub fn overridden(stack_set: &StackSetName, overrides: &Parameters) -> BTreeSet<String> {
    let keys = overrides.keys();
    keys.filter(|key| is_never_overridden(stack_set, key))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_about_trust_is_never_overridden_in_our_own_stack_sets() {
        let overrides: Parameters = [
            ("ManagementAccountId", "666666666666"),
            ("Network", "10.0.0.0/8"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into_iter()
        .collect();
        let of = |name: &str| overridden(&name.parse().unwrap(), &overrides);
        assert_eq!(
            of("avm-landing-zone"),
            ["ManagementAccountId".to_owned()].into()
        );
        assert_eq!(of("network"), BTreeSet::new());
    }
}
