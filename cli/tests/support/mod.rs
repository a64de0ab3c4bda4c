//! A home of a person with nothing but what a test puts there, in which the built command runs.
//! AWS is a server that writes down who called.
// Each test program uses a part of it.
#![allow(dead_code)]

mod server;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use server::Server;

pub const KEY: &str = "AKIDVARIABLES";
pub const SECRET: &str = "the-secret-of-variables";
pub const TOKEN: &str = "the-token-of-variables";
const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", KEY),
    ("AWS_SECRET_ACCESS_KEY", SECRET),
    ("AWS_SESSION_TOKEN", TOKEN),
];

pub struct Home {
    folder: PathBuf,
    variables: BTreeMap<String, String>,
    pub server: Server,
}

impl Home {
    /// With nothing but a region once keys are there, and the address of the server.
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("avm-home-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let server = Server::start();
        let home = Self {
            folder,
            variables: BTreeMap::new(),
            server,
        };
        let address = home.server.address();
        // Not even the machine that the test runs on gives credentials.
        home.with("AWS_EC2_METADATA_DISABLED", "true")
            .with("AWS_ENDPOINT_URL", &address)
    }

    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.to_owned(), value.to_owned());
        self
    }

    pub fn without(mut self, variable: &str) -> Self {
        self.variables.remove(variable);
        self
    }

    pub fn with_keys(self) -> Self {
        let home = self.with("AWS_REGION", "eu-central-1");
        let keys = KEYS.into_iter();
        keys.fold(home, |home, (name, value)| home.with(name, value))
    }

    pub fn without_keys(self) -> Self {
        let keys = KEYS.into_iter();
        keys.fold(self, |home, (name, _)| home.without(name))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn config(&self, text: &str) {
        self.write(".aws/config", text);
    }

    /// A program of the person's, and its path.
    pub fn script(&self, lines: &str) -> String {
        let path = self.path("script");
        self.write("script", &format!("#!/bin/sh\n{lines}"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    /// Runs the command without a terminal.
    pub fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_avm"))
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", &self.folder)
            .env("PATH", "/usr/bin:/bin")
            .envs(&self.variables)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// A small configuration of somebody's.
    pub fn documents(&self) {
        self.write(
            "configuration/platform.json",
            r#"{"platform": "aws", "region": "eu-central-1", "accountAccessRole": "MeshstackAccountAccessRole",
                "accountNamePattern": "%s-%s", "accountEmailPattern": "aws+%s.%s@company.io", "defaultLandingZone": "sandbox"}"#,
        );
        self.write(
            "configuration/landing-zones/sandbox.json",
            r#"{"organizationalUnit": "", "downgrade": "standard"}"#,
        );
    }

    /// What a deployment of that would do.
    pub fn deploy(&self, arguments: &[&str]) -> Output {
        self.documents();
        let command = ["config", "deploy", "--dry-run"];
        self.run(&[&command, arguments].concat())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Everything that the command wrote.
pub fn words(output: &Output) -> String {
    let [out, error] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{error}")
}
