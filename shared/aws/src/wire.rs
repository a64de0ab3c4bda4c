//! AWS on the wire, for the tests of adapters: requests as they leave, answers as AWS writes them.
//! Also what mocks of a client cannot show: a connection that is cut, and how often a call is tried.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

/// A request on the wire.
#[derive(Clone, Debug)]
pub struct Call {
    /// `CreateAccount`, `AssumeRole` …
    pub action: String,
    /// The body as text: JSON, or a query.
    pub body: String,
    /// The host that was called.
    pub uri: String,
    /// `GET`, `POST` …
    pub method: String,
    /// The headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// An answer on the wire.
pub enum Reply {
    /// HTTP status and body.
    Said(u16, String),
    /// A success with a header of that name and value, and its body.
    Headed([&'static str; 2], String),
    /// A refusal of that status with a header, and its body.
    Refused(u16, [&'static str; 2], String),
    /// The connection is cut, no answer comes.
    Cut,
}

/// A refusal in the JSON protocol.
pub fn json_error(code: &str, reason: Option<&str>) -> Reply {
    let mut body = serde_json::json!({"__type": code, "Message": "no"});
    if let Some(reason) = reason {
        body["Reason"] = reason.into();
    }
    Reply::Said(400, body.to_string())
}

/// A refusal in the query protocol.
pub fn xml_error(status: u16, code: &str) -> Reply {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    );
    Reply::Said(status, body)
}

/// A refusal of EC2.
pub fn ec2_error(status: u16, code: &str, message: &str) -> Reply {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
         <RequestID>1</RequestID></Response>"
    );
    Reply::Said(status, body)
}

type Answering = dyn Fn(&Call) -> Reply + Send + Sync;

struct Wire {
    answer: Arc<Answering>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let target = request.headers().get("x-amz-target").map(str::to_owned);
        let in_query = || {
            let pairs = body.split('&');
            let mut actions = pairs.filter_map(|pair| pair.strip_prefix("Action="));
            actions.next().map(str::to_owned)
        };
        let action = target
            .and_then(|target| target.rsplit('.').next().map(str::to_owned))
            .or_else(in_query)
            .unwrap_or_default();
        let uri = request.uri().to_owned();
        let headers = request.headers().iter();
        let call = Call {
            action,
            body,
            uri,
            method: request.method().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
        };
        let reply = (self.answer)(&call);
        self.calls.lock().unwrap().push(call);
        HttpConnectorFuture::ready(match reply {
            Reply::Said(status, body) => Ok(HttpResponse::new(
                status.try_into().unwrap(),
                SdkBody::from(body),
            )),
            Reply::Headed(header, body) => Ok(headed(200, header, body)),
            Reply::Refused(status, header, body) => Ok(headed(status, header, body)),
            Reply::Cut => Err(ConnectorError::io("the connection was cut".into())),
        })
    }
}

fn headed(status: u16, [name, value]: [&'static str; 2], body: String) -> HttpResponse {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
    response.headers_mut().insert(name, value);
    response
}

/// A connector that is answered so, for clients that are not the SDK's; and the calls that are made through it.
pub fn connector(
    answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
) -> (SharedHttpConnector, Arc<Mutex<Vec<Call>>>) {
    let wire = Wire {
        answer: Arc::new(answer),
        calls: Arc::default(),
    };
    let calls = Arc::clone(&wire.calls);
    (SharedHttpConnector::new(wire), calls)
}

/// An `SdkConfig` whose clients get the replies of `answer` (with normal retries), and the recorded calls.
pub fn answering(
    answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
) -> (SdkConfig, Arc<Mutex<Vec<Call>>>) {
    let (connector, calls) = connector(answer);
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    let configuration = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard())
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    (configuration, calls)
}
