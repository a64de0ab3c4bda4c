//! Stacks in memory, with their states; an operation runs until the test ends it.
//! Starts may be told to fail before or after their effect.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use avm_core::domain::{OperationId, Parameters, StackId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::{
    Creation, Mark, Specification, Stack, StackStatus, Stacks, Start, Template, Update,
};

use crate::plan::Condition;

/// How the next start fails.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// Nothing has happened.
    Before(Failure),
    /// It has happened, and the answer was lost.
    After,
}

/// All that can be seen, and the starts that had an effect.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) stacks: Vec<Stack>,
    pub(super) starts: Vec<&'static str>,
    pub(super) tokens: Vec<OperationId>,
    pub(super) templates: Vec<Template>,
    pub(super) first_failure: Option<String>,
    pub(super) fault: Option<Fault>,
    pub(super) no_updates: bool,
    /// Somebody's operation runs, though the stack does not show it yet.
    pub(super) is_busy: bool,
    /// What the template at any address declares; absent: nobody may look.
    pub(super) declared: Option<BTreeSet<String>>,
}

/// The world.
#[derive(Debug, Default)]
pub(super) struct World(Mutex<State>);

/// A stack that somebody else has made.
pub(super) fn stack(name: &str, status: StackStatus) -> Stack {
    let id = format!("arn:aws:cloudformation:eu-central-1:111111111111:stack/{name}/0");
    Stack {
        id: id.parse().unwrap(),
        name: name.to_owned(),
        status,
        reason: None,
        parameters: Parameters::default(),
        mark: None,
    }
}

impl World {
    pub(super) fn with(stacks: Vec<Stack>) -> Self {
        let world = Self::default();
        world.state().stacks = stacks;
        world
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Whatever runs has ended with that.
    pub(super) fn end(&self, status: &StackStatus) {
        for stack in &mut self.state().stacks {
            if Condition::of(&stack.status) == Condition::InProgress {
                stack.status = status.clone();
            }
        }
    }

    pub(super) fn starts(&self) -> Vec<&'static str> {
        self.state().starts.clone()
    }

    /// Does it, unless it is told to fail, or was done under this token already.
    fn start(
        &self,
        kind: &'static str,
        token: &OperationId,
        effect: impl FnOnce(&mut State),
    ) -> Result<bool, Failure> {
        let mut state = self.state();
        let fault = state.fault.take();
        if let Some(Fault::Before(failure)) = fault {
            return Err(failure);
        }
        if state.tokens.contains(token) {
            return Ok(false);
        }
        effect(&mut state);
        state.starts.push(kind);
        state.tokens.push(token.clone());
        match fault {
            Some(Fault::After) => Err(Failure::new(ErrorName::ServiceUnavailable, "no answer")),
            _ => Ok(true),
        }
    }

    fn set<'a>(state: &'a mut State, id: &StackId, status: StackStatus) -> &'a mut Stack {
        let stack = state
            .stacks
            .iter_mut()
            .find(|stack| stack.id == *id)
            .unwrap();
        stack.status = status;
        stack
    }
}

impl Stacks for World {
    async fn list(&self, prefix: &str) -> Result<Vec<Stack>, Failure> {
        let stacks = self.state().stacks.clone();
        let listed = |stack: &Stack| {
            stack.name.starts_with(prefix) && stack.status != StackStatus::DeleteComplete
        };
        Ok(stacks.into_iter().filter(listed).collect())
    }

    async fn find(&self, id: &StackId) -> Result<Option<Stack>, Failure> {
        let stacks = self.state().stacks.clone();
        Ok(stacks.into_iter().find(|stack| stack.id == *id))
    }

    async fn declared_by(&self, _: &str) -> Result<BTreeSet<String>, Failure> {
        let declared = self.state().declared.clone();
        declared.ok_or_else(|| Failure::new(ErrorName::AccessDenied, "not allowed"))
    }

    async fn start_creation(
        &self,
        name: &str,
        specification: &Specification,
        token: &OperationId,
    ) -> Result<Creation, Failure> {
        let is_taken = !self.list(name).await?.is_empty();
        if is_taken && self.state().fault.is_none() {
            return Ok(Creation::AlreadyThere);
        }
        let mut made = stack(name, StackStatus::CreateInProgress);
        let number = self.state().stacks.len();
        made.id = format!("{}{number}", made.id).parse().unwrap();
        made.mark = Some(specification.mark.clone());
        made.parameters = specification.parameters.clone();
        let id = made.id.clone();
        let is_started = self.start("create", token, |state| {
            state.templates.push(specification.template.clone());
            state.stacks.push(made);
        })?;
        Ok(if is_started {
            Creation::Started(id)
        } else {
            Creation::AlreadyThere
        })
    }

    async fn start_update(
        &self,
        id: &StackId,
        specification: &Specification,
        token: &OperationId,
    ) -> Result<Update, Failure> {
        if self.state().no_updates {
            return Ok(Update::NothingToDo);
        }
        if self.state().is_busy {
            return Ok(Update::Busy);
        }
        let is_started = self.start("update", token, |state| {
            let stack = Self::set(state, id, StackStatus::UpdateInProgress);
            stack.mark = Some(specification.mark.clone());
            stack.parameters = specification.parameters.clone();
        })?;
        Ok(if is_started {
            Update::Started
        } else {
            Update::AlreadyStarted
        })
    }

    async fn start_deletion(&self, id: &StackId, token: &OperationId) -> Result<Start, Failure> {
        if self.state().is_busy {
            return Ok(Start::Busy);
        }
        self.start("delete", token, |state| {
            Self::set(state, id, StackStatus::DeleteInProgress);
        })
        .map(|_| Start::Started)
    }

    async fn start_rollback(&self, id: &StackId, token: &OperationId) -> Result<Start, Failure> {
        if self.state().is_busy {
            return Ok(Start::Busy);
        }
        self.start("rollback", token, |state| {
            Self::set(state, id, StackStatus::UpdateRollbackInProgress);
        })
        .map(|_| Start::Started)
    }

    async fn find_first_failure(&self, _: &StackId) -> Result<Option<String>, Failure> {
        Ok(self.state().first_failure.clone())
    }
}

/// The same stack, as an execution of ours has marked it.
pub(super) fn marked(stack: Stack, template: &str, execution: &str) -> Stack {
    Stack {
        mark: Some(Mark {
            template: template.to_owned(),
            execution: execution.to_owned(),
        }),
        ..stack
    }
}
