//! Which of several machines of one organization this is, so that each has roles of its own in the management account.
//! The first one has no name.

use super::RoleName;
use super::text::text_type;

text_type!(
    /// The name of a further machine in the organization, as `Staging`; empty: the first one.
    MachineName,
    "machine name",
    "empty, or a capital letter and then letters and digits, 16 characters at most",
    "^([A-Z][A-Za-z0-9]{0,15})?$",
    |text| text.len() <= 16
        && (text.is_empty() || text.starts_with(|first: char| first.is_ascii_uppercase()))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
);

/// What the names of the machine's roles begin with.
const ROLES: &str = "AVM";

impl MachineName {
    /// The first machine, which has no name.
    #[must_use]
    pub const fn first() -> Self {
        Self(String::new())
    }

    /// Whether this is the first machine.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.0.is_empty()
    }

    /// The name that this machine's role in the management account has where the first one's has that name:
    /// `AVMPlacementRole` is `AVMStagingPlacementRole`, as `templates/vending-roles.yaml` puts it together.
    #[must_use]
    pub fn role(&self, of_the_first: &str) -> Option<RoleName> {
        let rest = of_the_first.strip_prefix(ROLES)?;
        format!("{ROLES}{self}{rest}").parse().ok()
    }

    /// The name that this machine's stack in the management account has where the first one's has that name.
    #[must_use]
    pub fn stack(&self, of_the_first: &str) -> String {
        if self.is_first() {
            of_the_first.to_owned()
        } else {
            format!("{of_the_first}-{}", self.0.to_lowercase())
        }
    }
}

impl Default for MachineName {
    fn default() -> Self {
        Self::first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_machine_has_roles_of_its_own() {
        let role = |machine: &str| {
            let machine: MachineName = machine.parse().unwrap();
            machine.role("AVMPlacementRole").unwrap().to_string()
        };
        assert_eq!(role(""), "AVMPlacementRole");
        assert_eq!(role("Staging"), "AVMStagingPlacementRole");
        assert_eq!(MachineName::first().role("PlacementRole"), None);
        let staging: MachineName = "Staging".parse().unwrap();
        assert_eq!(
            staging.stack("avm-vending-roles"),
            "avm-vending-roles-staging"
        );
        assert_eq!(
            MachineName::first().stack("avm-vending-roles"),
            "avm-vending-roles"
        );
    }

    #[test]
    fn names_are_what_the_names_of_roles_can_hold() {
        for name in ["", "S", "Staging2", "ABCDEFGHIJKLMNOP"] {
            assert!(name.parse::<MachineName>().is_ok(), "{name}");
        }
        for name in [
            "staging",
            "2nd",
            "Sta-ging",
            "ABCDEFGHIJKLMNOPQ",
            "Stäging",
            " ",
        ] {
            assert!(name.parse::<MachineName>().is_err(), "{name}");
        }
    }
}
