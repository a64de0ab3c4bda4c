//! What a name means in the IAM of an account: the ARNs of policies and of SAML providers.
//! A name means a policy of AWS before one of the account.

use super::identity::{PolicyReference, SamlProviderName, is_policy_arn};
use super::ids::AccountId;
use super::text::text_type;

text_type!(
    /// The ARN of a managed policy, AWS's own or one of an account.
    PolicyArn,
    "policy ARN",
    "of the form arn:<partition>:iam::<aws or account>:policy/<name>",
    "^arn:[a-z-]+:iam::(aws|[0-9]{12}):policy/.+$",
    is_policy_arn
);

text_type!(
    /// The ARN of a SAML provider.
    SamlProviderArn,
    "SAML provider ARN",
    "of the form arn:<partition>:iam::<account>:saml-provider/<name>",
    "^arn:[a-z-]+:iam::[0-9]{12}:saml-provider/[A-Za-z0-9._-]{1,128}$",
    |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        matches!(parts[..], ["arn", _, "iam", "", account, resource]
            if account.parse::<AccountId>().is_ok()
                && resource.strip_prefix("saml-provider/").is_some_and(|name| name.parse::<SamlProviderName>().is_ok()))
    }
);

impl PolicyReference {
    /// What this can mean in an account, in the order in which it is tried: the ARN, or for a name each policy of AWS of that
    /// name (AWS keeps its own under three paths), and then the account's own (under `/`; others need an ARN).
    ///
    /// AWS's own come first: a policy `ReadOnlyAccess` of the account is never taken for AWS's.
    pub fn candidates(&self, partition: &str, account: &AccountId) -> Vec<PolicyArn> {
        if self.is_arn() {
            return vec![PolicyArn(self.as_str().to_owned())];
        }
        let of = |owner: &str, path: &str| {
            PolicyArn(format!("arn:{partition}:iam::{owner}:policy/{path}{self}"))
        };
        vec![
            of("aws", ""),
            of("aws", "job-function/"),
            of("aws", "service-role/"),
            of(account.as_str(), ""),
        ]
    }
}

impl PolicyArn {
    /// The policy `AdministratorAccess` of AWS in this partition.
    pub fn administrator_access(partition: &str) -> Self {
        Self(format!(
            "arn:{partition}:iam::aws:policy/AdministratorAccess"
        ))
    }

    /// Whether a role of the account can carry the policy: it is the account's own or AWS's, in this partition.
    pub fn is_of(&self, partition: &str, account: &AccountId) -> bool {
        let parts: Vec<&str> = self.0.splitn(6, ':').collect();
        matches!(parts[..], ["arn", of, "iam", "", owner, _]
            if of == partition && (owner == "aws" || owner == account.as_str()))
    }
}

impl SamlProviderArn {
    /// The provider of that name in an account.
    pub fn of(partition: &str, account: &AccountId, name: &SamlProviderName) -> Self {
        Self(format!(
            "arn:{partition}:iam::{account}:saml-provider/{name}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrators_policy_is_that_of_aws_in_the_partition() {
        let arn = PolicyArn::administrator_access("aws-cn");
        assert_eq!(
            arn.as_str(),
            "arn:aws-cn:iam::aws:policy/AdministratorAccess"
        );
        assert_eq!(arn.as_str().parse(), Ok(arn));
    }

    #[test]
    fn a_name_of_a_policy_means_the_policies_of_aws_before_the_accounts_own() {
        let account: AccountId = "111111111111".parse().unwrap();
        let meant = |reference: &str| -> Vec<String> {
            let reference: PolicyReference = reference.parse().unwrap();
            let candidates = reference.candidates("aws-cn", &account);
            candidates.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            meant("Billing"),
            [
                "arn:aws-cn:iam::aws:policy/Billing",
                "arn:aws-cn:iam::aws:policy/job-function/Billing",
                "arn:aws-cn:iam::aws:policy/service-role/Billing",
                "arn:aws-cn:iam::111111111111:policy/Billing",
            ]
        );
        let arn = "arn:aws-cn:iam::111111111111:policy/team/Own";
        assert_eq!(meant(arn), [arn]);
    }

    #[test]
    fn a_role_carries_policies_of_its_account_and_partition_only() {
        let account: AccountId = "111111111111".parse().unwrap();
        for (arn, is_of) in [
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", true),
            ("arn:aws:iam::111111111111:policy/Own", true),
            ("arn:aws:iam::222222222222:policy/Own", false),
            ("arn:aws-cn:iam::aws:policy/ReadOnlyAccess", false),
        ] {
            let arn: PolicyArn = arn.parse().unwrap();
            assert_eq!(arn.is_of("aws", &account), is_of, "{arn}");
        }
    }

    #[test]
    fn the_arn_of_a_provider_is_made_of_its_name() {
        let account: AccountId = "111111111111".parse().unwrap();
        let name = "meshstack-saml-idp".parse().unwrap();
        let made = SamlProviderArn::of("aws", &account, &name);
        assert_eq!(made.as_str().parse::<SamlProviderArn>().unwrap(), made);
        assert!(
            "arn:aws:iam::aws:saml-provider/x"
                .parse::<SamlProviderArn>()
                .is_err()
        );
    }
}
