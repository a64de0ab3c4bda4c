//! The permissions boundary that a company wants on every role: a managed policy, of the same name in every account.
//! The machine names it to IAM; it makes none in member accounts, and never looks into it.

use super::iam_arns::PolicyArn;
use super::ids::AccountId;
use super::text::text_type;

/// IAM: the longest name of a policy, without its path.
const LONGEST_NAME: usize = 128;

text_type!(
    /// The name of that policy, with its path, such as `company/Boundary`; empty: roles are made without one.
    PermissionsBoundaryName,
    "name of a permissions boundary",
    "empty, or the name of a managed policy, behind its path if it has one",
    "^(([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]{1,128})?$",
    |text| {
        let is_word = |part: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
            !part.is_empty() && part.bytes().all(is_plain)
        };
        let name = text.rsplit('/').next().unwrap_or_default();
        text.is_empty() || (text.split('/').all(is_word) && name.len() <= LONGEST_NAME)
    }
);

impl PermissionsBoundaryName {
    /// No boundary.
    #[must_use]
    pub const fn none() -> Self {
        Self(String::new())
    }

    /// The policy of that name in an account; none where no boundary is wanted.
    #[must_use]
    pub fn in_account(&self, partition: &str, account: &AccountId) -> Option<PolicyArn> {
        let arn = format!("arn:{partition}:iam::{account}:policy/{}", self.0);
        (!self.0.is_empty()).then(|| arn.parse().ok()).flatten()
    }
}

impl Default for PermissionsBoundaryName {
    fn default() -> Self {
        Self::none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_the_policy_of_the_account_itself() {
        let account: AccountId = "111111111111".parse().unwrap();
        let meant = |name: &str| {
            let name: PermissionsBoundaryName = name.parse().unwrap();
            name.in_account("aws-cn", &account)
                .map(|arn| arn.to_string())
        };
        assert_eq!(meant(""), None);
        for name in ["Boundary", "company/iam/Boundary"] {
            let arn = format!("arn:aws-cn:iam::111111111111:policy/{name}");
            assert_eq!(meant(name), Some(arn));
        }
    }

    #[test]
    fn arns_and_half_paths_are_no_names() {
        let longest = "x".repeat(LONGEST_NAME);
        for name in [&longest, "a/b=c,d/+.@_-", ""] {
            assert!(name.parse::<PermissionsBoundaryName>().is_ok(), "{name}");
        }
        for name in [
            "arn:aws:iam::111111111111:policy/Boundary",
            "/company/Boundary",
            "company/",
            "company//Boundary",
            "Bound ary",
            "${AWS::AccountId}",
            &format!("{longest}x"),
        ] {
            assert!(name.parse::<PermissionsBoundaryName>().is_err(), "{name}");
        }
    }
}
