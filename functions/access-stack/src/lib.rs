//! Deploys the access stack, the one that lets StackSets into the account: read, compare, show, apply, and follow.
//! meshStack may have deployed it already, and the access role may have been downgraded: then it can be looked at only.

mod follow;
mod plan;
mod template;
#[cfg(test)]
mod tests;

use avm_core::config::AccessStackTemplate;
use avm_core::contract::step::{Answer, OnAccount, StepRequest};
use avm_core::domain::{AccountId, OperationId, Parameters, StackId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stacks::{Creation, Mark, Specification, Stacks, Start, Update};
use serde::{Deserialize, Serialize};

use plan::{Plan, Wanted};

/// What the name of every access stack begins with, and the whole name of ours.
pub const STACK_NAME: &str = "meshstack-cf-access";

/// The input of the step.
pub type Request = StepRequest<OnAccount, Progress>;

/// The accounts that the access stack's trust may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAccountIds {
    /// Where the StackSets live.
    pub automation: AccountId,
    /// Where the organization is managed.
    pub management: AccountId,
}

/// What the step has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The stack's name.
    pub stack_name: String,
    /// Its id.
    pub stack_id: StackId,
    /// What was done with it.
    pub change: Change,
    /// What is not as the landing zone wants it and could not be changed, in words, with the remedy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<String>,
}

/// What is done with the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing.
    None,
    /// It is made.
    Create,
    /// It is brought up to date.
    Update,
    /// What an earlier try left behind is deleted, and it is made again.
    Recreate,
}

/// The operation that is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Doing", rename_all_fields = "PascalCase")]
pub enum Progress {
    /// One that was running already: what is to do shows after it.
    Wait,
    /// The creation that this execution started.
    Create {
        /// The new stack.
        stack_id: StackId,
        /// Creation, or the second half of a new creation.
        change: Change,
    },
    /// The update that this execution started.
    Update {
        /// The stack.
        stack_id: StackId,
    },
    /// The deletion that this execution started, to create the stack again.
    Delete {
        /// The stack that goes.
        stack_id: StackId,
    },
    /// The rollback that this execution has sent on its way again.
    Rollback {
        /// The stack.
        stack_id: StackId,
    },
}

type StepAnswer = Answer<Done, Progress>;

/// What all parts of the step need.
struct Step<'a, Port> {
    request: &'a Request,
    template: &'a AccessStackTemplate,
    wanted: Wanted,
    stacks: &'a Port,
}

/// Brings the access stack to what the landing zone wants.
///
/// # Errors
/// `StackFailed` with the first failed resource, `InvalidConfiguration` for a template that CloudFormation refuses,
/// `AccessDenied` where the access role has been downgraded and the stack is missing or broken. One that is well and only
/// out of date is no failure then: the answer tells of the drift.
pub async fn handle(
    request: &Request,
    standing_accounts: &StandingAccountIds,
    stacks: &impl Stacks,
) -> Result<StepAnswer, Failure> {
    let account = &request.rest.account.account_id;
    let answer = async {
        let step = Step::new(request, standing_accounts, stacks)?;
        match &request.progress {
            None => step.begin().await,
            Some(progress) => step.follow(progress).await,
        }
    };
    answer.await.map_err(|failure| failure.of_account(account))
}

impl<'a, Port: Stacks> Step<'a, Port> {
    fn new(
        request: &'a Request,
        standing_accounts: &StandingAccountIds,
        stacks: &'a Port,
    ) -> Result<Self, Failure> {
        let landing_zone = &request.order.landing_zone;
        let access_stack = landing_zone.settings.access_stack.as_ref().ok_or_else(|| {
            Failure::new(
                ErrorName::InvalidState,
                format!("landing zone {} has no access stack", landing_zone.name),
            )
        })?;
        Ok(Self {
            request,
            template: &access_stack.template,
            wanted: Wanted {
                template: template::mark(&access_stack.template),
                candidates: candidates(request, standing_accounts),
                execution: request.execution.name().to_owned(),
            },
            stacks,
        })
    }

    async fn begin(&self) -> Result<StepAnswer, Failure> {
        let found = self.stacks.list(STACK_NAME).await?;
        let plan = Plan::new(found, &self.wanted)?;
        tracing::info!(
            execution = self.request.execution.name(),
            account = %self.request.rest.account.account_id,
            is_empty = plan.is_empty(),
            %plan,
            "planned the access stack"
        );
        self.apply(plan).await
    }

    async fn apply(&self, plan: Plan) -> Result<StepAnswer, Failure> {
        let shown = plan.to_string();
        match plan {
            Plan::Nothing(stack) => Ok(follow::done(stack.id, Change::None)),
            Plan::Wait(stack) => Ok(Answer::Pending {
                waiting_for: format!("stack {} is {}", stack.name, stack.status),
                progress: Progress::Wait,
            }),
            Plan::Create => self.create(STACK_NAME, Change::Create).await,
            Plan::Update { stack, differences } => self.update(stack.id, &differences).await,
            Plan::Recreate(stack) => {
                let token = self.token("delete", stack.id.as_str());
                let start = self.stacks.start_deletion(&stack.id, &token).await;
                let progress = Progress::Delete {
                    stack_id: stack.id.clone(),
                };
                match start.map_err(|failure| explain(failure, &shown))? {
                    Start::Started => Ok(pending(&stack.name, "is being deleted", progress)),
                    Start::Busy => Ok(busy(&stack.id)),
                }
            }
            Plan::ContinueRollback(stack) => {
                let token = self.token("rollback", stack.id.as_str());
                let start = self.stacks.start_rollback(&stack.id, &token).await;
                let progress = Progress::Rollback {
                    stack_id: stack.id.clone(),
                };
                match start.map_err(|failure| explain(failure, &shown))? {
                    Start::Started => {
                        Ok(pending(&stack.name, "goes on with its rollback", progress))
                    }
                    Start::Busy => Ok(busy(&stack.id)),
                }
            }
            Plan::Failed(stack) => Err(self.failed(&stack, "was to be created").await),
        }
    }

