//! A client of EC2 made of the parts that the SDK's own clients are made of: signature, retries, time-outs, endpoint.
//! The query protocol is a form that is posted and XML that comes back; `aws-sdk-ec2` is 700 operations around it.

use aws_config::{Region as SdkRegion, SdkConfig};
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{AuthSchemeOptionResolverParams, SharedAuthScheme};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;

use super::answers::Refusal;
use crate::failure::ServiceError;
use avm_core::domain::Region;

/// The version of the interface that every request names.
const VERSION: &str = "2016-11-15";
const SERVICE: &str = "ec2";

/// One call: its action in the form in which IAM has it, and its parameters in the form in which EC2 has them.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    /// E.g. `ec2:DescribeVpcs`.
    pub(super) action: &'static str,
    pub(super) region: &'a Region,
    /// E.g. `("Filter.1.Name", "is-default")`.
    pub(super) parameters: Vec<(&'static str, &'a str)>,
}

/// EC2 in every region, for the credentials of one configuration.
pub(super) struct Client {
    configuration: SdkConfig,
}

impl Client {
    pub(super) const fn new(configuration: SdkConfig) -> Self {
        Self { configuration }
    }

    /// Posts the call and returns the body of the answer.
    pub(super) async fn send(&self, call: &Call<'_>) -> Result<String, ServiceError> {
        self.operation(call)
            .invoke(form(call))
            .await
            .map_err(|error| ServiceError::of(call.action, &error))
    }

    /// Built for each call, as the SDK does it: connections and retry tokens are shared all the same.
    fn operation(&self, call: &Call<'_>) -> Operation<String, String, Refusal> {
        let configuration = &self.configuration;
        let mut builder = Operation::builder()
            .service_name("EC2")
            .operation_name(action_name(call.action))
            .endpoint_url(&self.endpoint(call.region))
            .serializer(request)
            .deserializer(answer)
            .standard_retry(
                &configuration
                    .retry_config()
                    .cloned()
                    .unwrap_or_else(RetryConfig::standard),
            )
            .timeout_config(
                configuration
                    .timeout_config()
                    .cloned()
                    .unwrap_or_else(TimeoutConfig::disabled),
            )
            .with_connection_poisoning()
            .interceptor(UserAgentInterceptor::new())
            .retry_classifier(TransientErrorClassifier::<Refusal>::new())
            .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .runtime_plugin(self.signature(call.region));
        if let Some(version) = configuration.behavior_version() {
            builder = builder.behavior_version(version);
        }
        if let Some(client) = configuration.http_client() {
            builder = builder.http_client(client);
        }
        if let Some(sleep) = configuration.sleep_impl() {
            builder = builder.sleep_impl(sleep);
        }
        if let Some(time) = configuration.time_source() {
            builder = builder.time_source(time);
        }
        builder.build()
    }

    /// Signature version 4 for that region, with the credentials of the configuration.
    fn signature(&self, region: &Region) -> StaticRuntimePlugin {
        let mut layer = Layer::new("ec2");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(ApiMetadata::new(SERVICE, VERSION));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(SdkRegion::new(region.to_string()))),
            name: Some(SigningName::from(SERVICE)),
            ..SigV4OperationSigningConfig::default()
        });
        let scheme = SharedAuthScheme::new(SigV4AuthScheme::new());
        let mut components = RuntimeComponentsBuilder::new("ec2")
            .with_auth_scheme(scheme)
            .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![
                SCHEME_ID,
            ])));
        if let Some(credentials) = self.configuration.credentials_provider() {
            components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
        }
        StaticRuntimePlugin::new()
            .with_config(layer.freeze())
            .with_runtime_components(components)
    }

    /// The endpoint of the region, or the one that the environment or the configuration puts in its place.
    fn endpoint(&self, region: &Region) -> String {
        let key = ServiceConfigKey::builder()
            .service_id("EC2")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok();
        let of_service = self
            .configuration
            .service_config()
            .zip(key)
            .and_then(|(service, key)| service.load_config(key));
        of_service
            .or_else(|| self.configuration.endpoint_url().map(str::to_owned))
            .unwrap_or_else(|| format!("https://{SERVICE}.{region}.{}", region.dns_suffix()))
    }
}

fn action_name(action: &'static str) -> &'static str {
    action.split_once(':').map_or(action, |(_, name)| name)
}

fn form(call: &Call<'_>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", action_name(call.action))
        .append_pair("Version", VERSION)
        .extend_pairs(&call.parameters)
        .finish()
}

fn request(form: String) -> Result<HttpRequest, BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(form));
    request.set_method("POST")?;
    request.set_uri("/")?;
    request
        .headers_mut()
        .insert("content-type", "application/x-www-form-urlencoded");
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<String, OrchestratorError<Refusal>> {
    let body = response.body().bytes().unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    if response.status().is_success() {
        Ok(body.into_owned())
    } else {
        Err(OrchestratorError::operation(Refusal::of(&body)))
    }
}
