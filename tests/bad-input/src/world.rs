//! The one AWS in memory with the configuration of the repository: what the entry point is given in the place of AWS.
//! Nothing here waits: every call is answered at once.

use avm_core::domain::MachineName;
use avm_core::error::Failure;
use avm_entry_point::answer::Answer;
use avm_entry_point::execution_name::Month;
use avm_world::InMemory;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// `/avm/platform` of the world.
pub const PLATFORM: &str = include_str!("../../../configuration/platform.json");
/// `/avm/landing-zones/sandbox` of the world.
pub const SANDBOX: &str = include_str!("../../../configuration/landing-zones/sandbox.json");
/// `/avm/landing-zones/production` of the world.
pub const PRODUCTION: &str = include_str!("../../../configuration/landing-zones/production.json");

/// The entry point in a world with these documents.
pub struct World(InMemory);

impl Default for World {
    fn default() -> Self {
        let world = InMemory::default();
        for (parameter, document) in [
            ("/avm/platform", PLATFORM),
            ("/avm/landing-zones/sandbox", SANDBOX),
            ("/avm/landing-zones/production", PRODUCTION),
        ] {
            let parameters = &mut world.state_mut().starts.parameters;
            parameters.insert(parameter.to_owned(), document.to_owned());
        }
        Self(world)
    }
}

impl World {
    /// The world where this document stands instead.
    #[must_use]
    pub fn with(self, parameter: &str, document: String) -> Self {
        let mut state = self.0.state_mut();
        state
            .starts
            .parameters
            .insert(parameter.to_owned(), document);
        drop(state);
        self
    }

    /// Calls the entry point.
    ///
    /// # Errors
    /// Those of the entry point.
    pub fn call(&self, event: &Value) -> Result<Answer, Failure> {
        let month = Month::of("2026-11-05T10:00:00Z").unwrap();
        let settings = avm_entry_point::Settings {
            machine: MachineName::first(),
            ways_out: self.0.ways_out.clone(),
        };
        at_once(avm_entry_point::handle(
            event, month, &settings, &self.0, &self.0,
        ))
    }

    /// The inputs of the executions that were started.
    pub fn started(&self) -> Vec<String> {
        let names = self.0.names();
        names
            .iter()
            .map(|name| self.0.input(name).to_string())
            .collect()
    }
}

/// What a future results in that waits for nothing but, at most, the clock.
pub fn at_once<Made>(future: impl Future<Output = Made>) -> Made {
    thread_local! {
        static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}
