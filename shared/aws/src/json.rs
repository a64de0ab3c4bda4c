//! The JSON protocol of AWS: a target in a header, a document each way, and refusals with a type.
//! A document that cannot be read is told with its field, never with its values.

use aws_config::SdkConfig;
use aws_smithy_types::error::ErrorMetadata;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use avm_core::domain::global_region;
use avm_core::domain::{Region, dns_suffix};

use crate::failure::ServiceError;
use crate::plain::{Client, Request, Service, operation_name};

/// A service that is called in one region for a whole partition.
pub(crate) struct Global {
    client: Client,
    /// What `X-Amz-Target` begins with.
    target: &'static str,
    region: String,
    host: String,
}

impl Global {
    /// The service for the configuration's credentials, in the partition's own region for it.
    pub(crate) fn of(
        service: Service,
        target: &'static str,
        configuration: SdkConfig,
        partition: &str,
    ) -> Self {
        Self::at(
            service,
            target,
            configuration,
            global_region(partition),
            dns_suffix(partition),
        )
    }

    /// The service in that region.
    pub(crate) fn in_region(
        service: Service,
        target: &'static str,
        configuration: SdkConfig,
        region: &Region,
    ) -> Self {
        Self::at(
            service,
            target,
            configuration,
            region.as_str(),
            region.dns_suffix(),
        )
    }

    fn at(
        service: Service,
        target: &'static str,
        configuration: SdkConfig,
        region: &str,
        suffix: &str,
    ) -> Self {
        let name = service.signing_name;
        Self {
            client: Client::new(service, configuration),
            target,
            region: region.to_owned(),
            host: format!("https://{name}.{region}.{suffix}"),
        }
    }

    /// The same for a service whose host names no region, but in the youngest partition.
    pub(crate) fn without_region(
        service: Service,
        target: &'static str,
        configuration: SdkConfig,
        partition: &str,
    ) -> Self {
        let global = Self::of(service, target, configuration, partition);
        let (name, region) = (service.signing_name, &global.region);
        let host = match partition {
            "aws-eusc" => format!("https://{name}.{region}.api.amazonwebservices.eu"),
            _ => format!("https://{name}.{}", dns_suffix(partition)),
        };
        Self { host, ..global }
    }

    /// Sends the document and reads the answer.
    pub(crate) async fn call<Answer: DeserializeOwned>(
        &self,
        call: &'static str,
        document: &Value,
    ) -> Result<Answer, ServiceError> {
        let request = Request {
            method: "POST",
            path: "/".to_owned(),
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                (
                    "x-amz-target",
                    format!("{}.{}", self.target, operation_name(call)),
                ),
            ],
            body: document.to_string().into_bytes(),
        };
        let endpoint = self.client.other_endpoint();
        let endpoint = endpoint.as_ref().unwrap_or(&self.host);
        let reply = self.client.send(call, (&self.region, endpoint), request);
        let reply = reply.await?;
        // An answer that says nothing may have no body at all.
        let body = if reply.body.is_empty() {
            "{}"
        } else {
            &reply.body
        };
        serde_json::from_str(body).map_err(|error| ServiceError {
            call,
            code: "an unreadable answer".to_owned(),
            message: error.to_string(),
            status: None,
        })
    }
}

/// Reads `{"__type": "…#Code", "message": "…"}`; what is no such document has neither code nor message.
pub(crate) fn refusal(body: &str) -> ErrorMetadata {
    let document: Value = serde_json::from_str(body).unwrap_or_default();
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = document["__type"].as_str() {
        let code = code.rsplit('#').next().unwrap_or(code);
        metadata = metadata.code(code.split(':').next().unwrap_or(code));
    }
    let message = document["message"]
        .as_str()
        .or(document["Message"].as_str());
    if let Some(message) = message {
        metadata = metadata.message(message);
    }
    metadata.build()
}
