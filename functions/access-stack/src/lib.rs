//! Deploys the access stack, the one that lets StackSets into the account: read, compare, show, apply, and follow.
//! meshStack may have deployed it already, and the access role may have been downgraded: then it can be looked at only.

mod follow;
mod plan;
mod template;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use shared::config::AccessStackTemplate;
use shared::domain::{AccountId, OperationId, Parameters, StackId};
use shared::error::{ErrorName, Failure};
use shared::ports::stacks::{Creation, Mark, Specification, Stacks, Update};
use shared::step::{Answer, OnAccount, StepRequest};

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
/// `StackFailed` with the first failed resource, `StackBusy`, `InvalidConfiguration` for a template that CloudFormation
/// refuses, `AccessDenied` where the access role has been downgraded and a change is needed.
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
            Plan::Nothing(stack) => Ok(Answer::Done(Done {
                stack_name: stack.name,
                stack_id: stack.id,
                change: Change::None,
            })),
            Plan::Wait(stack) => Ok(Answer::Pending {
                waiting_for: format!("stack {} is {}", stack.name, stack.status),
                progress: Progress::Wait,
            }),
            Plan::Create => self.create(STACK_NAME, Change::Create).await,
            Plan::Update { stack, .. } => self.update(stack.id).await,
            Plan::Recreate(stack) => {
                let token = self.token("delete", stack.id.as_str());
                self.stacks
                    .start_deletion(&stack.id, &token)
                    .await
                    .map_err(|failure| explain(failure, &shown))?;
                Ok(pending(
                    &stack.name,
                    "is being deleted",
                    Progress::Delete { stack_id: stack.id },
                ))
            }
            Plan::ContinueRollback(stack) => {
                let token = self.token("rollback", stack.id.as_str());
                self.stacks
                    .start_rollback(&stack.id, &token)
                    .await
                    .map_err(|failure| explain(failure, &shown))?;
                let progress = Progress::Rollback { stack_id: stack.id };
                Ok(pending(&stack.name, "goes on with its rollback", progress))
            }
            Plan::Failed(stack) => Err(self.failed(&stack, "was to be created").await),
        }
    }

    async fn create(&self, name: &str, change: Change) -> Result<StepAnswer, Failure> {
        let doing = format!("create stack {name}");
        let specification = self.specification(&doing).await?;
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

    async fn update(&self, stack_id: StackId) -> Result<StepAnswer, Failure> {
        let doing = format!("update stack {}", stack_id.name());
        let specification = self.specification(&doing).await?;
        let token = self.token("update", stack_id.as_str());
        let update = self
            .stacks
            .start_update(&stack_id, &specification, &token)
            .await
            .map_err(|failure| explain(failure, &doing))?;
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
        }
    }

    async fn specification(&self, doing: &str) -> Result<Specification, Failure> {
        let (template, declared) = template::read(self.template, self.stacks)
            .await
            .map_err(|failure| explain(failure, doing))?;
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

/// A failed start, with what was to be done; where it was not allowed, with how to allow it.
fn explain(failure: Failure, doing: &str) -> Failure {
    let failure = failure.while_doing(&format!("could not {doing}"));
    if failure.name() != ErrorName::AccessDenied {
        return failure;
    }
    failure.with_remedy(
        "a downgraded access role may only look at stacks: attach AdministratorAccess to it through \
         OrganizationAccountAccessRole and send the request again, which takes it away in the end",
    )
}
