//! A client of EC2: the query protocol is a form that is posted and XML that comes back.
//! What sends and signs is common to all plain clients; here is what is EC2's own.

use aws_config::SdkConfig;

use super::answers;
use crate::failure::ServiceError;
use crate::plain::{self, Request, Service, operation_name};
use avm_core::domain::Region;

/// The version of the interface that every request names.
const VERSION: &str = "2016-11-15";
const EC2: Service = Service {
    id: "EC2",
    signing_name: "ec2",
    version: VERSION,
    signs_as_s3: false,
    refusal: answers::refusal,
};

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
pub(super) struct Client(plain::Client);

impl Client {
    pub(super) const fn new(configuration: SdkConfig) -> Self {
        Self(plain::Client::new(EC2, configuration))
    }

    /// Posts the call and returns the body of the answer.
    pub(super) async fn send(&self, call: &Call<'_>) -> Result<String, ServiceError> {
        let request = Request {
            method: "POST",
            path: "/".to_owned(),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: form(call).into_bytes(),
        };
        let endpoint = self.endpoint(call.region);
        let to = (call.region.as_str(), endpoint.as_str());
        let reply = self.0.send(call.action, to, request).await?;
        Ok(reply.body)
    }

    /// The endpoint of the region, or the one that the environment or the configuration puts in its place.
    fn endpoint(&self, region: &Region) -> String {
        let of_region = || format!("https://ec2.{region}.{}", region.dns_suffix());
        self.0.other_endpoint().unwrap_or_else(of_region)
    }
}

fn form(call: &Call<'_>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", operation_name(call.action))
        .append_pair("Version", VERSION)
        .extend_pairs(&call.parameters)
        .finish()
}
