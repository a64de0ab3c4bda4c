//! Which steps act through the powerful access role, and what a vend that ended too soon has left for them to do.
//! A role that was never taken down keeps its power for these, so that the same request can go on.

use serde::{Deserialize, Serialize};

use crate::config::{Enrollment, LandingZone};

/// Which of the steps that need the power had done their work when the vend ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reached {
    pub enrolled: bool,
    pub access_stack: bool,
    pub set_up: bool,
}

impl Reached {
    /// The states that the same request would enter again and that need the power; none: nothing needs it any more.
    pub fn still_needs_power(self, settings: &LandingZone) -> Option<String> {
        let open = [
            (
                "Enroll",
                !self.enrolled && settings.enrollment != Enrollment::None,
            ),
            (
                "AccessStack",
                !self.access_stack && settings.access_stack.is_some(),
            ),
            ("DefaultVpcs", !self.set_up && settings.delete_default_vpcs),
            (
                "IdentityProvider",
                !self.set_up && settings.identity_provider.is_some(),
            ),
        ];
        let open: Vec<&str> = open
            .into_iter()
            .filter_map(|(state, is_open)| is_open.then_some(state))
            .collect();
        (!open.is_empty()).then(|| open.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::order;

    const EVERYTHING: Reached = Reached {
        enrolled: true,
        access_stack: true,
        set_up: true,
    };

    #[test]
    fn power_is_needed_by_what_is_wanted_and_not_done() {
        let mut settings = order().landing_zone.settings;
        settings.enrollment = Enrollment::None;
        settings.delete_default_vpcs = true;
        settings.identity_provider = None;
        assert!(settings.access_stack.is_some());
        let needs = |reached: Reached| reached.still_needs_power(&settings);
        assert_eq!(
            needs(Reached::default()).unwrap(),
            "AccessStack, DefaultVpcs"
        );
        let with_stack = Reached {
            access_stack: true,
            ..Reached::default()
        };
        assert_eq!(needs(with_stack).unwrap(), "DefaultVpcs");
        assert_eq!(needs(EVERYTHING), None);
    }

    #[test]
    fn a_landing_zone_that_wants_none_of_it_needs_no_power() {
        let mut settings = order().landing_zone.settings;
        settings.enrollment = Enrollment::None;
        settings.access_stack = None;
        settings.delete_default_vpcs = false;
        settings.identity_provider = None;
        assert_eq!(Reached::default().still_needs_power(&settings), None);
    }
}
