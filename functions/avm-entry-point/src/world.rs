//! The world of the unit tests: parameters and executions in memory, with what AWS guarantees and what it does not.
//! Names are taken for good, equal input joins a running execution, and a look-up may not see what was just started.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use avm_core::domain::{ExecutionArn, ExecutionName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::documents::Documents;
use avm_core::ports::executions::{Execution, ExecutionStatus, Executions, Start};
use avm_core::testing::{full_landing_zone_json, full_platform_json};
use serde_json::{Value, json};

#[derive(Default)]
pub(crate) struct World {
    pub parameters: BTreeMap<String, String>,
    executions: Mutex<BTreeMap<String, (ExecutionStatus, String)>>,
    unseen: Mutex<BTreeSet<String>>,
    calls: Mutex<Vec<String>>,
    pub refuses_to_start: bool,
}

pub(crate) fn platform() -> Value {
    json!({
        "$schema": "schemas/platform.schema.json",
        "platform": "aws",
        "region": "eu-central-1",
        "accountAccessRole": "MeshstackAccountAccessRole",
        "accountNamePattern": "%s.%s",
        "accountEmailPattern": "aws+%s@example.io",
        "landingZoneTag": "tagLandingZone",
        "defaultLandingZone": "sandbox"
    })
}

pub(crate) fn landing_zone(downgrade: &str) -> Value {
    json!({
        "$schema": "../schemas/landing-zone.schema.json",
        "organizationalUnit": "Workloads/Sandbox",
        "accessStack": {"template": "shipped"},
        "stackSets": [{"name": "avm-landing-zone", "region": "eu-central-1"}],
        "downgrade": downgrade
    })
}

pub(crate) fn arn(name: &str) -> ExecutionArn {
    format!("arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:{name}")
        .parse()
        .unwrap()
}

impl World {
    /// A platform and two landing zones.
    pub fn configured() -> Self {
        let mut world = Self::default();
        world.put("/avm/platform", &platform());
        world.put("/avm/landing-zones/sandbox", &landing_zone("standard"));
        world.put("/avm/landing-zones/production", &landing_zone("strict"));
        world
    }

    /// A platform and its one landing zone, both with everything on.
    pub fn with_everything() -> Self {
        let mut world = Self::default();
        world.put("/avm/platform", &full_platform_json());
        world.put("/avm/landing-zones/everything", &full_landing_zone_json());
        world
    }

    pub fn put(&mut self, parameter: &str, document: &Value) {
        self.parameters
            .insert(parameter.to_owned(), document.to_string());
    }

    pub fn execute(&self, name: &str, status: ExecutionStatus, input: &Value) {
        let execution = (status, input.to_string());
        self.executions
            .lock()
            .unwrap()
            .insert(name.to_owned(), execution);
    }

    /// Every running execution ends like that.
    pub fn end(&self, status: ExecutionStatus) {
        for (seen, _) in self.executions.lock().unwrap().values_mut() {
            if *seen == ExecutionStatus::Running {
                *seen = status;
            }
        }
    }

    /// The next look-up of that execution does not see it.
    pub fn hide(&self, name: &str) {
        self.unseen.lock().unwrap().insert(name.to_owned());
    }

    pub fn names(&self) -> Vec<String> {
        self.executions.lock().unwrap().keys().cloned().collect()
    }

    pub fn input(&self, name: &str) -> Value {
        serde_json::from_str(&self.executions.lock().unwrap()[name].1).unwrap()
    }

    /// The calls since the last time this was asked for.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn log(&self, call: &str, name: &str) {
        self.calls.lock().unwrap().push(format!("{call} {name}"));
    }
}

impl Documents for World {
    async fn find_document(&self, name: &str) -> Result<Option<String>, Failure> {
        self.log("read", name);
        tokio::task::yield_now().await;
        Ok(self.parameters.get(name).cloned())
    }
}

impl Executions for World {
    async fn find_execution(&self, name: &ExecutionName) -> Result<Option<Execution>, Failure> {
        self.log("look", name.as_str());
        let hidden = self.unseen.lock().unwrap().remove(name.as_str());
        let found = self
            .executions
            .lock()
            .unwrap()
            .get(name.as_str())
            .filter(|_| !hidden)
            .map(|(status, input)| Execution {
                arn: self.arn_of(name),
                status: *status,
                input: input.clone(),
            });
        // Somebody else may act between a look-up and what follows from it.
        tokio::task::yield_now().await;
        Ok(found)
    }

    async fn start_execution(&self, name: &ExecutionName, input: &str) -> Result<Start, Failure> {
        self.log("start", name.as_str());
        if self.refuses_to_start {
            return Err(Failure::new(ErrorName::Throttled, "too many starts"));
        }
        let mut executions = self.executions.lock().unwrap();
        match executions.get(name.as_str()) {
            Some((ExecutionStatus::Running, running)) if running == input => {}
            Some(_) => return Ok(Start::NameTaken),
            None => {
                let execution = (ExecutionStatus::Running, input.to_owned());
                executions.insert(name.to_string(), execution);
            }
        }
        Ok(Start::Started(self.arn_of(name)))
    }

    fn arn_of(&self, name: &ExecutionName) -> ExecutionArn {
        arn(name.as_str())
    }
}
