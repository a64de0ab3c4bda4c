//! One bounded HTTP request to a server that is not AWS, through the connector and the TLS that the SDK brings.
//! No retries, which are the state machine's, and no redirects: an answer comes from the address that was configured.

use std::fmt;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use super::failure::with_causes;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// From the first byte sent to the last byte of the answer.
const WHOLE_TIMEOUT: Duration = Duration::from_secs(15);
const USER_AGENT: &str = "account-vending-machine";

/// A request; its `Debug` is left out, because headers may hold a secret.
pub struct WebRequest<'a> {
    /// `GET`, `POST`, `PATCH` …
    pub method: &'a str,
    pub url: &'a str,
    pub headers: &'a [(&'static str, &'a str)],
    /// The body; empty for none.
    pub body: String,
    /// How many bytes of an answer are read at most.
    pub longest_answer: usize,
}

/// An answer, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAnswer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Why there is no answer; the words hold neither headers nor body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebError {
    /// The request cannot be made of this address or these headers.
    InvalidRequest,
    /// No connection, a cut one, or none of the bytes in time.
    NoAnswer(String),
    /// The answer has more bytes than are read.
    TooLong,
}

impl fmt::Display for WebError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidRequest => formatter.write_str("no request can be made of the address"),
            Self::NoAnswer(words) => formatter.write_str(words),
            Self::TooLong => formatter.write_str("the answer is too long"),
        }
    }
}

impl std::error::Error for WebError {}

/// The way to other servers; connections are kept for as long as the sandbox lasts.
pub struct Web {
    connector: SharedHttpConnector,
    /// Whether an address without TLS is followed: on a local AWS. On AWS the Lambda Runtime API is on loopback.
    follows_http: bool,
}

impl Web {
    /// Over TLS with the certificates of the machine, and through the proxy that the environment names, as the SDK's clients.
    pub fn new() -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(WHOLE_TIMEOUT)
            .build();
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .connector_settings(settings)
            .proxy_config(ProxyConfig::from_env())
            .build();
        Self {
            connector: SharedHttpConnector::new(connector),
            // Where the SDK's clients go to another endpoint than AWS's, which no template says.
            follows_http: std::env::var_os("AWS_ENDPOINT_URL").is_some(),
        }
    }

    /// Through a connector of the caller's; over TLS, as on AWS.
    pub const fn through(connector: SharedHttpConnector) -> Self {
        Self {
            connector,
            follows_http: false,
        }
    }

    /// The same, for a server without TLS on this machine.
    #[cfg(test)]
    #[must_use]
    pub fn following_http(self) -> Self {
        Self {
            follows_http: true,
            ..self
        }
    }

    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    /// There is no answer, or none of the allowed length within 15 seconds.
    pub async fn send(&self, request: WebRequest<'_>) -> Result<WebAnswer, WebError> {
        if !self.follows_http && !request.url.starts_with("https://") {
            return Err(WebError::InvalidRequest);
        }
        let longest = request.longest_answer;
        let request = on_the_wire(request).ok_or(WebError::InvalidRequest)?;
        let exchange = async {
            let answer = self
                .connector
                .call(request)
                .await
                .map_err(|error| WebError::NoAnswer(with_causes(&error)))?;
            read(answer, longest).await
        };
        tokio::time::timeout(WHOLE_TIMEOUT, exchange)
            .await
            .unwrap_or_else(|_| Err(WebError::NoAnswer("no answer in time".to_owned())))
    }
}

impl Default for Web {
    fn default() -> Self {
        Self::new()
    }
}

fn on_the_wire(request: WebRequest<'_>) -> Option<HttpRequest> {
    let mut made = HttpRequest::new(SdkBody::from(request.body));
    made.set_method(request.method).ok()?;
    made.set_uri(request.url).ok()?;
    let headers = made.headers_mut();
    headers.try_insert("user-agent", USER_AGENT).ok()?;
    for (name, value) in request.headers {
        headers.try_insert(*name, (*value).to_owned()).ok()?;
    }
    Some(made)
}

