//! What a SCIM server answers, and what its refusals mean.
//! A refusal's words come from outside: they are cut, and left out where they may name a person.

use serde::Deserialize;

use super::messages::{ListResponse, Resource};
use avm_core::domain::PLATFORM_PARAMETER;
use avm_core::error::{ErrorName, Failure};

/// More of a refusal's words than this is not shown.
const MOST_WORDS: usize = 300;

/// Status and body of an answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// A refusal, with the call that was refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    call: &'static str,
    words: String,
}

/// RFC 7644, section 3.12; AWS leaves some of it out.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorMessage {
    scim_type: Option<String>,
    detail: Option<String>,
}

impl Answer {
    /// What a search has found.
    pub(super) fn found(self, call: &'static str) -> Result<Vec<Resource>, Refusal> {
        let list: ListResponse = self.read(call)?;
        Ok(list.resources)
    }

    pub(super) fn made(self, call: &'static str) -> Result<Resource, Refusal> {
        self.read(call)
    }

    /// That what was asked for was done.
    pub(super) fn accepted(self, call: &'static str) -> Result<(), Refusal> {
        if (200..300).contains(&self.status) {
            Ok(())
        } else {
            Err(self.refusal(call))
        }
    }

    fn read<Message: serde::de::DeserializeOwned>(
        self,
        call: &'static str,
    ) -> Result<Message, Refusal> {
        if !(200..300).contains(&self.status) {
            return Err(self.refusal(call));
        }
        serde_json::from_slice(&self.body).map_err(|error| Refusal {
            status: self.status,
            call,
            // Where in the body, and never what of it.
            words: format!(
                "it is no SCIM answer, line {} column {}",
                error.line(),
                error.column()
            ),
        })
    }

    fn refusal(self, call: &'static str) -> Refusal {
        let message: ErrorMessage = serde_json::from_slice(&self.body).unwrap_or_default();
        let both = [message.scim_type, message.detail];
        let words: Vec<String> = both.into_iter().flatten().collect();
        let words = if words.is_empty() {
            "the server gives no reason".to_owned()
        } else {
            words.join(", ")
        };
        Refusal {
            status: self.status,
            call,
            words: words
                .chars()
                .filter(|character| !character.is_control())
                .take(MOST_WORDS)
                .collect(),
        }
    }
}

impl Refusal {
    /// The same without the server's words, which may name a person.
    pub(super) fn without_words(mut self) -> Self {
        "the server's words are withheld, which may tell a name".clone_into(&mut self.words);
        self
    }

    /// The failure under a name that the caller knows better.
    pub(super) fn into_named(self, name: ErrorName) -> Failure {
        let Self {
            status,
            call,
            words,
        } = self;
        Failure::new(name, format!("{call} was answered with {status}: {words}"))
    }

    /// The failure that the status means in every call.
    pub(super) fn into_failure(self) -> Failure {
        let field = format!("{PLATFORM_PARAMETER}, field singleSignOn.scim.endpoint");
        match self.status {
            400 => self.into_named(ErrorName::SingleSignOnFailed),
            401 => self.into_named(ErrorName::AccessDenied).with_remedy(
                "make another access token in IAM Identity Center (Settings, Automatic provisioning; it lives one year), put \
                 it into the secret of singleSignOn.scim.tokenSecretArn, check the tenant in singleSignOn.scim.endpoint, \
                 and send the request again",
            ),
            403 => self.into_named(ErrorName::AccessDenied).with_remedy(
                "make sure that automatic provisioning is on in IAM Identity Center and that the access token belongs to \
                 singleSignOn.scim.endpoint, then send the request again",
            ),
            409 => self.into_named(ErrorName::ConcurrentModification),
            429 => self.into_named(ErrorName::Throttled),
            500.. => self.into_named(ErrorName::ServiceUnavailable),
            // Whatever is there (a page for people, a redirection), it is no SCIM endpoint.
            200..400 | 404 => self
                .into_named(ErrorName::InvalidConfiguration)
                .while_doing(&field),
            _ => self.into_named(ErrorName::Internal),
        }
    }
}
