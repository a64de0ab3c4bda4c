//! AWS, as far as signing in and the parameter store go: answers what is asked and writes down whose key has signed it.
//! What it answers to a sign-in has a key of its own, so that a test sees which way was taken.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A call: what it was, and the key that has signed it.
type Call = (String, String);

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    refusal: Option<(String, u16)>,
}

pub struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Server {
    /// Answers until the process ends.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let answers = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answers = Arc::clone(&answers);
                thread::spawn(move || serve(stream, &answers));
            }
        });
        Self { address, state }
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on the parameter store answers this error.
    pub fn refuse(&self, code: &str, status: u16) {
        self.state.lock().unwrap().refusal = Some((code.to_owned(), status));
    }

    /// Whose key signed the last of these calls.
    pub fn signer_of(&self, call: &str) -> String {
        let state = self.state.lock().unwrap();
        let mut calls = state.calls.iter().rev();
        let found = calls.find(|(name, _)| name == call);
        found
            .unwrap_or_else(|| panic!("{call} is none of {:?}", state.calls))
            .1
            .clone()
    }

    /// Whether that was called.
    pub fn saw(&self, call: &str) -> bool {
        let state = self.state.lock().unwrap();
        state.calls.iter().any(|(name, _)| name == call)
    }

    pub fn saw_nothing(&self) {
        assert_eq!(self.state.lock().unwrap().calls, []);
    }
}

/// One call for each connection.
fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let header = |wanted: &str| {
        let mut found = headers.iter().filter(|(name, _)| name == wanted);
        found.next().map_or("", |(_, value)| value).to_owned()
    };
    let length = header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let signer = header("authorization");
    let signer = signer.split("Credential=").nth(1).unwrap_or_default();
    let signer = signer.split('/').next().unwrap_or_default().to_owned();
    let target = header("x-amz-target");
    let mut state = state.lock().unwrap();
    let (status, answer) = if target.is_empty() {
        sign_in(&path, &body, &header("x-amz-sso_bearer_token"))
    } else {
        state.calls.push((target, signer));
        match &state.refusal {
            Some((code, status)) => (
                *status,
                format!(r#"{{"__type": "{code}", "message": "no"}}"#),
            ),
            None => (200, r#"{"Parameters": [], "Version": 1}"#.to_owned()),
        }
    };
    let mut stream = reader.into_inner();
    write!(
        stream,
        "HTTP/1.1 {status} of the test\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    )
    .unwrap();
}

fn sign_in(path: &str, body: &str, bearer: &str) -> (u16, String) {
    if path.starts_with("/federation/credentials?") && bearer == "of-sso" {
        let credentials = r#"{"roleCredentials": {"accessKeyId": "AKIDSSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 32472144000000}}"#;
        return (200, credentials.to_owned());
    }
    if body.contains("Action=AssumeRoleWithWebIdentity")
        && body.contains("WebIdentityToken=of-the-pipeline")
    {
        return (200, assumed("AssumeRoleWithWebIdentity", "AKIDWEB"));
    }
    if body.contains("Action=AssumeRole&") {
        return (200, assumed("AssumeRole", "AKIDROLE"));
    }
    (403, String::new())
}

fn assumed(action: &str, key: &str) -> String {
    format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
    )
}
