//! The words of people's access: project roles, groups, users, permission sets, SAML providers, aliases, contacts.
//! Sources: the AWS service models (IAM, IAM Identity Center, identity store, Account Management) and meshStack's patterns.

use super::region::is_endpoint;
use super::text::text_type;

/// The prefix of the SAML providers that the AVM manages where the downgrade is `strict`.
pub const STRICT_PROVIDER_PREFIX: &str = "mesh";

text_type!(
    /// The alias of an account (IAM: 3 to 63 characters, unique across AWS; not 12 digits, which would be an account id).
    AccountAlias,
    "account alias",
    "3 to 63 lower-case letters, digits and single '-', beginning and ending with a letter or digit, and not 12 digits",
    "^[a-z0-9](-?[a-z0-9]){2,62}$",
    is_alias
);

text_type!(
    /// The identifier of a meshStack project role, e.g. `admin`: the key of a role mapping.
    ProjectRole,
    "project role",
    "1 to 64 letters, digits, '.', '_', ' ' or '-'",
    "^[A-Za-z0-9._ -]{1,64}$",
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._ -".contains(&byte))
);

text_type!(
    /// The name of a group in IAM Identity Center that the machine manages: `mst-` and what the pattern makes.
    GroupName,
    "group name",
    "mst- followed by 1 to 1020 characters without control characters",
    "^mst-[^\\p{Cc}]{1,1020}$",
    |text| text.strip_prefix(GROUP_PREFIX).is_some_and(|name| {
        (1..=1020).contains(&name.chars().count()) && !name.chars().any(char::is_control)
    })
);

/// The prefix of all groups that meshStack manages.
pub const GROUP_PREFIX: &str = "mst-";

text_type!(
    hidden
    /// The login name of a person in IAM Identity Center (identity store: 1 to 128 characters); often an address.
    UserName,
    "user name",
    "1 to 128 characters without control characters",
    "^[^\\p{Cc}]{1,128}$",
    |text| (1..=128).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && !text.trim().is_empty()
);

text_type!(
    /// A permission set of IAM Identity Center: its ARN, or its name (1 to 32 of letters, digits and `+=,.@_-`).
    PermissionSetReference,
    "permission set",
    "an ARN such as arn:aws:sso:::permissionSet/ssoins-…/ps-…, or a name of 1 to 32 letters, digits or +=,.@_-",
    "^(arn:[a-z-]+:sso:::permissionSet/[^/]+/ps-[A-Za-z0-9./-]+|[A-Za-z0-9+=,.@_-]{1,32})$",
    |text| is_permission_set_arn(text) || ((1..=32).contains(&text.len()) && is_iam_name(text))
);

text_type!(
    /// A managed policy: its ARN, or its name (a policy of AWS comes before one that somebody made in the account).
    PolicyReference,
    "policy",
    "an ARN such as arn:aws:iam::aws:policy/ReadOnlyAccess, or a name of 1 to 128 letters, digits or +=,.@_-",
    "^(arn:[a-z-]+:iam::(aws|[0-9]{12}):policy/.+|[A-Za-z0-9+=,.@_-]{1,128})$",
    |text| is_policy_arn(text) || ((1..=128).contains(&text.len()) && is_iam_name(text))
);

