//! Creates or adopts the account and proves that it can be used.
//! Every call looks before it writes, so that the step may be repeated at any point.

mod adopt;
mod create;
mod landing_zone;
mod owned;
mod plan;
mod refusal;
#[cfg(test)]
mod tests;
mod turn;

use std::sync::OnceLock;

use avm_core::contract::answer::Answer;
use avm_core::contract::call::{Mode, Nothing, Request};
use avm_core::domain::{Account, AccountId, Moment};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::accounts::Accounts;
use avm_core::ports::executions::RunningVend;
use avm_core::ports::readiness::{Probe, Readiness};
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

pub use plan::{Found, Leave, Plan};

/// The step.
pub struct CreateAccount;

/// What the machine sends.
pub type Call = Request<Notes, Nothing, Nothing>;

/// How far the step has come; handed back at the next call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Notes {
    /// The creation that is waited for, `car-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_account_request_id: Option<String>,
    /// Whether this execution has asked for it, and so for the account that it makes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_asked: bool,
    /// Where the walk over all accounts goes on, after that creation was refused for the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walked_to: Option<String>,
    /// Whether AWS has had no room for the account: one cheap look tells when it may have some.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub queued: bool,
    /// The account, as soon as it is known to be the order's own: its tags are not read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// Whether it has no room for the tags of the vend.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub full_of_tags: bool,
    /// How often the account that the request names was not visible, or the owner's tags of the one of its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks_in_vain: Option<u32>,
    /// The account as it was found: until it is ready, nothing else is asked about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Known>,
}

/// What is known of an account that is the order's own and not ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Known {
    pub account: Account,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// Since when the organization has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Moment>,
    /// Whether it was there before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_invited: bool,
    /// Whether this execution has made it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub created: bool,
}

impl Notes {
    fn queued() -> Self {
        Self {
            queued: true,
            ..Self::default()
        }
    }

    fn of_account(id: &AccountId) -> Self {
        Self {
            account_id: Some(id.clone()),
            ..Self::default()
        }
    }
}

/// The account that exists and is ready, as AWS Organizations shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    pub account: Account,
    /// Which of `AccountName` and `AccountEmail` are others there than in the order: the account is the order's all the same.
    #[serde(default)]
    pub differs: Vec<String>,
    /// Whether this execution has made it: such an account has nothing of an earlier vend.
    #[serde(default)]
    pub created: bool,
}

const fn looks(looks: u32) -> Wait {
    Wait {
        looks,
        first: 10,
        growth: 5,
        longest: 30,
    }
}

impl Step for CreateAccount {
    const NAME: &'static str = "create-account";
    const DOORS: &'static [Door] = &[Door::Accounts, Door::Own, Door::MemberAccess];
    const PROVES_CALLER: bool = true;
    /// Two hours for room among the five creations that AWS works on at a time, or for another vend of the account; then 39
    /// minutes for the creation and until the account can be used.
    const PATIENCE: Option<Patience> = Some(Patience {
        work: looks(80),
        turn: Some(looks(250)),
        gives_up: ErrorName::AccountCreationTimedOut,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with what forbids to use the account that is there (`AccountMismatch`, `EmailAlreadyInUse`, `AccountNotActive`,
    /// `LandingZoneNotAllowed`, `InvalidRequest`), `AccountNotFound`, and what AWS gives as the reason of a failed creation.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        if let Some(known) = call.notes().and_then(|notes| notes.found.clone()) {
            let id = &known.account.account_id;
            world.standing().refuse(id, "AccountId")?;
            return Ok(Plan::Use(known.into()));
        }
        let plan = Search::open(call, world).await?.plan().await?;
        match &plan {
            Plan::Use(Found {
                full_of_tags: Some(failure),
                account,
                ..
            }) if call.mode != Mode::Act => Err(failure.clone().of_account(&account.account_id)),
            _ => Ok(plan),
        }
    }

    /// Fails as the look does, and with what keeps it from asking whether the account is ready.
    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let sought = match plan {
            Plan::Create(account) => Search::open(call, world).await?.start(&account).await?,
            sought => Some(sought),
        };
        match sought {
            Some(Plan::Use(found)) => prove_ready(call, world, found).await,
            Some(Plan::Wait { waiting_for, notes }) => Ok(Answer::Working { waiting_for, notes }),
            Some(Plan::WaitForTurn { waiting_for }) => Ok(Answer::Queued {
                waiting_for,
                notes: Notes::default(),
            }),
            Some(Plan::WaitForRoom { waiting_for }) => Ok(Answer::Queued {
                waiting_for,
                notes: Notes::queued(),
            }),
            Some(Plan::WaitInCrowd { waiting_for }) => Ok(Answer::Crowded {
                waiting_for,
                notes: Notes::queued(),
            }),
            Some(Plan::Create(_)) | None => Err(Failure::new(
                ErrorName::Internal,
                "AWS Organizations made an account of another address than the one that was asked for",
            )),
        }
    }

