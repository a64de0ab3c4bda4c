//! What AVMEntryPoint meets: parameters, which create-account may read too, and executions, with what AWS guarantees and what it does not.
//! Names are taken for good, equal input joins a running execution, and a look-up may not see what was just started.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use avm_core::domain::{ExecutionArn, ExecutionName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::documents::{Documents, StoredDocument};
use avm_core::ports::executions::{
    Execution, ExecutionStatus, Executions, Histories, RunningVend, RunningVends, Start, Trace,
};
use avm_core::ports::notices::Notices;
use avm_core::testing::{full_landing_zone_json, full_platform_json};
use serde_json::{Value, json};

use crate::in_call::Behind;
use crate::world::InMemory;

/// When the first execution was started, an hour before now: 2026-11-05T09:00:00Z. Each other was a second later.
const STARTED: u64 = 1_793_869_200;

/// Parameters and executions by their names.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub parameters: BTreeMap<String, String>,
    /// How often each was put.
    versions: BTreeMap<String, i64>,
    executions: BTreeMap<String, (ExecutionStatus, String)>,
    /// Their names, in the order in which they were first started.
    begun: Vec<String>,
    unseen: BTreeSet<String>,
    /// What executions had come to, by their names.
    pub traces: BTreeMap<String, Trace>,
    /// Subject and message of every notice.
    pub notices: Vec<(String, String)>,
    pub refuses_to_start: bool,
    pub shows_no_execution: bool,
}

impl State {
    /// No step touches these.
    pub fn essence(&self) -> String {
        format!("{:?} {:?}", self.parameters, self.executions)
    }

    pub fn tick(&mut self) {}

    fn find(&self, name: &str) -> Option<StoredDocument> {
        Some(StoredDocument {
            text: self.parameters.get(name)?.clone(),
            version: self.versions.get(name).copied().unwrap_or(1),
        })
    }
}

pub fn platform() -> Value {
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

pub fn landing_zone(downgrade: &str) -> Value {
    json!({
        "$schema": "../schemas/landing-zone.schema.json",
        "organizationalUnit": "Workloads/Sandbox",
        "accessStack": {"template": "shipped"},
        "stackSets": [{"name": "avm-landing-zone", "region": "eu-central-1"}],
        "downgrade": downgrade
    })
}

pub fn arn(name: &str) -> ExecutionArn {
    format!("arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:{name}")
        .parse()
        .unwrap()
}

impl InMemory {
    /// A platform and two landing zones.
    pub fn configured() -> Self {
        let world = Self::default();
        world.put("/avm/platform", &platform());
        world.put("/avm/landing-zones/sandbox", &landing_zone("standard"));
        world.put("/avm/landing-zones/production", &landing_zone("strict"));
        world
    }

    /// A platform and its one landing zone, both with everything on.
    pub fn with_everything() -> Self {
        let world = Self::default();
        world.put("/avm/platform", &full_platform_json());
        world.put("/avm/landing-zones/everything", &full_landing_zone_json());
        world
    }

    pub fn put(&self, parameter: &str, document: &Value) {
        let starts = &mut self.state_mut().starts;
        *starts.versions.entry(parameter.to_owned()).or_default() += 1;
        let text = document.to_string();
        starts.parameters.insert(parameter.to_owned(), text);
    }

    pub fn execute(&self, name: &str, status: ExecutionStatus, input: &Value) {
        let mut state = self.state_mut();
        let State {
            executions, begun, ..
        } = &mut state.starts;
        executions.insert(name.to_owned(), (status, input.to_string()));
        if !begun.iter().any(|other| other == name) {
            begun.push(name.to_owned());
        }
    }

    /// Every running execution ends like that.
    pub fn end(&self, status: ExecutionStatus) {
        for (seen, _) in self.state_mut().starts.executions.values_mut() {
            if *seen == ExecutionStatus::Running {
                *seen = status;
            }
        }
    }

    /// The next look-up of that execution does not see it.
    pub fn hide(&self, name: &str) {
        self.state_mut().starts.unseen.insert(name.to_owned());
    }

    pub fn names(&self) -> Vec<String> {
        self.state().starts.executions.keys().cloned().collect()
    }

    pub fn input(&self, name: &str) -> Value {
        serde_json::from_str(&self.state().starts.executions[name].1).unwrap()
    }

    /// The calls since the last time this was asked for.
    pub fn calls(&self) -> Vec<String> {
        let calls = self
            .journal()
            .into_iter()
            .map(|entry| entry.words)
            .collect();
        self.forget_journal();
        calls
    }

    fn see(&self, name: &ExecutionName) -> Option<Execution> {
        let mut state = self.state_mut();
        let starts = &mut state.starts;
        let is_hidden = starts.unseen.remove(name.as_str()) || starts.shows_no_execution;
        let found = starts.executions.get(name.as_str());
        let (status, input) = found.filter(|_| !is_hidden)?;
        Some(Execution {
            arn: self.arn_of(name),
            status: *status,
            input: input.clone(),
        })
    }

    fn log(&self, call: &str, name: &str) {
        self.note(Door::Own, &format!("{call} {name}"), call == "start");
    }
}

impl Documents for InMemory {
    async fn find_document(&self, name: &str) -> Result<Option<StoredDocument>, Failure> {
        self.log("read", name);
        tokio::task::yield_now().await;
        Ok(self.state().starts.find(name))
    }
}

impl Documents for Behind<'_> {
    async fn find_document(&self, name: &str) -> Result<Option<StoredDocument>, Failure> {
        self.read(format!("ssm:GetParameter {name}"), |state| {
            Ok(state.starts.find(name))
        })
    }
}

