//! Ids and names with the rules that AWS and meshStack give them.
//! Sources: the AWS service models (Organizations, IAM, CloudFormation) and meshStack's identifier limits.

use super::tags::clean_tag_value;
use super::text::text_type;

text_type!(
    /// The id of an AWS account.
    AccountId,
    "account id",
    "12 digits",
    "^[0-9]{12}$",
    |text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
);

text_type!(
    /// The name of an AWS account (Organizations: 1 to 50 printable ASCII characters).
    AccountName,
    "account name",
    "1 to 50 printable ASCII characters",
    "^[ -~]{1,50}$",
    |text| (1..=50).contains(&text.len()) && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
);

text_type!(
    /// The identifier of a meshStack workspace (formerly customer), the tag `ProductName`.
    WorkspaceIdentifier,
    "workspace identifier",
    "1 to 256 letters, digits, spaces or _.:/=+-@, without a space at its ends",
    "^[\\p{L}\\p{N}\\p{Zs}_.:/=+@-]{1,256}$",
    is_identifier
);

text_type!(
    /// The identifier of a meshStack project, the tag `Stage`.
    ProjectIdentifier,
    "project identifier",
    "1 to 256 letters, digits, spaces or _.:/=+-@, without a space at its ends",
    "^[\\p{L}\\p{N}\\p{Zs}_.:/=+@-]{1,256}$",
    is_identifier
);

text_type!(
    /// The name of a landing zone: the last part of its parameter `/avm/landing-zones/<name>`.
    LandingZoneName,
    "landing zone name",
    "1 to 64 letters, digits, '.', '_' or '-'",
    "^[A-Za-z0-9._-]{1,64}$",
    |text| (1..=64).contains(&text.len()) && text.bytes().all(is_name_byte)
);

text_type!(
    /// The id of an organizational unit, `ou-…`.
    OrganizationalUnitId,
    "organizational unit id",
    "of the form ou-xxxx-xxxxxxxx",
    "^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$",
    |text| text.strip_prefix("ou-").and_then(|rest| rest.split_once('-')).is_some_and(
        |(root, unit)| is_lower_alphanumeric(root, 4) && is_lower_alphanumeric(unit, 8)
    )
);

text_type!(
    /// The id of an organization's root, `r-…`.
    RootId,
    "root id",
    "of the form r-xxxx",
    "^r-[0-9a-z]{4,32}$",
    |text| text.strip_prefix("r-").is_some_and(|rest| is_lower_alphanumeric(rest, 4))
);

text_type!(
    /// The id of what an account may sit in: a root or an organizational unit.
    ParentId,
    "parent id",
    "a root id (r-xxxx) or an organizational unit id (ou-xxxx-xxxxxxxx)",
    "^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$",
    |text| text.parse::<RootId>().is_ok() || text.parse::<OrganizationalUnitId>().is_ok()
);

text_type!(
    /// The name of an IAM role (IAM: 1 to 64 of letters, digits and `+=,.@_-`).
    RoleName,
    "role name",
    "1 to 64 letters, digits or +=,.@_-",
    "^[A-Za-z0-9+=,.@_-]{1,64}$",
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
);

text_type!(
    /// The ARN of an IAM role.
    RoleArn,
    "role ARN",
    "of the form arn:<partition>:iam::<account>:role/<name>",
    "^arn:[a-z-]+:iam::[0-9]{12}:role/.+$",
    |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        matches!(parts[..], ["arn", _, "iam", "", account, resource]
            if account.parse::<AccountId>().is_ok() && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty()))
    }
);

text_type!(
    /// The ARN of an execution of the state machine.
    ExecutionArn,
    "execution ARN",
    "of the form arn:<partition>:states:<region>:<account>:execution:<machine>:<name>",
    "^arn:[a-z-]+:states:[a-z0-9-]+:[0-9]{12}:execution:[^:]+:[^:]+$",
    |text| {
        let parts: Vec<&str> = text.split(':').collect();
        matches!(parts[..], ["arn", _, "states", _, account, "execution", machine, name]
            if account.parse::<AccountId>().is_ok() && !machine.is_empty() && !name.is_empty())
    }
);

text_type!(
    /// The name of an execution (Step Functions: 1 to 80 characters; only these can be logged).
    ExecutionName,
    "execution name",
    "1 to 80 letters, digits, '-' or '_'",
    "^[A-Za-z0-9_-]{1,80}$",
    |text| (1..=80).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
);

