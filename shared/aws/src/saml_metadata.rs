//! The metadata of a SAML identity provider from the web.
//! A temporary error is retried; an address with another document behind it is a mistake in the platform document.

use super::web::{Web, WebAnswer, WebError, WebRequest};
use avm_core::domain::PLATFORM_PARAMETER;
use avm_core::domain::{SamlMetadata, WebAddress};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::saml_metadata::SamlMetadataSource;

const ACCEPTED: &str = "application/samlmetadata+xml, application/xml, text/xml, */*;q=0.1";

/// Documents behind web addresses.
pub struct WebSamlMetadata {
    web: Web,
}

impl WebSamlMetadata {
    /// Documents that are reached through `web`.
    pub const fn of(web: Web) -> Self {
        Self { web }
    }
}

impl SamlMetadataSource for WebSamlMetadata {
    async fn read(&self, address: &WebAddress) -> Result<SamlMetadata, Failure> {
        let request = WebRequest {
            method: "GET",
            url: address.as_str(),
            headers: &[("accept", ACCEPTED)],
            body: String::new(),
            longest_answer: SamlMetadata::MOST_BYTES,
        };
        let read = match self.web.send(request).await {
            Ok(answer) => document(answer),
            Err(WebError::NoAnswer(words)) => Err(Refusal::Unavailable(words)),
            Err(error @ (WebError::InvalidRequest | WebError::TooLong)) => {
                Err(Refusal::Mistaken(error.to_string()))
            }
        };
        read.map_err(|refusal| refusal.into_failure(address))
    }
}

/// Why there is no document, in words.
#[derive(Debug)]
enum Refusal {
    /// Temporary: a retry may succeed.
    Unavailable(String),
    /// The address leads to something else.
    Mistaken(String),
}

fn document(answer: WebAnswer) -> Result<SamlMetadata, Refusal> {
    let says = |status: u16| format!("the server answers with {status}");
    match answer.status {
        200 => {}
        status @ (408 | 429 | 500..) => return Err(Refusal::Unavailable(says(status))),
        status @ 300..=399 => {
            return Err(Refusal::Mistaken(format!(
                "{} and leads elsewhere: name the address where the document is",
                says(status)
            )));
        }
        status => return Err(Refusal::Mistaken(says(status))),
    }
    let text = String::from_utf8(answer.body)
        .map_err(|_| Refusal::Mistaken("the answer is not UTF-8".to_owned()))?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    SamlMetadata::try_from(text).map_err(|words| Refusal::Mistaken(format!("the answer {words}")))
}

impl Refusal {
    fn into_failure(self, address: &WebAddress) -> Failure {
        let address = shown(address);
        match self {
            Self::Unavailable(words) => Failure::new(
                ErrorName::ServiceUnavailable,
                format!("the metadata of the identity provider at {address} cannot be read: {words}"),
            )
            .with_remedy(
                "see that the address in identityProvider.metadataUrl of the platform document can be reached from the \
                 internet, then send the request again",
            ),
            Self::Mistaken(words) => Failure::new(
                ErrorName::InvalidConfiguration,
                format!("{PLATFORM_PARAMETER}, field identityProvider.metadataUrl: {address}: {words}"),
            ),
        }
    }
}

/// An address without the parts of it that may be secret: user and password, and the query.
fn shown(address: &WebAddress) -> String {
    let address = address.as_str();
    let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (host, path) = rest[..end].split_at(rest[..end].find('/').unwrap_or(end));
    let host = host.rsplit('@').next().unwrap_or(host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Reply, connector};

    const ADDRESS: &str = "https://idp.example.com/descriptor";

    async fn read(
        answer: impl Fn() -> Reply + Send + Sync + 'static,
    ) -> Result<SamlMetadata, Failure> {
        let (connector, calls) = connector(move |_| answer());
        let source = WebSamlMetadata::of(Web::through(connector));
        let address = ADDRESS.parse().unwrap();
        let read = source.read(&address).await;
        let calls = calls.lock().unwrap();
        assert_eq!(calls.len(), 1);
        assert_eq!(
            (calls[0].method.as_str(), calls[0].uri.as_str()),
            ("GET", ADDRESS)
        );
        read
    }

    #[tokio::test]
    async fn a_document_is_read_without_its_byte_order_mark() {
        let text = "x".repeat(1_000);
        for prefix in ["", "\u{feff}"] {
            let body = format!("{prefix}{text}");
            let found = read(move || Reply::Said(200, body.clone())).await.unwrap();
            assert_eq!(found.as_str(), text);
        }
    }

    #[tokio::test]
    async fn what_passes_by_itself_is_unavailable() {
        for status in [408, 429, 500, 503] {
            let failure = read(move || Reply::Said(status, String::new()))
                .await
                .unwrap_err();
            assert_eq!(failure.name(), ErrorName::ServiceUnavailable, "{status}");
        }
        let failure = read(|| Reply::Cut).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
        assert!(
            failure
                .cause()
                .contains(" at https://idp.example.com/descriptor cannot be read")
        );
        assert!(failure.remedy().contains("identityProvider.metadataUrl"));
    }

    #[tokio::test]
    async fn an_address_that_leads_to_something_else_is_a_mistake_in_the_configuration() {
        for (status, body, words) in [
            (404, String::new(), "answers with 404"),
            (403, String::new(), "answers with 403"),
            (302, String::new(), "answers with 302 and leads elsewhere"),
            (200, "short".to_owned(), "has 5 characters"),
            (200, "x".repeat(10_000_001), "too long"),
        ] {
            let failure = read(move || Reply::Said(status, body.clone()))
                .await
                .unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidConfiguration, "{status}");
            let cause = failure.cause();
            assert!(cause.starts_with(&format!(
                "/avm/platform, field identityProvider.metadataUrl: {ADDRESS}: "
            )));
            assert!(cause.contains(words), "{failure}");
        }
        let not_text = WebAnswer {
            status: 200,
            body: vec![0xff; 1_000],
        };
        assert!(matches!(document(not_text), Err(Refusal::Mistaken(_))));
    }

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        for (address, words) in [
            (ADDRESS, ADDRESS),
            ("https://idp.example.com", "https://idp.example.com"),
            (
                "https://me:secret@idp.example.com:8443/a/@b?token=secret/#c",
                "https://idp.example.com:8443/a/@b",
            ),
            ("http://127.0.0.1:1?token=a@b/c", "http://127.0.0.1:1"),
        ] {
            assert_eq!(shown(&address.parse().unwrap()), words);
        }
    }
}
