//! Who may take a role through the SAML provider: the trust of a managed role, and the look at an external one's.
//! Trusts are compared by what they say: neither order, letter case of actions nor `Sid` makes a difference.

use std::collections::BTreeSet;

use avm_core::domain::{PolicyDocument, SamlProviderArn};
use serde_json::{Map, Value, json};

const ACTION: &str = "sts:AssumeRoleWithSAML";

/// The trust of a role that people take through the provider, and through nothing else, with an assertion for one of the audiences.
pub(crate) fn document(provider: &SamlProviderArn, audiences: &BTreeSet<String>) -> PolicyDocument {
    PolicyDocument::new(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": ACTION,
            "Condition": {"StringEquals": {"SAML:aud": audiences}}
        }]
    }))
}

/// Whether a trust lets nobody in but whom ours lets in: the same, or with fewer audiences, since a role keeps those that it was
/// made with.
pub(crate) fn is_ours(found: &PolicyDocument, ours: &PolicyDocument) -> bool {
    let (Some(mut found), Some(ours)) = (only_statement(found), only_statement(ours)) else {
        return false;
    };
    let is_asked = !found.conditions.is_empty() && found.conditions.is_subset(&ours.conditions);
    found.conditions.clone_from(&ours.conditions);
    is_asked && found == ours
}

fn only_statement(document: &PolicyDocument) -> Option<Statement> {
    let mut statements = statements(document)?;
    let first = statements.pop_first();
    first.filter(|_| statements.is_empty())
}

/// Whether some statement lets people in through the provider; what it asks for besides is not judged.
pub(crate) fn lets_in(trust: &PolicyDocument, provider: &SamlProviderArn) -> bool {
    let principal = ("Federated".to_owned(), provider.to_string());
    statements(trust).into_iter().flatten().any(|statement| {
        statement.effect == "Allow"
            && statement.principals.contains(&principal)
            && statement.actions.iter().any(|action| covers(action))
    })
}

/// Whether the action, in lower case and perhaps with a `*` at its end, covers taking a role with SAML.
fn covers(action: &str) -> bool {
    let wanted = ACTION.to_ascii_lowercase();
    match action.strip_suffix('*') {
        Some(prefix) => wanted.starts_with(prefix),
        None => action == wanted,
    }
}

/// What a statement says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Statement {
    effect: String,
    /// Kind and name.
    principals: BTreeSet<(String, String)>,
    /// In lower case.
    actions: BTreeSet<String>,
    /// Operator, key in lower case, and value.
    conditions: BTreeSet<(String, String, String)>,
    /// Everything else, e.g. `NotAction`.
    rest: String,
}

fn statements(document: &PolicyDocument) -> Option<BTreeSet<Statement>> {
    match document.as_value().get("Statement")? {
        Value::Array(statements) => statements.iter().map(statement).collect(),
        single => Some([statement(single)?].into()),
    }
}

fn statement(value: &Value) -> Option<Statement> {
    let mut fields = value.as_object()?.clone();
    fields.remove("Sid");
    let mut take = |name: &str| fields.remove(name).unwrap_or_default();
    let (effect, principal) = (take("Effect"), take("Principal"));
    let (action, condition) = (take("Action"), take("Condition"));
    let principals = match principal {
        Value::Object(kinds) => pairs(&kinds)?,
        Value::Null => BTreeSet::new(),
        anybody => [("AWS".to_owned(), anybody.as_str()?.to_owned())].into(),
    };
    let mut conditions = BTreeSet::new();
    for (operator, keys) in condition.as_object().unwrap_or(&Map::new()) {
        let keys = pairs(keys.as_object()?)?;
        conditions.extend(
            keys.into_iter()
                .map(|(key, value)| (operator.clone(), key.to_ascii_lowercase(), value)),
        );
    }
    Some(Statement {
        effect: effect.as_str()?.to_owned(),
        principals,
        actions: texts(&action)?
            .into_iter()
            .map(|action| action.to_ascii_lowercase())
            .collect(),
        conditions,
        rest: Value::Object(fields).to_string(),
    })
}

/// Every name with each of its values.
fn pairs(fields: &Map<String, Value>) -> Option<BTreeSet<(String, String)>> {
    let mut pairs = BTreeSet::new();
    for (name, values) in fields {
        pairs.extend(
            texts(values)?
                .into_iter()
                .map(|value| (name.clone(), value)),
        );
    }
    Some(pairs)
}

