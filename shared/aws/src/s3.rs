//! One bucket of S3 through a plain client: the crate of S3 is among the largest of the SDK.
//! For the reports of costs, and for what templates refer to.

use aws_config::SdkConfig;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, XmlDecodeError, try_data};

use crate::failure::ServiceError;
use crate::plain::{Client, Reply, Request, Service};
use avm_core::domain::Region;
use avm_core::error::Failure;

const S3: Service = Service {
    id: "S3",
    signing_name: "s3",
    version: "2006-03-01",
    signs_as_s3: true,
    refusal,
};

/// A bucket.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Client,
    region: Region,
    name: String,
}

impl Bucket {
    /// The bucket of that name in that region, for the configuration's credentials.
    pub const fn of(configuration: SdkConfig, region: Region, name: String) -> Self {
        Self {
            client: Client::new(S3, configuration),
            region,
            name,
        }
    }

    /// Puts an object there, unless there is one of that key: for keys that are made of the contents.
    pub async fn keep(&self, key: &str, contents: &[u8]) -> Result<(), Failure> {
        let nothing = (Vec::new(), Vec::new());
        match self.send("s3:HeadObject", "HEAD", key, nothing).await {
            Ok(_) => return Ok(()),
            Err(error) if error.status == Some(404) => {}
            Err(error) => return Err(error.into_failure().while_doing(&self.name)),
        }
        let object = (Vec::new(), contents.to_vec());
        let put = self.send("s3:PutObject", "PUT", key, object).await;
        put.map(drop)
            .map_err(|error| error.into_failure().while_doing(&self.name))
    }

    pub(crate) async fn send(
        &self,
        call: &'static str,
        method: &'static str,
        key: &str,
        (headers, body): (Vec<(&'static str, String)>, Vec<u8>),
    ) -> Result<Reply, ServiceError> {
        let (region, bucket) = (&self.region, &self.name);
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