    fn foresee(_: &Call, plan: &Plan) -> Option<Done> {
        match plan {
            Plan::Use(found) => Some(Done {
                account: found.account.clone(),
                differs: found.differs.clone(),
                created: found.created,
            }),
            Plan::Wait { .. }
            | Plan::WaitForTurn { .. }
            | Plan::WaitForRoom { .. }
            | Plan::WaitInCrowd { .. }
            | Plan::Create(_) => None,
        }
    }

    /// Only what has passed every check is told: it is marked if the vend fails.
    fn account(_call: &Call, answer: &Acted<Self>) -> Option<AccountId> {
        match answer {
            Answer::Done(done) => Some(done.account.account_id.clone()),
            Answer::Working { notes, .. }
            | Answer::Queued { notes, .. }
            | Answer::Crowded { notes, .. } => notes.account_id.clone(),
        }
    }
}

/// The search for the account of an order, and where it looks.
struct Search<'a, A, W> {
    call: &'a Call,
    world: &'a W,
    accounts: A,
    running: OnceLock<Vec<RunningVend>>,
}

impl<'a, W: World> Search<'a, (), W> {
    async fn open(
        call: &'a Call,
        world: &'a W,
    ) -> Result<Search<'a, impl Accounts + use<'a, W>, W>, Failure> {
        Ok(Search {
            call,
            world,
            accounts: world.accounts(Door::Accounts).await?,
            running: OnceLock::new(),
        })
    }
}

impl<A: Accounts, W: World> Search<'_, A, W> {
    async fn plan(&self) -> Result<Plan, Failure> {
        if let Some(id) = &self.call.order.request.account_id {
            return self.adopt_by_id(id).await;
        }
        match self.call.notes() {
            Some(Notes {
                account_id: Some(id),
                has_asked,
                ..
            }) => {
                let plan = self.adopt_by_id(id).await?;
                Ok(plan.of_creation(*has_asked))
            }
            _ => self.find_or_create().await,
        }
    }
}

/// Whether an earlier look has found the account and told the machine, so that its tags and its turn are not asked again.
fn is_told(call: &Call, id: &AccountId) -> bool {
    call.notes().and_then(|notes| notes.account_id.as_ref()) == Some(id)
}

async fn prove_ready(
    call: &Call,
    world: &impl World,
    found: Found,
) -> Result<Acted<CreateAccount>, Failure> {
    let Found {
        account,
        differs,
        joined,
        is_invited,
        full_of_tags,
        created,
        ..
    } = found;
    let platform = &call.order.platform;
    let id = &account.account_id;
    let probe = Probe {
        account: id,
        access_role: &platform.account_access_role,
        region: &platform.region,
    };
    let notes = Notes {
        full_of_tags: full_of_tags.is_some(),
        found: full_of_tags.is_none().then(|| Known {
            account: account.clone(),
            differs: differs.clone(),
            joined,
            is_invited,
            created,
        }),
        ..Notes::of_account(id)
    };
    let is_told = is_told(call, id);
    let asked = match full_of_tags {
        Some(failure) => Err(failure),
        None => async { world.readiness().await?.find_obstacle(&probe).await }.await,
    };
    let asked = asked.and_then(|obstacle| match obstacle {
        Some(obstacle) if refusal::is_meant(&obstacle, is_invited, joined, call, world) => {
            Err(refusal::of(&obstacle, &probe, world))
        }
        other => Ok(other.map(|obstacle| obstacle.words)),
    });
    let obstacle = match asked {
        // First the machine learns whose failure it is, so that it can be recorded on the account; then it fails.
        Err(failure) if !is_told => Some(failure.cause().to_owned()),
        asked => asked.map_err(|failure| failure.of_account(id))?,
    };
    Ok(match obstacle {
        Some(waiting_for) => Answer::Working { waiting_for, notes },
        None => Answer::Done(Done {
            account,
            differs,
            created,
        }),
    })
}
