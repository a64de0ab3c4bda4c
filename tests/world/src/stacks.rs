//! CloudFormation stacks of accounts: an operation lasts some looks, and its start counts once under its token.
//! A test says how operations end; those of which it says nothing end well.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use avm_core::domain::{AccountId, OperationId, Parameters, StackId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::{
    Creation, Mark, Specification, Stack, StackStatus, Stacks, Start, Template, Update,
};

use crate::in_call::Behind;

/// The stacks of all accounts, deleted ones as well.
#[derive(Clone, Debug, Default)]
pub struct State {
    of_accounts: BTreeMap<AccountId, Vec<Stack>>,
    tokens: BTreeSet<OperationId>,
    under_way: BTreeMap<StackId, UnderWay>,
    /// The templates that stacks were made of, in their order.
    pub templates: Vec<Template>,
    /// What the templates at addresses declare.
    pub declared: BTreeMap<String, BTreeSet<String>>,
    /// For so many looks more than one an operation is at work.
    pub operation_lasts: u32,
    /// How the next operations end, one each.
    pub endings: VecDeque<StackStatus>,
    /// What went wrong first, should anybody ask.
    pub first_failure: Option<String>,
    /// For so many looks somebody's operation runs, though no stack shows it.
    pub busy_for: u32,
    /// CloudFormation finds nothing to update.
    pub has_no_updates: bool,
}

#[derive(Clone, Debug)]
struct UnderWay {
    left: u32,
    before: Stack,
}