async fn read(answer: HttpResponse, longest: usize) -> Result<WebAnswer, WebError> {
    let status = answer.status().as_u16();
    let mut stream = ByteStream::new(answer.into_body());
    let mut body = Vec::new();
    loop {
        let piece = stream.try_next().await;
        match piece.map_err(|error| WebError::NoAnswer(with_causes(&error)))? {
            None => return Ok(WebAnswer { status, body }),
            Some(piece) if body.len() + piece.len() > longest => return Err(WebError::TooLong),
            Some(piece) => body.extend_from_slice(&piece),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use aws_smithy_runtime_api::client::http::HttpConnectorFuture;

    use super::*;
    use crate::wire::{Reply, connector};

    fn get(url: &str) -> WebRequest<'_> {
        WebRequest {
            method: "GET",
            url,
            headers: &[("accept", "text/plain")],
            body: String::new(),
            longest_answer: 10,
        }
    }

    #[tokio::test]
    async fn a_request_is_sent_as_it_was_given_and_any_status_is_an_answer() {
        let (connector, calls) = connector(|_| Reply::Said(404, "0123456789".to_owned()));
        let web = Web::through(connector);
        let mut request = get("https://idp.example.com/a?b=c");
        request.method = "PATCH";
        request.body = "{}".to_owned();
        let answer = web.send(request).await.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (404, &b"0123456789"[..]));
        let call = calls.lock().unwrap().pop().unwrap();
        assert_eq!(
            (call.method.as_str(), call.uri.as_str(), call.body.as_str()),
            ("PATCH", "https://idp.example.com/a?b=c", "{}")
        );
        assert_eq!(call.headers["accept"], "text/plain");
        assert_eq!(call.headers["user-agent"], USER_AGENT);
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
        let (connector, _) = connector(|_| Reply::Said(200, "0123456789a".to_owned()));
        let answer = Web::through(connector).send(get("https://a.example")).await;
        assert_eq!(answer, Err(WebError::TooLong));
    }

    #[tokio::test]
    async fn a_cut_connection_is_no_answer() {
        let (connector, _) = connector(|_| Reply::Cut);
        let answer = Web::through(connector).send(get("https://a.example")).await;
        let Err(WebError::NoAnswer(words)) = answer else {
            panic!("{answer:?}");
        };
        assert!(words.contains("the connection was cut"), "{words}");
    }

    /// The Lambda Runtime API is such an address.
    #[tokio::test]
    async fn no_address_without_tls_is_followed_on_aws() {
        let (connector, calls) = connector(|_| Reply::Said(200, String::new()));
        let web = Web::through(connector);
        let address = "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next";
        let answer = web.send(get(address)).await;
        assert_eq!(answer, Err(WebError::InvalidRequest));
        assert!(calls.lock().unwrap().is_empty());
        let answer = web.following_http().send(get(address)).await;
        assert!(answer.is_ok());
    }

    #[tokio::test]
    async fn what_cannot_be_sent_is_refused_before_it_is_sent() {
        let (connector, calls) = connector(|_| Reply::Cut);
        let web = Web::through(connector);
        let mut broken = get("https://a.example");
        broken.headers = &[("authorization", "two\nlines")];
        for request in [get("https://["), broken] {
            assert_eq!(web.send(request).await, Err(WebError::InvalidRequest));
        }
        assert!(calls.lock().unwrap().is_empty());
    }

    #[derive(Debug)]
    struct Silent;

    impl HttpConnector for Silent {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            HttpConnectorFuture::new(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_nothing_is_given_up() {
        let web = Web::through(SharedHttpConnector::new(Silent));
        let answer = web.send(get("https://a.example")).await;
        assert_eq!(
            answer,
            Err(WebError::NoAnswer("no answer in time".to_owned()))
        );
    }

    /// Serves one connection with these bytes, and hands back what was asked.
    fn serve_once(answer: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/descriptor", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(asked[..length].to_vec()).unwrap()
        });
        (url, thread)
    }

    #[tokio::test]
    async fn a_real_server_is_asked_and_its_redirects_are_not_followed() {
        let (url, server) = serve_once(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno",
        );
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build();
        let web = Web::through(SharedHttpConnector::new(connector)).following_http();
        let answer = web.send(get(&url)).await.unwrap();
        assert_eq!((answer.status, &answer.body[..]), (302, &b"no"[..]));
        let asked = server.join().unwrap();
        assert!(asked.starts_with("GET /descriptor HTTP/1.1\r\n"), "{asked}");
        assert!(asked.to_lowercase().contains("host: 127.0.0.1"), "{asked}");
    }
}
