//! SAML providers through AWS IAM.
//! IAM reads the metadata and refuses what it cannot use; a new provider may be unknown to trust policies for seconds.

use aws_config::SdkConfig;
use aws_sdk_iam::Client;

use super::call::{Answered, Called};
use super::failure::ServiceError;
use super::iam::MISSING;
use avm_core::domain::{PLATFORM_PARAMETER, SamlMetadata, SamlProviderArn, SamlProviderName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::saml_providers::{ProviderCreation, SamlProviders};

/// IAM of one account.
pub struct IamSamlProviders {
    client: Client,
}

impl IamSamlProviders {
    /// IAM of the account that the configuration's credentials belong to.
    pub fn of(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

impl SamlProviders for IamSamlProviders {
    async fn find_metadata(&self, provider: &SamlProviderArn) -> Result<Option<String>, Failure> {
        let found = self
            .client
            .get_saml_provider()
            .saml_provider_arn(provider.as_str())
            .send()
            .await
            .of_call("iam:GetSAMLProvider")
            .unless(&[MISSING])
            .map_err(|error| of_provider(provider.as_str(), error))?;
        Ok(found.map(|found| found.saml_metadata_document.unwrap_or_default()))
    }

    async fn create(
        &self,
        name: &SamlProviderName,
        metadata: &SamlMetadata,
    ) -> Result<ProviderCreation, Failure> {
        self.client
            .create_saml_provider()
            .name(name.as_str())
            .saml_metadata_document(metadata.as_str())
            .send()
            .await
            .of_call("iam:CreateSAMLProvider")
            .outcome(
                ProviderCreation::Made,
                [("EntityAlreadyExists", ProviderCreation::AlreadyThere)],
            )
            .map_err(|error| of_provider(name.as_str(), error))
    }

    async fn update(
        &self,
        provider: &SamlProviderArn,
        metadata: &SamlMetadata,
    ) -> Result<(), Failure> {
        self.client
            .update_saml_provider()
            .saml_provider_arn(provider.as_str())
            .saml_metadata_document(metadata.as_str())
            .send()
            .await
            .of_call("iam:UpdateSAMLProvider")
            .map(drop)
            .map_err(|error| of_provider(provider.as_str(), error))
    }
}

fn of_provider(provider: &str, error: ServiceError) -> Failure {
    let words = format!("SAML provider {provider}");
    match error.code.as_str() {
        MISSING => error.into_named(ErrorName::ConcurrentModification),
        "InvalidInput" => error
            .into_named(ErrorName::InvalidConfiguration)
            .while_doing(&format!(
                "{PLATFORM_PARAMETER}, field identityProvider.metadataUrl: IAM refuses the document"
            )),
        "LimitExceeded" => error.into_named(ErrorName::IdentityProviderFailed),
        _ => error.into_failure(),
    }
    .while_doing(&words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Reply, answering, xml_error};

    fn arn() -> SamlProviderArn {
        "arn:aws:iam::111111111111:saml-provider/meshstack-saml-idp"
            .parse()
            .unwrap()
    }

    fn name() -> SamlProviderName {
        "meshstack-saml-idp".parse().unwrap()
    }

    fn metadata() -> SamlMetadata {
        "x".repeat(1_000).try_into().unwrap()
    }

    fn refusing(code: &'static str) -> IamSamlProviders {
        IamSamlProviders::of(&answering(move |_| xml_error(400, code)).0)
    }

    #[tokio::test]
    async fn a_provider_is_read_made_and_updated() {
        let (configuration, calls) = answering(|call| {
            let action = &call.action;
            let result = match action.as_str() {
                "GetSAMLProvider" => {
                    "<GetSAMLProviderResult><SAMLMetadataDocument>&lt;a/&gt;</SAMLMetadataDocument></GetSAMLProviderResult>"
                }
                "CreateSAMLProvider" => "<CreateSAMLProviderResult/>",
                _ => "<UpdateSAMLProviderResult/>",
            };
            Reply::Said(
                200,
                format!("<{action}Response>{result}</{action}Response>"),
            )
        });
        let iam = IamSamlProviders::of(&configuration);
        let found = iam.find_metadata(&arn()).await.unwrap();
        assert_eq!(found.as_deref(), Some("<a/>"));
        let created = iam.create(&name(), &metadata()).await.unwrap();
        assert_eq!(created, ProviderCreation::Made);
        iam.update(&arn(), &metadata()).await.unwrap();
        let document = metadata().as_str().to_owned();
        let arn = "arn%3Aaws%3Aiam%3A%3A111111111111%3Asaml-provider%2Fmeshstack-saml-idp";
        let bodies: Vec<String> = calls
            .lock()
            .unwrap()
            .iter()
            .map(|call| call.body.replace("&Version=2010-05-08", ""))
            .collect();
        assert_eq!(
            bodies,
            [
                format!("Action=GetSAMLProvider&SAMLProviderArn={arn}"),
                format!(
                    "Action=CreateSAMLProvider&SAMLMetadataDocument={document}&Name=meshstack-saml-idp"
                ),
                format!(
                    "Action=UpdateSAMLProvider&SAMLMetadataDocument={document}&SAMLProviderArn={arn}"
                ),
            ]
        );
    }

    #[tokio::test]
    async fn a_missing_provider_and_a_name_that_is_taken_are_answers() {
        let missing = refusing(MISSING).find_metadata(&arn()).await;
        assert_eq!(missing, Ok(None));
        let taken = refusing("EntityAlreadyExists")
            .create(&name(), &metadata())
            .await;
        assert_eq!(taken, Ok(ProviderCreation::AlreadyThere));
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_have_names() {
        for (code, named) in [
            (MISSING, ErrorName::ConcurrentModification),
            ("InvalidInput", ErrorName::InvalidConfiguration),
            ("LimitExceeded", ErrorName::IdentityProviderFailed),
            ("ConcurrentModification", ErrorName::ConcurrentModification),
            ("AccessDenied", ErrorName::AccessDenied),
            ("Throttling", ErrorName::Throttled),
            ("ServiceFailure", ErrorName::ServiceUnavailable),
        ] {
            let iam = refusing(code);
            for failure in [
                iam.create(&name(), &metadata()).await.unwrap_err(),
                iam.update(&arn(), &metadata()).await.unwrap_err(),
            ] {
                assert_eq!(failure.name(), named, "{code}");
                assert!(failure.cause().contains("meshstack-saml-idp"), "{failure}");
            }
        }
        let denied = refusing("AccessDenied")
            .find_metadata(&arn())
            .await
            .unwrap_err();
        assert_eq!(denied.name(), ErrorName::AccessDenied);
        let refused = refusing("InvalidInput")
            .update(&arn(), &metadata())
            .await
            .unwrap_err();
        assert!(
            refused.cause().contains("identityProvider.metadataUrl"),
            "{refused}"
        );
    }
}