text_type!(
    /// The name of a SAML provider (IAM: 1 to 128 of letters, digits and `._-`).
    SamlProviderName,
    "SAML provider name",
    "1 to 128 letters, digits, '.', '_' or '-'",
    "^[A-Za-z0-9._-]{1,128}$",
    |text| (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
);

text_type!(
    /// The ARN of an instance of IAM Identity Center.
    SingleSignOnInstanceArn,
    "instance ARN",
    "of the form arn:<partition>:sso:::instance/ssoins-…",
    "^arn:[a-z-]+:sso:::instance/(sso)?ins-[A-Za-z0-9.-]+$",
    |text| {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        matches!(parts[..], ["arn", _, "sso", "", "", resource]
            if resource.strip_prefix("instance/").is_some_and(|id| id.contains("ins-") && id.len() > 4 && !id.contains('/')))
    }
);

text_type!(
    /// The id of an identity store, `d-…` or a UUID.
    IdentityStoreId,
    "identity store id",
    "of the form d-xxxxxxxxxx, or a UUID in lower case",
    "^(d-[0-9a-f]{10}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$",
    |text| {
        let is_hex = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        match &text.split('-').collect::<Vec<_>>()[..] {
            ["d", id] => is_hex(id, 10),
            [first, middle @ .., last] if middle.len() == 3 => {
                is_hex(first, 8) && middle.iter().all(|part| is_hex(part, 4)) && is_hex(last, 12)
            }
            _ => false,
        }
    }
);

text_type!(
    /// The id of a product in Service Catalog, `prod-…`.
    ProductId,
    "product id",
    "of the form prod-xxxxxxxxxxxxx",
    "^prod-[a-z0-9]+$",
    |text| text.strip_prefix("prod-").is_some_and(|id| {
        (1..=95).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
);

text_type!(
    /// The ARN of a secret in Secrets Manager.
    SecretArn,
    "secret ARN",
    "of the form arn:<partition>:secretsmanager:<region>:<account>:secret:<name>",
    "^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$",
    |text| {
        let parts: Vec<&str> = text.splitn(7, ':').collect();
        matches!(parts[..], ["arn", _, "secretsmanager", _, account, "secret", name]
            if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty())
    }
);

text_type!(
    /// An `https://` address; `http://` on this machine, which only functions that work on a local AWS follow.
    WebAddress,
    "address",
    "an https:// address",
    "^https://\\S+$|^http://(127\\.0\\.0\\.1|localhost)[:/]\\S*$",
    |text| {
        (text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) || is_on_this_machine(text))
            && text.len() <= 2048
            && !text.contains(char::is_whitespace)
    }
);

text_type!(
    /// The address of a SCIM endpoint of IAM Identity Center (AWS: `https://scim.<region>.amazonaws.com/…`), or one on this
    /// machine. The access token that is sent there writes every user and group.
    ScimAddress,
    "SCIM address",
    "of the form https://scim.<region>.amazonaws.com/<tenant>/scim/v2/",
    "^https://scim\\.[a-z0-9-]+\\.[a-z0-9.-]+/\\S*$|^http://(127\\.0\\.0\\.1|localhost)[:/]\\S*$",
    |text| {
        let host = text.strip_prefix("https://").and_then(|rest| rest.split_once('/'));
        let is_of_aws = host.is_some_and(|(host, _)| is_endpoint(host, "scim"));
        (is_of_aws || is_on_this_machine(text)) && text.len() <= 2048 && !text.contains(char::is_whitespace)
    }
);

fn is_on_this_machine(text: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost"];
    let mut rests = local.iter().filter_map(|local| text.strip_prefix(local));
    rests.any(|rest| rest.starts_with([':', '/']))
}

text_type!(
    hidden
    /// The name of a contact person (Account Management: 1 to 64 characters).
    ContactName,
    "contact name",
    "1 to 64 characters without control characters",
    "^[^\\p{Cc}]{1,64}$",
    |text| is_words(text, 64)
);

text_type!(
    hidden
    /// The title of a contact person (Account Management: 1 to 50 characters).
    ContactTitle,
    "contact title",
    "1 to 50 characters without control characters",
    "^[^\\p{Cc}]{1,50}$",
    |text| is_words(text, 50)
);

text_type!(
    hidden
    /// The address of a contact (Account Management: 1 to 254 characters, `[\w+=.#|!&-]+@[\w.-]+\.[\w]+`).
    ContactEmail,
    "contact address",
    "an e-mail address of at most 254 letters, digits or +=.#|!&_- before the '@', and a domain with a dot after it",
    "^[A-Za-z0-9_+=.#|!&-]+@[A-Za-z0-9_.-]+\\.[A-Za-z0-9_]+$",
    |text| text.len() <= 254 && text.split_once('@').is_some_and(|(local, domain)| {
        let is_domain = domain.rsplit_once('.').is_some_and(|(name, top)| {
            !name.is_empty() && !top.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
                && top.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        !local.is_empty()
            && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=.#|!&-".contains(&byte))
            && is_domain
    })
);

text_type!(
    hidden
    /// A telephone number (Account Management: 1 to 25 of white space, digits and `()+-`).
    PhoneNumber,
    "telephone number",
    "1 to 25 digits, spaces or ()+-",
    "^[\\s0-9()+-]{1,25}$",
    |text| (1..=25).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b" ()+-".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_digit())
);

impl PermissionSetReference {
    /// Whether this is an ARN, and no name.
    pub fn is_arn(&self) -> bool {
        is_permission_set_arn(self.as_str())
    }
}

impl PolicyReference {
    /// Whether this is an ARN, and no name.
    pub fn is_arn(&self) -> bool {
        is_policy_arn(self.as_str())
    }
}

fn is_alias(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let is_account_id = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    (3..=63).contains(&text.len()) && text.split('-').all(is_word) && !is_account_id
}

pub(super) fn is_permission_set_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "sso", "", "", resource]
        if matches!(resource.splitn(3, '/').collect::<Vec<_>>()[..], ["permissionSet", instance, set]
            if !instance.is_empty() && set.starts_with("ps-")))
}

pub(super) fn is_policy_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "iam", "", owner, resource]
        if !owner.is_empty() && resource.strip_prefix("policy/").is_some_and(|name| !name.is_empty()))
}