impl RunningVends for Behind<'_> {
    async fn list_running(&self) -> Result<Vec<RunningVend>, Failure> {
        self.read("states:ListExecutions", |state| {
            let State {
                executions, begun, ..
            } = &state.starts;
            let vends = begun
                .iter()
                .zip(STARTED..)
                .map(|(name, started)| RunningVend {
                    name: name.clone(),
                    started: Duration::from_secs(started),
                });
            let runs = |vend: &RunningVend| executions[&vend.name].0 == ExecutionStatus::Running;
            Ok(vends.filter(runs).collect())
        })
    }

    async fn find_input(&self, vend: &RunningVend) -> Result<Option<String>, Failure> {
        let words = format!("states:DescribeExecution {}", vend.name);
        self.read(words, |state| {
            let found = state.starts.executions.get(&vend.name);
            Ok(found.map(|(_, input)| input.clone()))
        })
    }
}

impl Executions for InMemory {
    async fn find_execution(&self, name: &ExecutionName) -> Result<Option<Execution>, Failure> {
        self.log("look", name.as_str());
        let found = self.see(name);
        // Somebody else may act between a look-up and what follows from it.
        tokio::task::yield_now().await;
        Ok(found)
    }

    async fn start_execution(&self, name: &ExecutionName, input: &str) -> Result<Start, Failure> {
        self.log("start", name.as_str());
        let mut state = self.state_mut();
        let starts = &mut state.starts;
        if starts.refuses_to_start {
            return Err(Failure::new(ErrorName::Throttled, "too many starts"));
        }
        let executions = &mut starts.executions;
        match executions.get(name.as_str()) {
            Some((ExecutionStatus::Running, running)) if running == input => {}
            Some(_) => return Ok(Start::NameTaken),
            None => {
                let execution = (ExecutionStatus::Running, input.to_owned());
                executions.insert(name.to_string(), execution);
                starts.begun.push(name.to_string());
            }
        }
        Ok(Start::Started(self.arn_of(name)))
    }

    fn arn_of(&self, name: &ExecutionName) -> ExecutionArn {
        arn(name.as_str())
    }
}

impl Histories for InMemory {
    async fn trace(&self, execution: &ExecutionArn) -> Result<Trace, Failure> {
        self.log("trace", execution.name());
        let found = self.state().starts.traces.get(execution.name()).cloned();
        Ok(found.unwrap_or_default())
    }
}

impl Notices for InMemory {
    async fn publish(&self, subject: &str, message: &str) -> Result<(), Failure> {
        let notice = (subject.to_owned(), message.to_owned());
        self.state_mut().starts.notices.push(notice);
        Ok(())
    }
}
