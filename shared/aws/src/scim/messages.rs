//! SCIM on the wire: what is sent, and what is read of the answers.
//! RFC 7643 and 7644, in the forms that AWS documents.

use serde::{Deserialize, Serialize};
use serde_json::json;

use avm_core::error::{ErrorName, Failure};

/// AWS: at most so many changes of members in one request.
const MOST_CHANGES: usize = 100;

/// A group or a person, as far as anything is read of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Resource {
    id: String,
    display_name: Option<String>,
    user_name: Option<String>,
    external_id: Option<String>,
}

impl Resource {
    pub(super) fn display_name(&self) -> Option<&str> {
        self.display_name.as_deref()
    }

    pub(super) fn user_name(&self) -> Option<&str> {
        self.user_name.as_deref()
    }

    pub(super) fn take_external_id(&mut self) -> Option<String> {
        self.external_id.take()
    }

    pub(super) fn id<Id>(self, call: &str) -> Result<Id, Failure>
    where
        Id: TryFrom<String>,
        Id::Error: std::fmt::Display,
    {
        Id::try_from(self.id).map_err(|error| {
            let words = format!("{call} answered with something unexpected: {error}");
            Failure::new(ErrorName::Internal, words)
        })
    }
}

/// What a search has found.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListResponse {
    /// Absent where there is nothing.
    #[serde(default)]
    pub(super) resources: Vec<Resource>,
}

/// The one of that name. A server that takes no notice of the filter shows others too: they must not be taken for it.
pub(super) fn only(
    found: Vec<Resource>,
    name_of: fn(&Resource) -> Option<&str>,
    name: &str,
) -> Option<Resource> {
    let lower = name.to_lowercase();
    let (exact, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|resource| name_of(resource) == Some(name));
    let alike = others
        .into_iter()
        .filter(|resource| name_of(resource).is_some_and(|other| other.to_lowercase() == lower));
    exact.into_iter().chain(alike).next()
}

/// `<attribute> eq "<value>"`, ready to stand in a query.
pub(super) fn filter(attribute: &str, value: &str) -> String {
    // The value is written as JSON writes text (RFC 7644, section 3.4.2.2).
    percent_encoded(&format!("{attribute} eq {}", json!(value)))
}

/// RFC 3986: everything but its unreserved characters.
fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encode).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewGroup<'a> {
    schemas: [&'static str; 1],
    display_name: &'a str,
    external_id: &'a str,
}

#[derive(Serialize)]
struct Patch<'a> {
    schemas: [&'static str; 1],
    #[serde(rename = "Operations")]
    operations: [MemberOperation<'a>; 1],
}

#[derive(Serialize)]
struct MemberOperation<'a> {
    op: &'a str,
    path: &'static str,
    value: &'a [MemberReference<'a>],
}

#[derive(Serialize)]
struct MemberReference<'a> {
    value: &'a str,
}

/// A group without members.
pub(super) fn new_group(name: &str, external_id: &str) -> Result<String, Failure> {
    written(&NewGroup {
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        display_name: name,
        external_id,
    })
}

/// Requests that add or remove members, each of a size that AWS takes.
pub(super) fn patches<'u>(
    operation: &str,
    users: impl Iterator<Item = &'u str>,
) -> Result<Vec<String>, Failure> {
    let members: Vec<MemberReference<'_>> = users.map(|value| MemberReference { value }).collect();
    let bodies = members.chunks(MOST_CHANGES).map(|value| {
        let operations = [MemberOperation {
            op: operation,
            path: "members",
            value,
        }];
        written(&Patch {
            schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            operations,
        })
    });
    bodies.collect()
}

fn written(message: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(message)
        .map_err(|error| Failure::new(ErrorName::Internal, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_can_neither_leave_its_quotes_nor_the_query() {
        assert_eq!(
            filter("userName", r#"a" or id pr & \ü"#),
            "userName%20eq%20%22a%5C%22%20or%20id%20pr%20%26%20%5C%5C%C3%BC%22"
        );
    }

    #[test]
    fn of_what_was_found_only_the_one_of_that_name_counts() {
        let found = || {
            let text = r#"{"totalResults": 3, "Resources": [{"id": "1", "displayName": "mst-other"},
                {"id": "2", "displayName": "MST-A"}, {"id": "3", "displayName": "mst-a"}]}"#;
            serde_json::from_str::<ListResponse>(text)
                .unwrap()
                .resources
        };
        let id = |name| only(found(), Resource::display_name, name).map(|group| group.id);
        assert_eq!(id("mst-a").as_deref(), Some("3"));
        assert_eq!(id("mst-OTHER").as_deref(), Some("1"));
        assert_eq!(id("mst-b"), None);
        let nothing: ListResponse = serde_json::from_str(r#"{"totalResults": 0}"#).unwrap();
        assert!(nothing.resources.is_empty());
    }

    #[test]
    fn members_are_changed_by_the_hundred() {
        let users: Vec<String> = (0..201).map(|number| format!("user-{number}")).collect();
        let bodies = patches("remove", users.iter().map(String::as_str)).unwrap();
        let sizes: Vec<usize> = bodies
            .iter()
            .map(|body| body.matches("user-").count())
            .collect();
        assert_eq!(sizes, [100, 100, 1]);
        assert_eq!(
            bodies[2],
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members","value":[{"value":"user-200"}]}]}"#
        );
        assert_eq!(patches("add", std::iter::empty()), Ok(Vec::new()));
    }
}