    async fn create(&self, name: &str, change: Change) -> Result<StepAnswer, Failure> {
        let doing = format!("create stack {name}");
        let specification = self
            .specification()
            .await
            .map_err(|failure| explain(failure, &doing))?;
        let token = self.token("create", name);
        let creation = self
            .stacks
            .start_creation(name, &specification, &token)
            .await
            .map_err(|failure| explain(failure, &doing))?;
        Ok(match creation {
            Creation::Started(stack_id) => pending(
                name,
                "is being created",
                Progress::Create { stack_id, change },
            ),
            Creation::AlreadyThere => pending(name, "is there by now", Progress::Wait),
        })
    }

    async fn update(&self, stack_id: StackId, differences: &str) -> Result<StepAnswer, Failure> {
        let update = match self.start_update(&stack_id).await {
            // The stack is well, so that the vend goes on; where that is not enough, the StackSets say so.
            Err(denied) if denied.name() == ErrorName::AccessDenied && self.is_downgraded() => {
                return Ok(self.leave_as_it_is(stack_id, differences, &denied));
            }
            other => {
                let doing = format!("could not update stack {}", stack_id.name());
                other.map_err(|failure| failure.while_doing(&doing))?
            }
        };
        match update {
            Update::Started => Ok(pending(
                stack_id.name(),
                "is being updated",
                Progress::Update {
                    stack_id: stack_id.clone(),
                },
            )),
            Update::AlreadyStarted => self.follow_update(&stack_id).await,
            Update::NothingToDo => Ok(follow::done(stack_id, Change::None)),
            Update::Busy => Ok(busy(&stack_id)),
        }
    }

    async fn start_update(&self, stack_id: &StackId) -> Result<Update, Failure> {
        let specification = self.specification().await?;
        let token = self.token("update", stack_id.as_str());
        self.stacks
            .start_update(stack_id, &specification, &token)
            .await
    }

    /// Whether the landing zone takes the access role down, so that it may no longer update stacks.
    fn is_downgraded(&self) -> bool {
        let settings = &self.request.order.landing_zone.settings;
        settings.downgrade.policy().is_some()
    }

    /// The answer for a stack that is well and out of date, and that a downgraded role may not update.
    fn leave_as_it_is(&self, id: StackId, differences: &str, denied: &Failure) -> StepAnswer {
        tracing::warn!(
            execution = self.request.execution.name(),
            account = %self.request.rest.account.account_id,
            stack = id.name(),
            differences,
            cause = denied.cause(),
            "the access stack is out of date and may not be updated"
        );
        let drift = format!(
            "stack {} is not what the landing zone wants ({differences}), and the access role may not update it. Remedy: \
             attach AdministratorAccess to that role through OrganizationAccountAccessRole and send the request again \
             with \"Force\", which takes it away in the end; detach it if that vend fails.",
            id.name()
        );
        Answer::Done(Done {
            stack_name: id.name().to_owned(),
            stack_id: id,
            change: Change::None,
            drift: Some(drift),
        })
    }

    async fn specification(&self) -> Result<Specification, Failure> {
        let (template, declared) = template::read(self.template, self.stacks).await?;
        Ok(Specification {
            template,
            parameters: self.wanted.candidates.clone().declared_in(&declared),
            mark: Mark {
                template: self.wanted.template.clone(),
                execution: self.wanted.execution.clone(),
            },
        })
    }

    /// The same at every replay of this execution.
    fn token(&self, action: &str, stack: &str) -> OperationId {
        OperationId::of_parts([self.request.execution.as_str(), action, stack])
    }
}

fn candidates(request: &Request, standing_accounts: &StandingAccountIds) -> Parameters {
    let mut candidates = request.order.parameters(&request.rest.account);
    let access_role = &request.order.platform.account_access_role;
    for (key, value) in [
        ("AutomationAccountId", standing_accounts.automation.as_str()),
        ("ManagementAccountId", standing_accounts.management.as_str()),
        ("AccountAccessRoleName", access_role.as_str()),
    ] {
        candidates.insert(key.to_owned(), value.to_owned());
    }
    candidates.into()
}

fn pending(name: &str, words: &str, progress: Progress) -> StepAnswer {
    Answer::Pending {
        waiting_for: format!("stack {name} {words}"),
        progress,
    }
}

/// The answer when CloudFormation lets nobody start anything for now: what is to do shows after it.
fn busy(id: &StackId) -> StepAnswer {
    let words = "has another operation at work on it";
    pending(id.name(), words, Progress::Wait)
}

/// A failed start, with what was to be done; where it was not allowed, with how to allow it.
fn explain(failure: Failure, doing: &str) -> Failure {
    let failure = failure.while_doing(&format!("could not {doing}"));
    if failure.name() != ErrorName::AccessDenied {
        return failure;
    }
    failure.with_remedy(
        "a downgraded access role may only look at stacks: attach AdministratorAccess to it through \
         OrganizationAccountAccessRole and send the request again, which takes it away in the end; detach it if that vend \
         fails",
    )
}
