//! The strategy `auto`: a move into a registered unit enrolls the account, and its baseline tells when that is done.
//! The baseline counts only as the child of the unit's: after a move it may show the former unit's for a while.

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

impl<W: World> Enrolling<'_, W> {
    /// Looks where the account sits and how far its baseline is.
    pub(crate) async fn look_at_baseline(&self) -> Result<Plan, Failure> {
        let unit_arn = self.unit_arn(self.wanted)?;
        let account_arn = self.account.account_arn.as_str();
        let targets = [account_arn, unit_arn.as_str()];
        let (organization, tower) = try_join(self.open_organization(), self.open_tower()).await?;
        let (parent, mut baselines) = try_join(
            find_current_parent(&organization, &self.account.account_id),
            tower.baselines_on(&targets),
        )
        .await?;
        let of_account = baselines.remove(account_arn);
        let of_unit = baselines.remove(&unit_arn);
        if parent == *self.wanted {
            return self.in_place(&tower, of_account, of_unit.as_ref()).await;
        }
        if !self
            .enrolls_moved_accounts(&tower, of_unit.as_ref())
            .await?
        {
            return Ok(self.wait_for_registration());
        }
        let change = match of_account {
            Some(_) => Change::Moved,
            None => Change::Enrolled,
        };
        Ok(Plan::Move {
            from: parent,
            to: self.wanted.clone(),
            change,
        })
    }

    async fn in_place(
        &self,
        tower: &impl ControlTower,
        of_account: Option<EnabledBaseline>,
        of_unit: Option<&EnabledBaseline>,
    ) -> Result<Plan, Failure> {
        let change = match self.call.notes() {
            Some(Notes::Baseline { change }) => Some(*change),
            _ => None,
        };
        let awaited = Plan::AwaitBaseline {
            change: change.unwrap_or(Change::Enrolled),
            unit: self.wanted.clone(),
        };
        let of_this_unit = of_account.filter(|baseline| is_child(baseline, of_unit));
        let Some(baseline) = of_this_unit else {
            // Nobody waits for what cannot come.
            let comes = self.enrolls_moved_accounts(tower, of_unit).await?;
            return Ok(if comes {
                awaited
            } else {
                self.wait_for_registration()
            });
        };
        match &baseline.status {
            BaselineStatus::Succeeded => Ok(Plan::Settled {
                change: change.unwrap_or(Change::None),
                execution_role: None,
            }),
            BaselineStatus::Failed => Err(self.baseline_failed(tower, &baseline).await),
            BaselineStatus::UnderChange | BaselineStatus::Other(_) => Ok(awaited),
        }
    }

    /// Whether a move into the unit enrolls the account; if not, the registration of the unit is being changed.
    ///
    /// Fails with `EnrolmentNotPossible` with everything that is missing.
    async fn enrolls_moved_accounts(
        &self,
        tower: &impl ControlTower,
        unit: Option<&EnabledBaseline>,
    ) -> Result<bool, Failure> {
        let mut missing = Missing::default();
        match tower.find_landing_zone().await? {
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
        let is_registered = self.is_registered(unit, &mut missing);
        missing.check()?;
        Ok(is_registered)
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
        Ok(self.baseline_pending(change))
    }

    pub(crate) fn baseline_pending(&self, change: Change) -> Answered {
        Answer::Working {
            waiting_for: baseline_in_words(self.wanted),
            notes: Notes::Baseline { change },
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
            "repair the cause and enroll the account again in AWS Control Tower (re-register its organizational unit), then \
             send the request again",
        )
    }
}

/// Whether the account's baseline comes from the unit; where Control Tower does not tell, it does.
fn is_child(of_account: &EnabledBaseline, of_unit: Option<&EnabledBaseline>) -> bool {
    match (&of_account.parent, of_unit) {
        (Some(parent), Some(unit)) => *parent == unit.arn,
        (None, _) => true,
        (Some(_), None) => false,
    }
}
