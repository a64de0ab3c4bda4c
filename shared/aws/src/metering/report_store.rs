//! The bucket of the reports: objects that are written once, and pointers that are replaced if nobody else did.
//! Three operations of S3, through a plain client: its crate is among the largest of the SDK.

use aws_config::SdkConfig;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, XmlDecodeError, try_data};

use crate::failure::ServiceError;
use crate::plain::{Client, Reply, Request, Service};
use avm_core::domain::Region;
use avm_core::error::{ErrorName, Failure};
use avm_metering::ports::{ETag, ReportStore, Stored, Swap};

const S3: Service = Service {
    id: "S3",
    signing_name: "s3",
    version: "2006-03-01",
    signs_as_s3: true,
    refusal,
};
const GET: &str = "s3:GetObject";
const PUT: &str = "s3:PutObject";

/// The bucket of the reports.
#[derive(Clone, Debug)]
pub struct S3ReportStore {
    client: Client,
    region: Region,
    bucket: String,
    /// What new objects are encrypted with, if not with the bucket's own.
    key: Option<String>,
}

impl S3ReportStore {
    /// The bucket for the configuration's credentials; `key` is the ARN of the key that its policy asks for.
    pub const fn of(
        configuration: SdkConfig,
        region: Region,
        bucket: String,
        key: Option<String>,
    ) -> Self {
        Self {
            client: Client::new(S3, configuration),
            region,
            bucket,
            key,
        }
    }

    async fn send(
        &self,
        call: &'static str,
        method: &'static str,
        key: &str,
        (headers, body): (Vec<(&'static str, String)>, String),
    ) -> Result<Reply, ServiceError> {
        let (region, bucket) = (&self.region, &self.bucket);
        // An endpoint of one's own need not know the names of buckets.
        let (endpoint, path) = if let Some(endpoint) = self.client.other_endpoint() {
            (endpoint, format!("/{bucket}/{key}"))
        } else {
            let suffix = region.dns_suffix();
            let endpoint = format!("https://{bucket}.s3.{region}.{suffix}");
            (endpoint, format!("/{key}"))
        };
        let request = Request {
            method,
            path,
            headers,
            body,
        };
        let to = (region.as_str(), endpoint.as_str());
        self.client.send(call, to, request).await
    }

    async fn write(
        &self,
        key: &str,
        text: &str,
        condition: Option<(&'static str, String)>,
    ) -> Result<Reply, ServiceError> {
        let kind = match key.rsplit('.').next() {
            Some("csv") => "text/csv; charset=utf-8",
            _ => "application/json",
        };
        let mut headers = vec![("content-type", kind.to_owned())];
        if let Some(arn) = &self.key {
            headers.push(("x-amz-server-side-encryption", "aws:kms".to_owned()));
            headers.push(("x-amz-server-side-encryption-aws-kms-key-id", arn.clone()));
        }
        headers.extend(condition);
        self.send(PUT, "PUT", key, (headers, text.to_owned())).await
    }
}

impl ReportStore for S3ReportStore {
    async fn find(&self, key: &str) -> Result<Option<Stored>, Failure> {
        match self
            .send(GET, "GET", key, (Vec::new(), String::new()))
            .await
        {
            Ok(reply) => {
                let etag = reply.etag.ok_or_else(|| {
                    Failure::new(ErrorName::Internal, format!("{key}: {GET} without an ETag"))
                })?;
                Ok(Some(Stored {
                    text: reply.body,
                    etag: ETag(etag),
                }))
            }
            Err(error) if error.code == "NoSuchKey" => Ok(None),
            Err(error) => Err(error.into_failure().while_doing(key)),
        }
    }

    async fn put(&self, key: &str, text: &str) -> Result<(), Failure> {
        let reply = self.write(key, text, None).await;
        reply
            .map(drop)
            .map_err(|error| error.into_failure().while_doing(key))
    }

    async fn swap(&self, key: &str, text: &str, was: Option<&ETag>) -> Result<Swap, Failure> {
        let condition = match was {
            Some(ETag(etag)) => ("if-match", etag.clone()),
            None => ("if-none-match", "*".to_owned()),
        };
        match self.write(key, text, Some(condition)).await {
            Ok(_) => Ok(Swap::Done),
            // The last two: another write of the same object is under way, or it was deleted.
            Err(error)
                if matches!(
                    error.code.as_str(),
                    "PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey"
                ) =>
            {
                Ok(Swap::Changed)
            }
            Err(error) => Err(error.into_failure().while_doing(key)),
        }
    }
}

/// Reads `<Error><Code/><Message/>`; what is no such document has neither code nor message.
fn refusal(body: &str) -> ErrorMetadata {
    read(body).unwrap_or_default()
}

fn read(body: &str) -> Result<ErrorMetadata, XmlDecodeError> {
    let mut metadata = ErrorMetadata::builder();
    let mut document = Document::new(body);
    let mut root = document.root_element()?;
    while let Some(mut field) = root.next_tag() {
        if field.start_el().matches("Code") {
            metadata = metadata.code(try_data(&mut field)?);
        } else if field.start_el().matches("Message") {
            metadata = metadata.message(try_data(&mut field)?);
        }
    }
    Ok(metadata.build())
}
