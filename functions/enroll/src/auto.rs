//! The strategy `auto`: a move into a registered unit enrolls the account, and its baselines tell when that is done.
//! A baseline counts only as the child of the unit's: after a move it may show the former unit's for a while.

use avm_core::contract::answer::Answer;
use avm_core::domain::ParentId;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::control_tower::{BaselineStatus, ControlTower, EnabledBaseline};
use avm_core::rules::placement::{find_current_parent, move_account};
use avm_core::world::World;
use futures_util::future::try_join;

use crate::missing::Missing;
use crate::plan::{Plan, baseline as baseline_in_words};
use crate::{Answered, Change, Enrolling, Notes};

/// After so many looks, some twenty minutes, a move that Control Tower shows no work for was missed: two were made at once.
const MISSED: u32 = 12;

impl<W: World> Enrolling<'_, W> {
    /// Looks where the account sits and how far its baselines are.
    pub(crate) async fn look_at_baseline(&self) -> Result<Plan, Failure> {
        let unit_arn = self.unit_arn(self.wanted)?;
        let account_arn = self.account.account_arn.as_str();
        let targets = [account_arn, unit_arn.as_str()];
        let (organization, tower) = try_join(self.open_organization(), self.open_tower()).await?;
        let (parent, mut baselines) = try_join(
            find_current_parent(&organization, &self.account.account_id),
            tower.all_baselines_on(&targets),
        )
        .await?;
        let of_account = baselines.remove(account_arn).unwrap_or_default();
        let of_unit = baselines.remove(&unit_arn).unwrap_or_default();
        let of_unit = OfUnit {
            has_controls: of_unit.is_empty() && tower.has_controls(&[&unit_arn]).await?,
            baselines: of_unit,
        };
        if parent == *self.wanted {
            return self.in_place(&tower, &of_account, &of_unit).await;
        }
        if let Some(plan) = self.find_obstacle(&tower, &of_unit).await? {
            return Ok(plan);
        }
        let change = match self.call.notes() {
            Some(Notes::Baseline { change, .. }) => *change,
            _ if of_account.is_empty() => Change::Enrolled,
            _ => Change::Moved,
        };
        let is_busy = |one: &EnabledBaseline| one.status == BaselineStatus::UnderChange;
        let turn = if of_account.iter().any(is_busy) {
            Some("Control Tower to end what it is doing with the account".to_owned())
        } else {
            self.find_others_turn(&tower, &of_unit).await?
        };
        if let Some(words) = turn {
            return Ok(Plan::AwaitTurn { change, words });
        }
        Ok(Plan::Move {
            from: parent,
            to: self.wanted.clone(),
            change,
        })
    }

    /// Whose turn it is, if it is not the account's: Control Tower enrolls one moved account of a unit at a time, and misses
    /// the others (AWS Control Tower User Guide, "Limitations and quotas").
    async fn find_others_turn(
        &self,
        tower: &impl ControlTower,
        of_unit: &OfUnit,
    ) -> Result<Option<String>, Failure> {
        let baselines = of_unit.baselines.iter();
        let units: Vec<&str> = baselines.map(|unit| unit.arn.as_str()).collect();
        if units.is_empty() {
            return Ok(None);
        }
        let mut at_work = tower.accounts_under_change(&units).await?;
        at_work.remove(&self.account.account_arn);
        let unit = self.wanted;
        Ok((!at_work.is_empty()).then(|| {
            format!(
                "the account's turn in {unit}: Control Tower is at work on {} of its accounts, and enrolls one that is moved \
                 at a time",
                at_work.len()
            )
        }))
    }

    async fn in_place(
        &self,
        tower: &impl ControlTower,
        of_account: &[EnabledBaseline],
        of_unit: &OfUnit,
    ) -> Result<Plan, Failure> {
        let (change, unseen) = match self.call.notes() {
            Some(Notes::Baseline { change, unseen }) => (Some(*change), *unseen),
            _ => (None, 0),
        };
        let awaited = |unseen| Plan::AwaitBaseline {
            change: change.unwrap_or(Change::Enrolled),
            unit: self.wanted.clone(),
            unseen,
        };
        let progress = Progress::of(of_account, of_unit);
        if let Progress::Settled = progress {
            return Ok(Plan::Settled {
                change: change.unwrap_or(Change::None),
                execution_role: None,
            });
        }
        if let Progress::UnderChange = progress {
            return Ok(awaited(0));
        }
        // Nobody waits for what cannot come.
        if let Some(plan) = self.find_obstacle(tower, of_unit).await? {
            return Ok(plan);
        }
        let again = |change| Plan::Leave {
            from: self.wanted.clone(),
            change,
        };
        match progress {
            // It was so before this vend, which tries once to repair it.
            Progress::Failed(_) if change.is_none() => Ok(again(Change::Repaired)),
            Progress::Failed(baseline) => Err(self.baseline_failed(tower, baseline).await),
            _ if unseen < MISSED => Ok(awaited(unseen + 1)),
            _ => Ok(match self.find_others_turn(tower, of_unit).await? {
                Some(_) => awaited(unseen),
                None => again(change.unwrap_or(Change::Enrolled)),
            }),
        }
    }

    /// What has to end before a move into the unit enrolls the account: a change of the landing zone, or of the registration
    /// of the unit.
    ///
    /// Fails with `EnrolmentNotPossible` with everything that is missing.
    async fn find_obstacle(
        &self,
        tower: &impl ControlTower,
        of_unit: &OfUnit,
    ) -> Result<Option<Plan>, Failure> {
        let mut missing = Missing::default();
        let landing_zone = tower.find_landing_zone().await?;
        let is_processing = landing_zone.as_ref().is_some_and(|one| one.is_processing);
        match landing_zone {
            None => missing.add(
                format!("AWS Control Tower has no landing zone in {}", self.settings.region),
                "set up the landing zone, or correct controlTower.region in the platform document",
            ),
            Some(state) if !state.enrolls_moved_accounts => missing.add(
                format!(
                    "the landing zone (version {}) does not enroll accounts that are moved into a registered unit",
                    state.version
                ),
                "switch on automatic enrollment (remediation of inheritance drift, landing zone 3.1 or later) in AWS Control \
                 Tower, or set the landing zone's enrollment to service-catalog",
            ),
            Some(_) => {}
        }
        // The first one that is not as it should be decides; without any, and without a control, the unit is not governed.
        let is_off = |one: &&EnabledBaseline| one.status != BaselineStatus::Succeeded;
        let baselines = &of_unit.baselines;
        let decisive = baselines.iter().find(is_off).or(baselines.first());
        let is_registered = of_unit.has_controls || self.is_registered(decisive, &mut missing);
        missing.check()?;
        if is_processing {
            let what = "the landing zone, which is PROCESSING".to_owned();
            return Ok(Some(Plan::Wait { what }));
        }
        Ok((!is_registered).then(|| self.wait_for_registration()))
    }

    pub(crate) async fn move_account(
        &self,
        from: ParentId,
        change: Change,
    ) -> Result<Answered, Failure> {
        let (account, to) = (&self.account.account_id, self.wanted);
        tracing::info!(
            execution = self.call.execution.name(),
            %account,
            %from,
            %to,
            "moves the account into the registered unit"
        );
        let units = self.world.organization(Door::Placement).await?;
        let landing_zone = &self.call.order.landing_zone.settings;
        move_account(&units, landing_zone, account, from, to).await?;
        Ok(self.baseline_pending(change, 0))
    }

    /// Moves the account to the root, where nothing enrolls it. `ResetEnabledBaseline` on the unit would do with less, and would
    /// leave the account without the optional controls of its unit (AWS Control Tower User Guide, "Partial enrollment").
    pub(crate) async fn leave(&self, from: ParentId, change: Change) -> Result<Answered, Failure> {
        let account = &self.account.account_id;
        tracing::warn!(
            execution = self.call.execution.name(),
            %account,
            %from,
            "Control Tower has not enrolled the account: moves it out and in again"
        );
        let words = format!("the account to leave {from}, where Control Tower has not enrolled it");
        self.move_to_root(from).await?;
        Ok(Answer::Working {
            waiting_for: words,
            notes: Notes::Baseline { change, unseen: 0 },
        })
    }

    pub(crate) async fn move_to_root(&self, from: ParentId) -> Result<(), Failure> {
        let units = self.world.organization(Door::Placement).await?;
        let root = from.root();
        let landing_zone = &self.call.order.landing_zone.settings;
        move_account(&units, landing_zone, &self.account.account_id, from, &root).await
    }

    pub(crate) fn baseline_pending(&self, change: Change, unseen: u32) -> Answered {
        Answer::Working {
            waiting_for: baseline_in_words(self.wanted),
            notes: Notes::Baseline { change, unseen },
        }
    }

    async fn baseline_failed(
        &self,
        tower: &impl ControlTower,
        baseline: &EnabledBaseline,
    ) -> Failure {
        let mut words = "FAILED".to_owned();
        if let Some(operation) = &baseline.operation {
            words = format!("{words} (operation {operation})");
            // A reason that cannot be read must not hide the failure.
            let message = tower.find_operation_message(operation).await;
            if let Ok(Some(message)) = message {
                words = format!("{words}: {message}");
            }
        }
        Failure::new(
            ErrorName::EnrolmentFailed,
            format!("the baseline of the account in {} is {words}", self.wanted),
        )
        .with_remedy(
            "repair the cause and send the request again, which moves the account out of its unit and in again; or enroll it \
             in AWS Control Tower (re-register its organizational unit)",
        )
    }
}

