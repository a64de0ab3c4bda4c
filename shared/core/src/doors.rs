//! The doors of the machine: through which role a step reaches an account, and what that role asks for.
//! One table; the steps name its rows, the templates grant them, and `docs/STEPS.md` is made of it.

use crate::domain::RoleName;

/// A way to act: a role, or the function's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Door {
    Own,
    Accounts,
    Placement,
    Enrollment,
    AccountSettings,
    Identity,
    Completion,
    Failure,
    MemberAccess,
    Access,
    Verification,
    IdentityProvider,
    Downgrade,
    Plan,
    Reconcile,
    Metering,
}

/// Where the role of a door is, and how its name is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// The function's own role.
    Own,
    /// A role of the management account with that fixed name.
    Management(&'static str),
    /// The powerful role of the member account, by the name in the order.
    AccessRole,
    /// A role of the member account with that fixed name.
    Member(&'static str),
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoorRow {
    pub door: Door,
    pub behind: Behind,
    /// Whether the role's trust asks for the ExternalId.
    pub asks_for_external_id: bool,
    /// The door that leads to it; none: it is opened with the function's own role.
    pub through: Option<Door>,
    /// The step that makes its role in the account; none: it is there before the vend.
    pub made_by: Option<&'static str>,
    /// What one does behind it.
    pub purpose: &'static str,
}

const fn management(door: Door, role: &'static str, purpose: &'static str) -> DoorRow {
    DoorRow {
        door,
        behind: Behind::Management(role),
        asks_for_external_id: true,
        through: None,
        made_by: None,
        purpose,
    }
}

/// Without an ExternalId: the trust names roles of functions, and the account's people could read it there.
const fn member(door: Door, role: &'static str, purpose: &'static str) -> DoorRow {
    DoorRow {
        door,
        behind: Behind::Member(role),
        asks_for_external_id: false,
        through: None,
        made_by: Some("apply-stackset"),
        purpose,
    }
}

/// Every door.
pub const DOORS: [DoorRow; 16] = [
    DoorRow {
        door: Door::Own,
        behind: Behind::Own,
        asks_for_external_id: false,
        through: None,
        made_by: None,
        purpose: "works with what the automation account has: StackSets, documents",
    },
    management(
        Door::Accounts,
        "AVMAccountsRole",
        "creates and reads accounts",
    ),
    management(
        Door::Placement,
        "AVMPlacementRole",
        "moves accounts and makes organizational units",
    ),
    management(
        Door::Enrollment,
        "AVMEnrollmentRole",
        "enrolls accounts with AWS Control Tower",
    ),
    management(
        Door::AccountSettings,
        "AVMAccountSettingsRole",
        "sets alternate contacts and budgets, and enables regions",
    ),
    management(
        Door::Identity,
        "AVMIdentityRole",
        "makes groups and account assignments in IAM Identity Center",
    ),
    management(
        Door::Completion,
        "AVMCompletionRole",
        "reads for the verification and writes the completion tags",
    ),
    management(
        Door::Failure,
        "AVMFailureRole",
        "writes failure tags and takes completion tags away",
    ),
    management(
        Door::MemberAccess,
        "AVMMemberAccessRole",
        "assumes the access role of member accounts",
    ),
    DoorRow {
        door: Door::Access,
        behind: Behind::AccessRole,
        asks_for_external_id: false,
        through: Some(Door::MemberAccess),
        made_by: Some("create-account"),
        purpose: "works in the account, with all rights until the downgrade",
    },
    member(
        Door::Verification,
        RoleName::VERIFICATION,
        "looks into the account",
    ),
    member(
        Door::IdentityProvider,
        RoleName::IDENTITY_PROVIDER,
        "keeps the SAML provider where the access role must not",
    ),
    member(
        Door::Downgrade,
        RoleName::DOWNGRADE_EXECUTION,
        "takes the access role down",
    ),
    management(
        Door::Plan,
        "AVMPlanRole",
        "reads what a plan needs of the organization",
    ),
    management(
        Door::Reconcile,
        "AVMReconcileRole",
        "reads which accounts there are, and their tags",
    ),
    management(
        Door::Metering,
        "AVMMeteringRole",
        "reads what accounts cost, and whose they are",
    ),
];

impl Door {
    /// Its row.
    #[must_use]
    pub const fn row(self) -> &'static DoorRow {
        &DOORS[self as usize]
    }

    /// The step that makes its role in the account.
    #[must_use]
    pub const fn made_by(self) -> Option<&'static str> {
        self.row().made_by
    }

    /// The door that a function which may not write opens in its place.
    #[must_use]
    pub const fn to_look(self) -> Self {
        match self.row().behind {
            Behind::Own => Self::Own,
            Behind::Management(_) => Self::Plan,
            Behind::AccessRole | Behind::Member(_) => Self::Verification,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_where_its_door_looks_for_it() {
        for row in &DOORS {
            assert_eq!(row.door.row(), row);
        }
    }

    #[test]
    fn no_door_that_looks_leads_to_a_role_that_writes() {
        for row in &DOORS {
            let looks = row.door.to_look();
            assert!([Door::Own, Door::Plan, Door::Verification].contains(&looks));
            assert_eq!(looks.row().through, None);
        }
    }
}