text_type!(
    /// The ARN of the state machine.
    StateMachineArn,
    "state machine ARN",
    "of the form arn:<partition>:states:<region>:<account>:stateMachine:<name>",
    "^arn:[a-z-]+:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[^:]+$",
    |text| {
        let parts: Vec<&str> = text.split(':').collect();
        matches!(parts[..], ["arn", _, "states", _, _, "stateMachine", name] if !name.is_empty())
    }
);

text_type!(
    /// The name of a StackSet (CloudFormation: a letter, then letters, digits and hyphens; 128 at most).
    StackSetName,
    "StackSet name",
    "a letter, then letters, digits or '-', 128 characters at most; of an ARN or an id, what stands before the ':' of the id \
     and after the '/'",
    "^[A-Za-z][A-Za-z0-9-]{0,127}$",
    |text| (1..=128).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
);

impl AccountId {
    /// The ARN of the role of that name in this account, in the partition of `like`.
    pub fn role_arn(&self, partition: &str, role: &RoleName) -> RoleArn {
        RoleArn(format!("arn:{partition}:iam::{self}:role/{role}"))
    }
}

impl RoleName {
    /// The role by which AWS Control Tower works in an account; Control Tower has fixed its name.
    pub const CONTROL_TOWER_EXECUTION: &'static str = "AWSControlTowerExecution";
    /// The role in a member account that may look and nothing else; made by the landing zone's StackSet.
    pub const VERIFICATION: &'static str = "AVMVerificationRole";
    /// The role in a member account that keeps its SAML provider where the access role must not; made by the same StackSet.
    pub const IDENTITY_PROVIDER: &'static str = "AVMIdentityProviderRole";
    /// The role in a member account that takes the access role down; made by the same StackSet (meshStack's name).
    pub const DOWNGRADE_EXECUTION: &'static str = "PermissionDowngradeLambdaExecutionRole";

    /// The role by which AWS Control Tower works in an account; Control Tower has fixed its name.
    pub fn control_tower_execution() -> Self {
        Self(Self::CONTROL_TOWER_EXECUTION.to_owned())
    }
}

impl RoleArn {
    /// The account that the role belongs to.
    pub fn account(&self) -> AccountId {
        account_of(self.as_str())
    }

    /// The partition of the ARN: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        self.as_str().split(':').nth(1).unwrap_or("aws")
    }
}

impl ExecutionArn {
    /// The account that the execution runs in.
    pub fn account(&self) -> AccountId {
        account_of(self.as_str())
    }

    /// The execution's name: the last part of its ARN.
    pub fn name(&self) -> &str {
        self.as_str().rsplit(':').next().unwrap_or_default()
    }

    /// The partition of the ARN: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        self.as_str().split(':').nth(1).unwrap_or("aws")
    }

    /// The name of the sessions of this execution: it tells CloudTrail which execution acted (STS: at most 64 characters).
    pub fn session_name(&self) -> String {
        let allowed =
            |character: char| character.is_ascii_alphanumeric() || "_=,.@-".contains(character);
        format!("avm-{}", self.name())
            .chars()
            .map(|character| if allowed(character) { character } else { '-' })
            .take(64)
            .collect()
    }
}

impl StateMachineArn {
    /// The ARN of the machine's execution of that name.
    pub fn execution(&self, name: &ExecutionName) -> ExecutionArn {
        let machine = self.as_str().replacen(":stateMachine:", ":execution:", 1);
        ExecutionArn(format!("{machine}:{name}"))
    }
}

impl ParentId {
    /// Whether this is the organization's root.
    pub fn is_root(&self) -> bool {
        self.as_str().starts_with("r-")
    }

    /// The root of its organization.
    ///
    /// Rule source: AWS Organizations API, `OrganizationalUnit`: the id of a unit has "the ID of the root that contains the OU"
    /// between its two dashes.
    #[must_use]
    pub fn root(&self) -> Self {
        let id = self.as_str().split('-').nth(1).unwrap_or_default();
        Self(format!("r-{id}"))
    }
}

impl From<RootId> for ParentId {
    fn from(id: RootId) -> Self {
        Self(id.into())
    }
}

impl From<OrganizationalUnitId> for ParentId {
    fn from(id: OrganizationalUnitId) -> Self {
        Self(id.into())
    }
}

