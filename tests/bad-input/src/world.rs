//! The configuration of the repository and executions in memory: what the entry point is given in the place of AWS.
//! Nothing here waits: every call is answered at once.

use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::sync::Mutex;

use avm_core::domain::{ExecutionArn, ExecutionName};
use avm_core::error::Failure;
use avm_core::ports::documents::Documents;
use avm_core::ports::executions::{Execution, Executions, Start};
use avm_entry_point::answer::Answer;
use avm_entry_point::execution_name::Month;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// `/avm/platform` of the world.
pub const PLATFORM: &str = include_str!("../../../configuration/platform.json");
/// `/avm/landing-zones/sandbox` of the world.
pub const SANDBOX: &str = include_str!("../../../configuration/landing-zones/sandbox.json");
/// `/avm/landing-zones/production` of the world.
pub const PRODUCTION: &str = include_str!("../../../configuration/landing-zones/production.json");

/// Documents, and the inputs of the executions that were started.
pub struct World {
    documents: BTreeMap<&'static str, &'static str>,
    started: Mutex<Vec<String>>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            documents: [
                ("/avm/platform", PLATFORM),
                ("/avm/landing-zones/sandbox", SANDBOX),
                ("/avm/landing-zones/production", PRODUCTION),
            ]
            .into(),
            started: Mutex::default(),
        }
    }
}

impl World {
    /// Calls the entry point.
    ///
    /// # Errors
    /// Those of the entry point.
    pub fn call(&self, event: &Value) -> Result<Answer, Failure> {
        let month = Month::of("2026-11-05T10:00:00Z").unwrap();
        at_once(avm_entry_point::handle(event, month, self, self))
    }

    /// The inputs of the executions that were started.
    pub fn started(&self) -> Vec<String> {
        self.started.lock().unwrap().clone()
    }
}

/// What a future results in that waits for nothing but, at most, the clock.
pub fn at_once<Made>(future: impl Future<Output = Made>) -> Made {
    thread_local! {
        static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

impl Documents for World {
    fn find_document(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Option<String>, Failure>> + Send {
        ready(Ok(self.documents.get(name).map(ToString::to_string)))
    }
}

impl Executions for World {
    fn find_execution(
        &self,
        _: &ExecutionName,
    ) -> impl Future<Output = Result<Option<Execution>, Failure>> + Send {
        ready(Ok(None))
    }

    fn start_execution(
        &self,
        name: &ExecutionName,
        input: &str,
    ) -> impl Future<Output = Result<Start, Failure>> + Send {
        self.started.lock().unwrap().push(input.to_owned());
        ready(Ok(Start::Started(self.arn_of(name))))
    }

    fn arn_of(&self, name: &ExecutionName) -> ExecutionArn {
        format!("arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:{name}")
            .parse()
            .unwrap()
    }
}
