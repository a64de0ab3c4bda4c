//! A client made of the parts that the SDK's own clients are made of: signature, retries, time-outs, endpoint.
//! For services of which few operations are called: their crates are hundreds of operations around these parts.

use std::fmt;

use aws_config::{Region as SdkRegion, SdkConfig};
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
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
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;

use crate::failure::ServiceError;

/// What is particular to a service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    /// The name by which an endpoint of its own is configured, e.g. `Cost Explorer`.
    pub(crate) id: &'static str,
    /// The name in signatures, e.g. `ce`.
    pub(crate) signing_name: &'static str,
    /// The version of its interface.
    pub(crate) version: &'static str,
    /// Whether it is S3, which signs paths as they are, and the digest of the body with them.
    pub(crate) signs_as_s3: bool,
    /// Reads the body of a refusal.
    pub(crate) refusal: fn(&str) -> ErrorMetadata,
}

/// One request, before it is signed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// From the endpoint on, e.g. `/`.
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// An answer that is no refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// `ETag` of S3.
    pub(crate) etag: Option<String>,
    /// `X-Amz-Function-Error` of Lambda.
    pub(crate) function_error: Option<String>,
    pub(crate) body: String,
}

/// What a service answers when it does not do what it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(ErrorMetadata);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// A service for the credentials of one configuration.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    service: Service,
    configuration: SdkConfig,
}

impl Client {
    pub(crate) const fn new(service: Service, configuration: SdkConfig) -> Self {
        Self {
            service,
            configuration,
        }
    }

    /// Sends the request, signed for that region, to the endpoint, and returns what is answered. `call` is the action in the
    /// form in which IAM has it, e.g. `ec2:DescribeVpcs`.
    pub(crate) async fn send(
        &self,
        call: &'static str,
        (region, endpoint): (&str, &str),
        request: Request,
    ) -> Result<Reply, ServiceError> {
        self.operation(call, region, endpoint)
            .invoke(request)
            .await
            .map_err(|error| ServiceError::of(call, &error))
    }

    /// Built for each call, as the SDK does it: connections and retry tokens are shared all the same.
    fn operation(
        &self,
        call: &'static str,
        region: &str,
        endpoint: &str,
    ) -> Operation<Request, Reply, Refusal> {
        let configuration = &self.configuration;
        let refusal = self.service.refusal;
        let mut builder = Operation::builder()
            .service_name(self.service.id)
            .operation_name(operation_name(call))
            .endpoint_url(endpoint)
            .serializer(written)
            .deserializer(move |response: &HttpResponse| read(response, refusal))
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
            .runtime_plugin(self.signature(region));
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
    fn signature(&self, region: &str) -> StaticRuntimePlugin {
        let service = self.service;
        let mut layer = Layer::new(service.id);
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(ApiMetadata::new(service.signing_name, service.version));
        let mut options = SigningOptions::default();
        options.content_sha256_header = service.signs_as_s3;
        options.double_uri_encode = !service.signs_as_s3;
        options.normalize_uri_path = !service.signs_as_s3;
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(SdkRegion::new(region.to_owned()))),
            name: Some(SigningName::from(service.signing_name)),
            signing_options: options,
            ..SigV4OperationSigningConfig::default()
        });
        let scheme = SharedAuthScheme::new(SigV4AuthScheme::new());
        let mut components = RuntimeComponentsBuilder::new(service.id)
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

    /// The endpoint that the environment or the configuration puts in the place of AWS's, if one does.
    pub(crate) fn other_endpoint(&self) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id(self.service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok();
        let of_service = self
            .configuration
            .service_config()
            .zip(key)
            .and_then(|(service, key)| service.load_config(key));
        of_service.or_else(|| self.configuration.endpoint_url().map(str::to_owned))
    }
}

/// The name of the operation: the action without its service.
pub(crate) fn operation_name(call: &'static str) -> &'static str {
    call.split_once(':').map_or(call, |(_, name)| name)
}

fn written(request: Request) -> Result<HttpRequest, BoxError> {
    let mut http = HttpRequest::new(SdkBody::from(request.body));
    http.set_method(request.method)?;
    http.set_uri(request.path)?;
    for (name, value) in request.headers {
        http.headers_mut().try_insert(name, value)?;
    }
    Ok(http)
}

fn read(
    response: &HttpResponse,
    refusal: fn(&str) -> ErrorMetadata,
) -> Result<Reply, OrchestratorError<Refusal>> {
    let body = response.body().bytes().unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    if response.status().is_success() {
        let header = |name| response.headers().get(name).map(str::to_owned);
        Ok(Reply {
            etag: header("etag"),
            function_error: header("x-amz-function-error"),
            body: body.into_owned(),
        })
    } else {
        let header = response.headers().get("x-amzn-errortype");
        Err(OrchestratorError::operation(Refusal(with_type(
            refusal(&body),
            header,
        ))))
    }
}

/// A refusal whose body names no type has it in a header, as `Type:http://…`.
fn with_type(refusal: ErrorMetadata, header: Option<&str>) -> ErrorMetadata {
    match header.and_then(|header| header.split(':').next()) {
        Some(code) if refusal.code().is_none() => refusal.into_builder().code(code).build(),
        _ => refusal,
    }
}
