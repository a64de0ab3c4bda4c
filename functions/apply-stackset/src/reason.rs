//! Why an operation has failed, as far as its reason tells: whether trying again may help, and what a person can do.
//! CloudFormation gives no code, only the words of whoever refused.

use avm_core::rules::taken_name;

/// What a reason means; all others are the person's to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A resource of that name is in the account already, and not the stack's.
    Taken,
    /// The account's execution role is not there, or does not trust the administration role.
    Closed,
    /// No policy of the execution role allows what the template needs.
    NotAllowed,
    /// A policy says no: of the organization, or a boundary.
    Forbidden,
}

impl Reason {
    /// Rule source: CloudFormation's status reasons: "Account … should have '…' role with trust relationship to Role '…'.", the
    /// error codes of resource handlers, and IAM's words for a refusal ("… with an explicit deny in a service control policy").
    pub(crate) fn of(words: &str) -> Option<Self> {
        if taken_name::is_meant(words) {
            Some(Self::Taken)
        } else if words.contains(" should have ")
            && words.contains(" role with trust relationship to Role ")
        {
            Some(Self::Closed)
        } else if !words.contains("not authorized to perform") {
            None
        } else if words.contains("explicit deny") {
            Some(Self::Forbidden)
        } else {
            Some(Self::NotAllowed)
        }
    }

    /// Whether it looks so for seconds after the access stack has made or changed the role, too: IAM tells trust and policies
    /// to everybody one after the other.
    pub(crate) fn may_be_young(self) -> bool {
        matches!(self, Self::Closed | Self::NotAllowed)
    }

    pub(crate) fn remedy(self) -> String {
        let words = match self {
            Self::Taken => return taken_name::remedy("the StackSet"),
            Self::Closed => {
                "compare the trust of the execution role, which the access stack (meshstack-cf-access) makes in the account, \
                 with the StackSet's administration role; update the access stack and send the request again"
            }
            Self::NotAllowed => {
                "give the execution role, which the access stack (meshstack-cf-access) makes in the account, the right that the \
                 reason names, or take out of the StackSet's template what needs it; update the access stack and send the request \
                 again"
            }
            Self::Forbidden => {
                "exempt the execution role from the policy that the reason names, or take out of the StackSet's template what \
                 it denies; then send the request again"
            }
        };
        words.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "User: arn:aws:sts::111111111111:assumed-role/AWSCloudFormationStackSetExecutionRole/avm-1 is not authorized \
                        to perform: ";

    #[test]
    fn what_iam_may_not_know_yet_is_told_from_what_a_policy_denies() {
        let no_policy = "iam:CreateRole on resource: arn:aws:iam::111111111111:role/R because no identity-based policy allows the \
                         iam:CreateRole action";
        let of_organization = "iam:CreateRole on resource: arn:aws:iam::111111111111:role/R with an explicit deny in a service \
                               control policy";
        let of_resource = format!(
            "ResourceLogicalId:R, ResourceType:AWS::IAM::Role, ResourceStatusReason:Resource handler returned message: \
             \"{USER}{no_policy} (Service: Iam, Status Code: 403)\" (RequestToken: 1, HandlerErrorCode: AccessDenied)."
        );
        for (words, expected) in [
            (format!("{USER}{no_policy}"), Some(Reason::NotAllowed)),
            (of_resource, Some(Reason::NotAllowed)),
            (
                "ResourceLogicalId:V, ResourceStatusReason:You are not authorized to perform this operation.".to_owned(),
                Some(Reason::NotAllowed),
            ),
            (format!("{USER}{of_organization}"), Some(Reason::Forbidden)),
            ("Stack is in ROLLBACK_FAILED state".to_owned(), None),
        ] {
            assert_eq!(Reason::of(&words), expected, "{words}");
        }
        assert!(Reason::NotAllowed.may_be_young());
        assert!(!Reason::Forbidden.may_be_young());
        assert!(!Reason::Taken.may_be_young());
    }
}
