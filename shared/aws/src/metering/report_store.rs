//! The bucket of the reports: objects that are written once, and pointers that are replaced if nobody else did.
//! What S3 answers is in [`s3`](crate::s3).

use aws_config::SdkConfig;

use crate::failure::ServiceError;
use crate::plain::Reply;
use crate::s3::Bucket;
use avm_core::domain::Region;
use avm_core::error::{ErrorName, Failure};
use avm_metering::ports::{ETag, ReportStore, Stored, Swap};

const GET: &str = "s3:GetObject";
const PUT: &str = "s3:PutObject";

/// The bucket of the reports.
#[derive(Clone, Debug)]
pub struct S3ReportStore {
    bucket: Bucket,
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
            bucket: Bucket::of(configuration, region, bucket),
            key,
        }
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
        let body = text.as_bytes().to_vec();
        self.bucket.send(PUT, "PUT", key, (headers, body)).await
    }
}

impl ReportStore for S3ReportStore {
    async fn find(&self, key: &str) -> Result<Option<Stored>, Failure> {
        let nothing = (Vec::new(), Vec::new());
        match self.bucket.send(GET, "GET", key, nothing).await {
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