/// A value, or a list of values, as texts; none of them where the field is missing.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::Array(values) => values.iter().map(text).collect(),
        single => Some(vec![text(single)?]),
    }
}

/// IAM takes `true` and `"true"` for the same.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> SamlProviderArn {
        "arn:aws:iam::111111111111:saml-provider/meshstack-saml-idp"
            .parse()
            .unwrap()
    }

    const USUAL: &str = "https://signin.aws.amazon.com/saml";
    const FRANKFURT: &str = "https://eu-central-1.signin.aws.amazon.com/saml";

    fn ours() -> PolicyDocument {
        for_audiences(&[USUAL])
    }

    fn for_audiences(audiences: &[&str]) -> PolicyDocument {
        let audiences = audiences.iter().map(|&audience| audience.to_owned());
        document(&provider(), &audiences.collect())
    }

    #[test]
    fn a_trust_for_some_of_the_audiences_is_ours_and_one_for_others_is_not() {
        let both = for_audiences(&[FRANKFURT, USUAL]);
        assert!(is_ours(&both, &both));
        assert!(is_ours(&ours(), &both));
        assert!(!is_ours(&both, &ours()));
        assert!(!is_ours(&for_audiences(&[]), &both));
    }

    fn of(statement: &Value) -> PolicyDocument {
        PolicyDocument::new(json!({"Statement": statement}))
    }

    #[test]
    fn a_trust_in_another_spelling_is_the_same() {
        let spelled = of(&json!({
            "Sid": "Saml",
            "Effect": "Allow",
            "Principal": {"Federated": [provider()]},
            "Action": ["sts:assumeRoleWithSAML"],
            "Condition": {"StringEquals": {"saml:aud": ["https://signin.aws.amazon.com/saml"]}}
        }));
        assert!(is_ours(&spelled, &ours()));
    }

    #[test]
    fn a_trust_that_says_more_less_or_nothing_is_another_one() {
        let statement = ours().as_value()["Statement"][0].clone();
        let with = |name: &str, value: Value| {
            let mut changed = statement.clone();
            changed[name] = value;
            changed
        };
        for other in [
            of(&with("Condition", json!({}))),
            of(&with("Effect", json!("Deny"))),
            of(&with(
                "Action",
                json!(["sts:AssumeRoleWithSAML", "sts:TagSession"]),
            )),
            of(&with(
                "Principal",
                json!({"Federated": provider(), "AWS": "*"}),
            )),
            of(&with("Principal", json!("*"))),
            of(&with("NotAction", json!("sts:AssumeRole"))),
            of(
                &json!([statement, {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}]),
            ),
            of(&json!([])),
            PolicyDocument::of_text("no JSON"),
        ] {
            assert!(!is_ours(&other, &ours()), "{other}");
        }
        let unreadable = PolicyDocument::of_text("no JSON");
        assert!(!is_ours(&unreadable, &unreadable));
    }

    #[test]
    fn an_external_role_lets_in_by_some_statement() {
        let with = |principal: Value, action: Value| {
            of(&json!([
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
                {"Effect": "Allow", "Principal": principal, "Action": action}
            ]))
        };
        let federated = json!({"Federated": [provider(), "other"]});
        for action in [
            json!("sts:AssumeRoleWithSAML"),
            json!(["sts:TagSession", "sts:AssumeRole*"]),
            json!("*"),
        ] {
            assert!(lets_in(&with(federated.clone(), action), &provider()));
        }
        assert!(lets_in(&ours(), &provider()));
        assert!(!lets_in(
            &with(federated, json!("sts:AssumeRole")),
            &provider()
        ));
        let other = json!({"Federated": "arn:aws:iam::111111111111:saml-provider/other"});
        assert!(!lets_in(
            &with(other, json!("sts:AssumeRoleWithSAML")),
            &provider()
        ));
        let conditional = of(&json!({
            "Effect": "Allow", "Principal": {"Federated": provider()}, "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"Bool": {"aws:SecureTransport": true}}
        }));
        assert!(lets_in(&conditional, &provider()));
        let denying = of(&json!({
            "Effect": "Deny", "Principal": {"Federated": provider()}, "Action": "sts:AssumeRoleWithSAML"
        }));
        assert!(!lets_in(&denying, &provider()));
    }
}
