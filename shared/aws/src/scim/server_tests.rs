//! The client against an independent SCIM server: scim2-server, over HTTP on this machine.
//! `make setup` installs it; `local/scim_server.py` adds what AWS's endpoint is stricter about.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::tests::secrets_with;
use super::*;

const TOKEN: &str = "token-of-the-test";
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running server; it ends with the test, however that ends.
struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// Starts the server with people and waits until it listens.
    fn start(user_names: &[&str]) -> Self {
        let project = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = project.join(".local/venv/bin/python");
        assert!(
            python.exists(),
            "this test needs the Python environment of the local AWS: run `make setup` first"
        );
        let mut process = Command::new(python)
            .args(["-m", "scim_server", TOKEN])
            .args(user_names)
            .env("PYTHONPATH", project.join("local"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = process.stdout.take().unwrap();
        let mut server = Self { process, port: 0 };
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(output).read_line(&mut line);
            let _ = said.send(line);
        });
        let line = heard.recv_timeout(START_LIMIT);
        let line = line.expect("the SCIM server does not start in time");
        server.port = line.trim().parse().unwrap_or_else(|_| {
            panic!(
                "the SCIM server does not start: is scim2-server in .local/venv? Run `make setup`"
            )
        });
        server
    }

    /// With a slash at its end, as AWS shows it.
    fn endpoint(&self) -> ScimEndpoint {
        tests::endpoint(&format!("http://127.0.0.1:{}/v2/", self.port))
    }

    /// What the server has, asked for without the client under test.
    fn show(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let request = format!(
            "GET /v2{path} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn has_member(&self, group: &GroupId, user: &UserId) -> bool {
        self.show(&format!("/Groups/{group}"))
            .contains(user.expose())
    }
}

fn client(token: &'static str) -> ScimClient {
    ScimClient::on_this_machine(&secrets_with(&[token]).0)
}

fn name(text: &str) -> GroupName {
    text.parse().unwrap()
}

/// A member as the identity store would show it.
fn member(user: &UserId) -> Member {
    Member {
        user: user.clone(),
        membership: "none-in-scim".parse().unwrap(),
    }
}

#[tokio::test]
async fn groups_are_made_found_and_deleted() {
    let server = Server::start(&[]);
    let (client, endpoint) = (client(TOKEN), server.endpoint());
    let groups = ScimGroups::new(&client, endpoint.clone());
    let odd = name(r#"mst-a "quoted" & odd näme \ 100%"#);
    for name in [name("mst-space.shop.admin"), odd] {
        assert_eq!(groups.find_group(&name).await, Ok(None));
        let NewGroup::Made(id) = groups.create_group(&name, "mark").await.unwrap() else {
            panic!("{name} exists");
        };
        let found = groups.find_group(&name).await.unwrap().unwrap();
        assert_eq!(found.id, id);
        let mark = found.mark.unwrap();
        assert!(
            mark.starts_with("mark, group ") && mark.len() == 28,
            "{mark}"
        );
        assert_eq!(
            groups.create_group(&name, "mark").await,
            Ok(NewGroup::NameTaken)
        );
        assert_eq!(groups.delete_group(&id).await, Ok(()));
        assert_eq!(groups.delete_group(&id).await, Ok(()));
        assert_eq!(groups.find_group(&name).await, Ok(None));
        let failure = groups.add_members(&id, &["someone".parse().unwrap()]).await;
        assert_eq!(
            failure.unwrap_err().name(),
            ErrorName::ConcurrentModification
        );
    }
}

#[tokio::test]
async fn people_are_found_put_into_groups_and_taken_out() {
    let names: Vec<String> = (0..120)
        .map(|number| format!("p{number}@example.com"))
        .collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = Server::start(&all);
    let (client, endpoint) = (client(TOKEN), server.endpoint());
    let groups = ScimGroups::new(&client, endpoint.clone());
    let NewGroup::Made(group) = groups.create_group(&name("mst-a"), "mark").await.unwrap() else {
        panic!("the group exists");
    };
    let mut users = Vec::new();
    for name in &all {
        users.push(
            groups
                .find_user(&name.parse().unwrap())
                .await
                .unwrap()
                .unwrap(),
        );
    }
    let nobody = groups
        .find_user(&"nobody@example.com".parse().unwrap())
        .await;
    assert_eq!(nobody, Ok(None));

    groups.add_members(&group, &users).await.unwrap();
    assert!(users.iter().all(|user| server.has_member(&group, user)));
    groups.add_members(&group, &users[..2]).await.unwrap();
    let leaving: Vec<Member> = users[..119].iter().map(member).collect();
    for _ in 0..2 {
        groups.remove_members(&group, &leaving).await.unwrap();
        assert!(
            users[..119]
                .iter()
                .all(|user| !server.has_member(&group, user))
        );
        assert!(server.has_member(&group, &users[119]));
    }
}

#[tokio::test]
async fn a_wrong_token_is_refused_with_the_way_out() {
    let server = Server::start(&[]);
    let (client, endpoint) = (client("expired"), server.endpoint());
    let groups = ScimGroups::new(&client, endpoint.clone());
    let failure = groups.find_group(&name("mst-a")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert!(failure.remedy().contains("one year"), "{failure}");
    assert!(!failure.to_string().contains("expired"), "{failure}");
}

#[tokio::test]
async fn an_endpoint_that_nobody_serves_is_tried_again_later() {
    let endpoint = Server::start(&[]).endpoint();
    let client = client(TOKEN);
    let groups = ScimGroups::new(&client, endpoint.clone());
    let failure = groups.find_group(&name("mst-a")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
    assert!(!failure.to_string().contains(TOKEN), "{failure}");
}
