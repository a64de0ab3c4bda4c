//! Tokens out of secrets: which texts are one, what every error means, and that none is printed.

use serde_json::json;

use super::*;
use crate::wire::{Reply, answering, json_error};

fn secret() -> SecretArn {
    "arn:aws:secretsmanager:eu-west-1:222222222222:secret:avm/scim-a1B2c3"
        .parse()
        .unwrap()
}

#[test]
fn a_token_is_the_text_or_the_only_value_of_an_object() {
    for text in ["abc.def-1", " abc.def-1\n", r#"{"token": "abc.def-1"}"#] {
        let token = AccessToken::of_secret(text).unwrap();
        assert_eq!(token.expose(), "abc.def-1");
        assert_eq!(format!("{token:?}"), "<access token>");
    }
    for text in [
        "",
        " ",
        "two words",
        "ümlaut",
        "{}",
        r#"{"a": "1", "b": "2"}"#,
        r#"{"a": 1}"#,
        r#"{"a": "two words"}"#,
    ] {
        assert!(AccessToken::of_secret(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_secret_is_read_once_in_its_own_region() {
    let (configuration, calls) =
        answering(|_| Reply::Said(200, json!({"SecretString": "abc"}).to_string()));
    let tokens = AccessTokens::new(configuration);
    for _ in 0..2 {
        assert_eq!(tokens.find(&secret()).await.unwrap().expose(), "abc");
    }
    {
        let calls = calls.lock().unwrap();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].action, "GetSecretValue");
        assert!(calls[0].uri.contains("eu-west-1"), "{}", calls[0].uri);
        assert!(
            calls[0].body.contains(secret().as_str()),
            "{}",
            calls[0].body
        );
    }
    tokens.forget(&secret());
    tokens.find(&secret()).await.unwrap();
    assert_eq!(calls.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn errors_have_names_and_say_what_to_do() {
    for (code, name) in [
        ("ResourceNotFoundException", ErrorName::InvalidConfiguration),
        ("InvalidRequestException", ErrorName::InvalidConfiguration),
        ("InvalidParameterException", ErrorName::InvalidConfiguration),
        ("DecryptionFailure", ErrorName::AccessDenied),
        ("AccessDeniedException", ErrorName::AccessDenied),
        ("ThrottlingException", ErrorName::Throttled),
        ("SomethingNew", ErrorName::Internal),
    ] {
        let (configuration, _) = answering(move |_| json_error(code, None));
        let failure = AccessTokens::new(configuration)
            .find(&secret())
            .await
            .unwrap_err();
        assert_eq!(failure.name(), name, "{code}");
        assert!(failure.cause().contains(secret().as_str()), "{failure}");
        if name == ErrorName::AccessDenied {
            assert!(failure.remedy().contains("kms:Decrypt"), "{failure}");
        }
    }
}

#[tokio::test]
async fn a_secret_without_a_token_names_the_field_and_shows_nothing() {
    for answer in [
        json!({"SecretString": "not a token"}),
        json!({"SecretBinary": "bm90IGEgdG9rZW4="}),
    ] {
        let body = answer.to_string();
        let (configuration, _) = answering(move |_| Reply::Said(200, body.clone()));
        let failure = AccessTokens::new(configuration)
            .find(&secret())
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
        assert!(
            failure.cause().contains("singleSignOn.scim.tokenSecretArn"),
            "{failure}"
        );
        assert!(!failure.to_string().contains("not a token"), "{failure}");
    }
}