/// What Control Tower has enabled on the unit.
struct OfUnit {
    baselines: Vec<EnabledBaseline>,
    /// Whether it has controls and no baseline (landing zone 4.0): policies that hold at once, of which an account shows nothing.
    has_controls: bool,
}

/// How far the account is with what its unit has enabled.
enum Progress<'a> {
    /// It has all of it.
    Settled,
    UnderChange,
    Failed(&'a EnabledBaseline),
    /// Something is missing or has drifted, and nothing is done about it.
    Missing,
}

impl<'a> Progress<'a> {
    fn of(of_account: &'a [EnabledBaseline], of_unit: &OfUnit) -> Self {
        if of_unit.has_controls {
            return Self::under_controls(of_account);
        }
        let of_unit = &of_unit.baselines;
        let of_this_unit: Vec<&EnabledBaseline> = of_account
            .iter()
            .filter(|baseline| is_child(baseline, of_unit))
            .collect();
        let is = |status: BaselineStatus| {
            let mut found = of_this_unit.iter();
            found.find(|baseline| baseline.status == status)
        };
        if let Some(failed) = is(BaselineStatus::Failed) {
            return Self::Failed(failed);
        }
        let has_all = of_unit.iter().all(|unit| {
            let mut children = of_this_unit.iter();
            children.any(|child| {
                child
                    .parent
                    .as_ref()
                    .is_none_or(|parent| *parent == unit.arn)
            })
        });
        let is_done = |baseline: &&EnabledBaseline| {
            baseline.status == BaselineStatus::Succeeded && !baseline.is_drifted
        };
        if has_all && !of_this_unit.is_empty() && of_this_unit.iter().all(is_done) {
            Self::Settled
        } else if of_this_unit
            .iter()
            .any(|one| one.status != BaselineStatus::Succeeded)
        {
            Self::UnderChange
        } else {
            Self::Missing
        }
    }
}

impl Progress<'_> {
    /// Nothing is enabled on the account, and what its former unit has given it may still be on its way out.
    fn under_controls(of_account: &[EnabledBaseline]) -> Self {
        let mut found = of_account.iter();
        if found.any(|one| one.status == BaselineStatus::UnderChange) {
            Self::UnderChange
        } else {
            Self::Settled
        }
    }
}

/// Whether the account's baseline comes from the unit; where Control Tower does not tell, it does.
fn is_child(of_account: &EnabledBaseline, of_unit: &[EnabledBaseline]) -> bool {
    let parent = of_account.parent.as_ref();
    parent.is_none_or(|parent| of_unit.iter().any(|unit| unit.arn == *parent))
}