/// The account of a validated ARN: its fifth part.
fn account_of(arn: &str) -> AccountId {
    AccountId(arn.split(':').nth(4).unwrap_or_default().to_owned())
}

/// Identifiers are written as tags, of the account and of roles, and compared with them: a tag must hold them unchanged.
fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && clean_tag_value(text) == text
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

fn is_lower_alphanumeric(text: &str, shortest: usize) -> bool {
    (shortest..=32).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_right_form_are_taken() {
        assert!("123456789012".parse::<AccountId>().is_ok());
        assert!("ou-ab12-12345678".parse::<OrganizationalUnitId>().is_ok());
        assert!("r-ab12".parse::<ParentId>().is_ok());
        for id in ["r-ab12", "ou-ab12-12345678"] {
            let id: ParentId = id.parse().unwrap();
            assert_eq!(id.root().as_str(), "r-ab12");
        }
        assert!(
            "arn:aws:iam::123456789012:role/path/Name"
                .parse::<RoleArn>()
                .is_ok()
        );
        assert!("avm-landing-zone".parse::<StackSetName>().is_ok());
    }

    #[test]
    fn ids_of_a_wrong_form_are_refused() {
        for text in [
            "",
            "12345678901",
            "1234567890123",
            "12345678901a",
            "１２３４５６７８９０１２",
        ] {
            assert!(text.parse::<AccountId>().is_err(), "{text}");
        }
        for text in ["ou-ab12", "ou-AB12-12345678", "ou-ab12-1234567", "r-ab12"] {
            assert!(text.parse::<OrganizationalUnitId>().is_err(), "{text}");
        }
        assert!(
            "arn:aws:iam::123456789012:user/Name"
                .parse::<RoleArn>()
                .is_err()
        );
        let arn = "arn:aws:cloudformation:eu-central-1:111111111111:stackset/avm-landing-zone:6f3c1c7e-0000-4000-8000-000000000000";
        for text in [
            "1-set",
            arn,
            "avm-landing-zone:6f3c1c7e-0000-4000-8000-000000000000",
        ] {
            let refusal = text.parse::<StackSetName>().unwrap_err().to_string();
            assert!(
                refusal.contains("of an ARN or an id, what stands before the ':'"),
                "{refusal}"
            );
        }
        assert!("\u{7}".parse::<WorkspaceIdentifier>().is_err());
    }

    #[test]
    fn a_refusal_says_what_is_expected_and_not_what_was_given() {
        let refusal = "secret".parse::<AccountId>().unwrap_err().to_string();
        assert_eq!(refusal, "account id must be 12 digits");
    }

    #[test]
    fn the_name_of_an_execution_is_the_last_part_of_its_arn() {
        let arn: ExecutionArn =
            "arn:aws:states:eu-central-1:123456789012:execution:avm-vend-account:a-2026-11-1"
                .parse()
                .unwrap();
        assert_eq!(arn.name(), "a-2026-11-1");
    }

    #[test]
    fn an_arn_knows_its_account() {
        let role: RoleArn = "arn:aws:iam::333333333333:role/path/Name".parse().unwrap();
        let execution: ExecutionArn =
            "arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:a"
                .parse()
                .unwrap();
        assert_eq!(role.account().as_str(), "333333333333");
        assert_eq!(execution.account().as_str(), "222222222222");
    }

    #[test]
    fn a_state_machine_knows_the_arn_of_its_executions() {
        let machine: StateMachineArn =
            "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:avm-vend-account"
                .parse()
                .unwrap();
        let name: ExecutionName = "a-2026-11-1".parse().unwrap();
        assert_eq!(
            machine.execution(&name).as_str(),
            "arn:aws-cn:states:cn-north-1:123456789012:execution:avm-vend-account:a-2026-11-1"
        );
        for text in ["", "a b", "a.b", &"x".repeat(81)] {
            assert!(text.parse::<ExecutionName>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_session_is_named_after_its_execution() {
        let name = format!("space-shop-{}", "x".repeat(60));
        let arn = format!("arn:aws:states:eu-central-1:123456789012:execution:avm:{name}");
        let session = arn.parse::<ExecutionArn>().unwrap().session_name();
        assert!(session.starts_with("avm-space-shop-x"));
        assert_eq!(session.len(), 64);
    }
}
