//! The strategy `auto`: a move into a registered unit enrolls the account, and its baseline tells when that is done.
//! The baseline counts only as the child of the unit's: after a move it may show the former unit's for a while.

use avm_core::contract::step::Answer;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::control_tower::{BaselineStatus, ControlTower, EnabledBaseline};
use avm_core::rules::placement::{find_current_parent, move_account};
use futures_util::future::try_join;

use crate::preflight::Preflight;
use crate::{Attempts, Change, Progress, Step, StepAnswer, Ways, look_again};

impl<W: Ways> Step<'_, W> {
    /// Looks where the account sits and how far its baseline is; moves it if it must.
    ///
    /// # Errors
    /// See [`crate::handle`].
    pub(crate) async fn by_move(&self, progress: Option<&Progress>) -> Result<StepAnswer, Failure> {
        let change = match progress {
            Some(Progress::Baseline { change }) => Some(*change),
            _ => None,
        };
        let unit_arn = self.unit_arn(self.wanted)?;
        let account_arn = self.account.account_arn.as_str();
        let targets = [account_arn, unit_arn.as_str()];
        let (parent, mut baselines) = try_join(
            find_current_parent(self.ways.organization(), &self.account.account_id),
            self.ways.tower().baselines_on(&targets),
        )
        .await?;
        let of_account = baselines.remove(account_arn);
        let of_unit = baselines.remove(&unit_arn);
        if parent == *self.wanted {
            return self.in_place(of_account, of_unit.as_ref(), change).await;
        }
        if let Preflight::Wait(what) = self.of_landing_zone(of_unit.as_ref()).await? {
            return Ok(look_again(what, Attempts::default()));
        }
        tracing::info!(
            execution = self.request.execution.name(),
            account = self.account.account_id.as_str(),
            from = parent.as_str(),
            to = self.wanted.as_str(),
            "moves the account into the registered unit"
        );
        let units = self.ways.open_placement().await?;
        let landing_zone = &self.request.order.landing_zone.settings;
        move_account(
            &units,
            landing_zone,
            &self.account.account_id,
            parent,
            self.wanted,
        )
        .await?;
        let change = if of_account.is_some() {
            Change::Moved
        } else {
            Change::Enrolled
        };
        Ok(self.baseline_pending(change))
    }

    async fn in_place(
        &self,
        of_account: Option<EnabledBaseline>,
        of_unit: Option<&EnabledBaseline>,
        change: Option<Change>,
    ) -> Result<StepAnswer, Failure> {
        let of_this_unit = of_account.filter(|baseline| is_child(baseline, of_unit));
        let Some(baseline) = of_this_unit else {
            // Nobody waits for what cannot come.
            if let Preflight::Wait(what) = self.of_landing_zone(of_unit).await? {
                return Ok(look_again(what, Attempts::default()));
            }
            return Ok(self.baseline_pending(change.unwrap_or(Change::Enrolled)));
        };
        match &baseline.status {
            BaselineStatus::Succeeded => Ok(self.done(change.unwrap_or(Change::None), None)),
            BaselineStatus::Failed => Err(self.baseline_failed(&baseline).await),
            BaselineStatus::UnderChange | BaselineStatus::Other(_) => {
                Ok(self.baseline_pending(change.unwrap_or(Change::Enrolled)))
            }
        }
    }

    fn baseline_pending(&self, change: Change) -> StepAnswer {
        Answer::Pending {
            waiting_for: format!(
                "the baseline of the account, which Control Tower enrolls because it sits in {}",
                self.wanted
            ),
            progress: Progress::Baseline { change },
        }
    }

    async fn baseline_failed(&self, baseline: &EnabledBaseline) -> Failure {
        let mut words = "FAILED".to_owned();
        if let Some(operation) = &baseline.operation {
            words = format!("{words} (operation {operation})");
            // A reason that cannot be read must not hide the failure.
            let message = self.ways.tower().find_operation_message(operation).await;
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