/// A stack that somebody else has made, in the account of the samples.
pub fn stack(name: &str, status: StackStatus) -> Stack {
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

/// The same stack, as an execution of ours has marked it.
pub fn marked(stack: Stack, template: &str, execution: &str) -> Stack {
    Stack {
        mark: Some(Mark {
            template: template.to_owned(),
            execution: execution.to_owned(),
        }),
        ..stack
    }
}

impl State {
    /// What two worlds must have in common.
    pub fn essence(&self) -> String {
        let all = self.of_accounts.iter();
        let stacks = all.flat_map(|(account, stacks)| {
            let shown = stacks.iter().filter(|stack| is_there(stack));
            shown.map(move |stack| {
                let parameters: Vec<_> = stack.parameters.iter().collect();
                let Stack {
                    name, status, mark, ..
                } = stack;
                format!("{account} {name}: {status} {parameters:?} {mark:?}")
            })
        });
        stacks.collect::<Vec<_>>().join("\n")
    }

    /// Operations end when their looks are over.
    pub fn tick(&mut self) {
        self.busy_for = self.busy_for.saturating_sub(1);
        for stack in self.of_accounts.values_mut().flatten() {
            let Some(well) = end_of(&stack.status) else {
                continue;
            };
            let under_way = self.under_way.get_mut(&stack.id);
            if let Some(UnderWay { left, .. }) = under_way
                && *left > 0
            {
                *left -= 1;
                continue;
            }
            let under_way = self.under_way.remove(&stack.id);
            let status = self.endings.pop_front().unwrap_or(well);
            if let Some(UnderWay { before, .. }) = under_way
                && status == StackStatus::UpdateRollbackComplete
            {
                *stack = before;
            }
            stack.status = status;
        }
    }

    /// The stacks of an account.
    pub fn of(&mut self, account: &AccountId) -> &mut Vec<Stack> {
        self.of_accounts.entry(account.clone()).or_default()
    }

    fn begin(&mut self, account: &AccountId, id: &StackId, status: StackStatus) -> &mut Stack {
        let stacks = self.of_accounts.entry(account.clone()).or_default();
        let stack = stacks.iter_mut().find(|stack| stack.id == *id);
        let stack = stack.expect("there is the stack");
        let under_way = UnderWay {
            left: self.operation_lasts,
            before: stack.clone(),
        };
        self.under_way.insert(id.clone(), under_way);
        stack.status = status;
        stack
    }

    fn is_at_work(&mut self, account: &AccountId, id: &StackId) -> bool {
        let mut stacks = self.of(account).iter();
        stacks.any(|stack| stack.id == *id && end_of(&stack.status).is_some()) || self.busy_for > 0
    }

    fn create(&mut self, account: &AccountId, name: &str, wanted: &Specification) -> StackId {
        let number = self.of(account).len();
        let id = format!("arn:aws:cloudformation:eu-central-1:{account}:stack/{name}/{number}");
        let made = Stack {
            id: id.parse().unwrap(),
            mark: Some(wanted.mark.clone()),
            parameters: wanted.parameters.clone(),
            ..stack(name, StackStatus::CreateInProgress)
        };
        let id = made.id.clone();
        self.of(account).push(made);
        self.begin(account, &id, StackStatus::CreateInProgress);
        self.templates.push(wanted.template.clone());
        id
    }
}

fn is_there(stack: &Stack) -> bool {
    stack.status != StackStatus::DeleteComplete
}

/// How an operation that is at work ends well. A stack in review has a change set, and no operation.
fn end_of(status: &StackStatus) -> Option<StackStatus> {
    if *status == StackStatus::ReviewInProgress {
        return None;
    }
    let begun = status.as_str().strip_suffix("_IN_PROGRESS")?;
    Some(match begun.strip_suffix("_CLEANUP") {
        Some(end) => StackStatus::from(end),
        None => StackStatus::from(format!("{begun}_COMPLETE").as_str()),
    })
}

impl Stacks for Behind<'_> {
    async fn list(&self, prefix: &str) -> Result<Vec<Stack>, Failure> {
        self.read("cloudformation:DescribeStacks", |state| {
            let stacks = state.stacks.of_accounts.get(&self.account());
            let stacks = stacks.into_iter().flatten();
            let shown = stacks.filter(|stack| stack.name.starts_with(prefix) && is_there(stack));
            Ok(shown.cloned().collect())
        })
    }

    async fn find(&self, id: &StackId) -> Result<Option<Stack>, Failure> {
        let words = format!("cloudformation:DescribeStacks {}", id.name());
        self.read(words, |state| {
            let stacks = state.stacks.of_accounts.get(&self.account());
            let mut stacks = stacks.into_iter().flatten();
            Ok(stacks.find(|stack| stack.id == *id).cloned())
        })
    }

    async fn declared_by(&self, url: &str) -> Result<BTreeSet<String>, Failure> {
        self.read("cloudformation:GetTemplateSummary", |state| {
            let declared = state.stacks.declared.get(url).cloned();
            declared.ok_or_else(|| {
                Failure::new(ErrorName::InvalidConfiguration, "there is no template")
            })
        })
    }

    async fn start_creation(
        &self,
        name: &str,
        specification: &Specification,
        token: &OperationId,
    ) -> Result<Creation, Failure> {
        self.write(format!("cloudformation:CreateStack {name}"), |state| {
            let (stacks, account) = (&mut state.stacks, self.account());
            let mut present = stacks.of(&account).iter();
            let is_taken = present.any(|stack| stack.name == name && is_there(stack));
            if is_taken || !stacks.tokens.insert(token.clone()) {
                return Ok(Creation::AlreadyThere);
            }
            Ok(Creation::Started(stacks.create(
                &account,
                name,
                specification,
            )))
        })
    }

    async fn start_update(
        &self,
        id: &StackId,
        specification: &Specification,
        token: &OperationId,
    ) -> Result<Update, Failure> {
        let words = format!("cloudformation:UpdateStack {}", id.name());
        self.write(words, |state| {
            let (stacks, account) = (&mut state.stacks, self.account());
            if stacks.tokens.contains(token) {
                return Ok(Update::AlreadyStarted);
            }
            if stacks.is_at_work(&account, id) {
                return Ok(Update::Busy);
            }
            if stacks.has_no_updates {
                return Ok(Update::NothingToDo);
            }
            stacks.tokens.insert(token.clone());
            let stack = stacks.begin(&account, id, StackStatus::UpdateInProgress);
            stack.mark = Some(specification.mark.clone());
            stack.parameters = specification.parameters.clone();
            Ok(Update::Started)
        })
    }

    async fn start_deletion(&self, id: &StackId, _: &OperationId) -> Result<Start, Failure> {
        let words = format!("cloudformation:DeleteStack {}", id.name());
        self.write(words, |state| {
            let (stacks, account) = (&mut state.stacks, self.account());
            if stacks.is_at_work(&account, id) {
                return Ok(Start::Busy);
            }
            stacks.begin(&account, id, StackStatus::DeleteInProgress);
            Ok(Start::Started)
        })
    }

    async fn start_rollback(&self, id: &StackId, _: &OperationId) -> Result<Start, Failure> {
        let words = format!("cloudformation:ContinueUpdateRollback {}", id.name());
        self.write(words, |state| {
            let (stacks, account) = (&mut state.stacks, self.account());
            if stacks.is_at_work(&account, id) {
                return Ok(Start::Busy);
            }
            stacks.begin(&account, id, StackStatus::UpdateRollbackInProgress);
            Ok(Start::Started)
        })
    }

    async fn find_first_failure(&self, id: &StackId) -> Result<Option<String>, Failure> {
        let words = format!("cloudformation:DescribeStackEvents {}", id.name());
        self.read(words, |state| Ok(state.stacks.first_failure.clone()))
    }
}
