//! What the adapters of AWS IAM have in common: encoded documents, missing entities, attached policies.
//! IAM returns documents percent-encoded (RFC 3986), and says `NoSuchEntity` for whatever is missing.

use std::collections::BTreeSet;

use aws_sdk_iam::Client;

use super::call::{Answered, Called, all_pages};
use super::failure::ServiceError;
use avm_core::domain::{AttachedPolicy, PolicyDocument, RoleName};

/// What IAM says of a role, a policy or a provider that does not exist.
pub const MISSING: &str = "NoSuchEntity";

/// A document as IAM returns it.
pub fn decoded(document: &str) -> PolicyDocument {
    PolicyDocument::of_text(&percent_decoded(document))
}

/// The managed policies of a role, over all pages.
pub async fn list_attached(
    client: &Client,
    role: &RoleName,
) -> Result<BTreeSet<AttachedPolicy>, ServiceError> {
    let policies = client
        .list_attached_role_policies()
        .role_name(role.as_str())
        .into_paginator()
        .items()
        .send();
    let policies = all_pages("iam:ListAttachedRolePolicies", policies).await?;
    Ok(policies
        .into_iter()
        .map(|policy| AttachedPolicy {
            name: policy.policy_name.unwrap_or_default(),
            arn: policy.policy_arn.unwrap_or_default(),
        })
        .collect())
}

/// Takes a managed policy from a role; one that is gone already is success.
pub async fn detach(
    client: &Client,
    role: &RoleName,
    policy: &AttachedPolicy,
) -> Result<(), ServiceError> {
    client
        .detach_role_policy()
        .role_name(role.as_str())
        .policy_arn(&policy.arn)
        .send()
        .await
        .of_call("iam:DetachRolePolicy")
        .outcome((), [(MISSING, ())])
}

/// Decodes `%7B` and the like; anything else stays, a `+` too.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(hexadecimal);
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let [high, low] = *digits else { return None };
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_not_encoded_stays_as_it_is() {
        assert_eq!(percent_decoded(r#"{"a":"100%"}"#), r#"{"a":"100%"}"#);
        assert_eq!(percent_decoded("%7"), "%7");
        assert_eq!(percent_decoded("%zz%7D"), "%zz}");
    }
}