fn is_iam_name(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
}

fn is_words(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count())
        && !text.chars().any(char::is_control)
        && !text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_follows_the_rule_of_iam() {
        for alias in ["abc", "acme-space-shop", "1a1", "1234567890123"] {
            assert!(alias.parse::<AccountAlias>().is_ok(), "{alias}");
        }
        for alias in [
            "ab",
            "a.b.c",
            "Acme",
            "-abc",
            "abc-",
            "a--b",
            "123456789012",
            "a_b",
            &"x".repeat(64),
        ] {
            assert!(alias.parse::<AccountAlias>().is_err(), "{alias}");
        }
    }

    #[test]
    fn references_are_arns_or_names() {
        let set: PermissionSetReference =
            "arn:aws:sso:::permissionSet/ssoins-1/ps-2".parse().unwrap();
        assert!(set.is_arn());
        assert!(
            !"ReadOnly"
                .parse::<PermissionSetReference>()
                .unwrap()
                .is_arn()
        );
        assert!(
            "arn:aws:sso:::permissionSet/ssoins-1"
                .parse::<PermissionSetReference>()
                .is_err()
        );
        let policy: PolicyReference = "arn:aws:iam::aws:policy/ReadOnlyAccess".parse().unwrap();
        assert!(policy.is_arn());
        assert!(
            "arn:aws:iam::aws:role/x"
                .parse::<PolicyReference>()
                .is_err()
        );
    }

    #[test]
    fn what_is_hidden_is_not_printed() {
        let user: UserName = "someone@example.com".parse().unwrap();
        assert_eq!(format!("{user:?}"), "<user name>");
        let contact: ContactEmail = "ops@example.com".parse().unwrap();
        assert_eq!(format!("{contact:?}"), "<contact address>");
        assert_eq!(contact.expose(), "ops@example.com");
    }

    #[test]
    fn other_texts_are_held_to_their_rules() {
        assert!("mst-space.shop.admin".parse::<GroupName>().is_ok());
        assert!("space.shop.admin".parse::<GroupName>().is_err());
        assert!(
            "arn:aws:sso:::instance/ssoins-1234567890abcdef"
                .parse::<SingleSignOnInstanceArn>()
                .is_ok()
        );
        for id in ["d-1234567890", "1b2c3d4e-1111-4222-8333-444455556666"] {
            assert!(id.parse::<IdentityStoreId>().is_ok(), "{id}");
        }
        for id in [
            "d-123",
            "1b2c3d4e-1111-4222-8333",
            "D-1234567890",
            "d-1234567890-1",
        ] {
            assert!(id.parse::<IdentityStoreId>().is_err(), "{id}");
        }
        let set = "arn:aws:sso:::permissionSet/ins-1234567890.bcdef/ps-12345678/0abcdef";
        assert!(set.parse::<PermissionSetReference>().unwrap().is_arn());
        assert!("o|ps@example.com".parse::<ContactEmail>().is_ok());
        assert!("prod-abc123".parse::<ProductId>().is_ok());
        assert!("+49 (30) 123-45".parse::<PhoneNumber>().is_ok());
        assert!(
            "https://idp.example.com/descriptor"
                .parse::<WebAddress>()
                .is_ok()
        );
        assert!(
            "http://127.0.0.1:4566/scim/v2/"
                .parse::<WebAddress>()
                .is_ok()
        );
        for address in [
            "http://example.com",
            "https://",
            "http://127.0.0.1.example.com/",
        ] {
            assert!(address.parse::<WebAddress>().is_err(), "{address}");
        }
    }

    #[test]
    fn the_token_of_scim_goes_to_aws_only() {
        for address in [
            "https://scim.eu-central-1.amazonaws.com/0123-4567/scim/v2/",
            "https://scim.cn-north-1.amazonaws.com.cn/0123/scim/v2/",
            "https://scim.eusc-de-east-1.amazonaws.eu/0123/scim/v2/",
            "http://127.0.0.1:4566/scim/v2/",
        ] {
            assert!(address.parse::<ScimAddress>().is_ok(), "{address}");
        }
        for address in [
            "https://scim.example.com/scim/v2/",
            "https://scim.eu-central-1.amazonaws.com.example.com/scim/v2/",
            "https://scim.eu-central-1.amazonaws.com@example.com/scim/v2/",
            "https://scim.example.com#.amazonaws.com/scim/v2/",
            "https://scim..amazonaws.com/",
            "https://scim.a.b.amazonaws.com/",
            "https://scim.eu-central-1.amazonaws.eu/",
            "https://scim.eu-central-1.amazonaws.com",
            "http://scim.eu-central-1.amazonaws.com/",
        ] {
            assert!(address.parse::<ScimAddress>().is_err(), "{address}");
        }
    }
}
