//! The ids of IAM Identity Center and its identity store: groups, people, memberships, permission sets, requests.
//! They come from AWS or from a SCIM server, whose ids have no other rule than being unique.

use unicode_general_category::{GeneralCategory, get_general_category};

use super::UserName;
use super::text::text_type;

text_type!(
    /// The id of a group in the identity store; SCIM knows the group by the same id.
    GroupId,
    "group id",
    "1 to 100 letters, digits or '-'",
    "^[A-Za-z0-9-]{1,100}$",
    is_id
);

text_type!(
    hidden
    /// The id of a person in the identity store; SCIM knows the person by the same id.
    UserId,
    "user id",
    "1 to 100 letters, digits or '-'",
    "^[A-Za-z0-9-]{1,100}$",
    is_id
);

text_type!(
    hidden
    /// The id of a person's membership in a group of the identity store.
    MembershipId,
    "membership id",
    "1 to 100 letters, digits or '-'",
    "^[A-Za-z0-9-]{1,100}$",
    is_id
);

text_type!(
    /// The ARN of a permission set.
    PermissionSetArn,
    "permission set ARN",
    "of the form arn:<partition>:sso:::permissionSet/ssoins-…/ps-…",
    "^arn:[a-z-]+:sso:::permissionSet/[^/]+/ps-[A-Za-z0-9-]+$",
    super::identity::is_permission_set_arn
);

text_type!(
    /// The id under which IAM Identity Center makes or deletes an assignment.
    AssignmentRequestId,
    "assignment request id",
    "1 to 100 letters, digits or '-'",
    "^[A-Za-z0-9-]{1,100}$",
    is_id
);

impl UserName {
    /// The same in lower case, where that is another name.
    pub fn in_lower_case(&self) -> Option<Self> {
        let lower = self.expose().to_lowercase();
        let lower = (lower != self.expose()).then_some(lower)?;
        lower.parse().ok()
    }

    /// Whether the store allows this name. It refuses to look up any other name, and that refusal must not be read as "unknown".
    /// Rule source: identity store (`UserName`: `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`).
    pub fn can_exist(&self) -> bool {
        use GeneralCategory::{
            Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator,
            Surrogate, Unassigned,
        };
        self.expose().chars().all(|character| {
            !matches!(
                get_general_category(character),
                Control
                    | Format
                    | LineSeparator
                    | ParagraphSeparator
                    | PrivateUse
                    | SpaceSeparator
                    | Surrogate
                    | Unassigned
            )
        })
    }
}

/// Characters that are safe in a path and in a filter.
fn is_id(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_hold_nothing_that_leads_a_path_astray() {
        for id in [
            "9067729b3d-f987ac4d-a175-44f0-a528-6d23c5d2ec4d",
            "a3b926b8c9d5428ca582605b6d621497",
        ] {
            assert!(id.parse::<GroupId>().is_ok(), "{id}");
        }
        for id in ["", "../Users/1", "a b", "a?b", &"a".repeat(101)] {
            assert!(id.parse::<GroupId>().is_err(), "{id}");
            assert!(id.parse::<AssignmentRequestId>().is_err(), "{id}");
        }
    }

    #[test]
    fn who_somebody_is_is_not_printed() {
        let user: UserId = "f987ac4d".parse().unwrap();
        let membership: MembershipId = "a175".parse().unwrap();
        assert_eq!(
            format!("{user:?} {membership:?}"),
            "<user id> <membership id>"
        );
    }

    #[test]
    fn nobody_has_a_name_with_spaces_in_it() {
        for (name, can_exist) in [
            ("someone@example.com", true),
            ("jürgen.groß_東京+1", true),
            ("some one", false),
            ("some\u{a0}one", false),
            ("some\u{200d}one", false),
        ] {
            let name: UserName = name.parse().unwrap();
            assert_eq!(name.can_exist(), can_exist, "{}", name.expose());
        }
    }

    #[test]
    fn a_name_has_another_one_in_lower_case_only_if_it_has_capitals() {
        for (name, lower) in [
            ("Anna@Example.com", Some("anna@example.com")),
            ("ÄRGER", Some("ärger")),
            ("anna@example.com", None),
            ("東京", None),
        ] {
            let name: UserName = name.parse().unwrap();
            let found = name.in_lower_case();
            assert_eq!(found.as_ref().map(UserName::expose), lower);
        }
    }

    #[test]
    fn a_permission_set_is_known_by_an_arn_only() {
        assert!(
            "arn:aws:sso:::permissionSet/ssoins-1/ps-2"
                .parse::<PermissionSetArn>()
                .is_ok()
        );
        assert!("ReadOnly".parse::<PermissionSetArn>().is_err());
    }
}
