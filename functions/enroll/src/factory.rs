//! The strategy `service-catalog`: the account is enrolled, moved and repaired by the product of the Account Factory.
//! Read, plan, show, apply; the operation that is started is followed by its record.

use std::ops::ControlFlow;

use avm_core::contract::step::Answer;
use avm_core::domain::{OperationId, ParentId, ProvisionedProductId, RecordId};
use avm_core::error::{Failure, Kind};
use avm_core::ports::account_factory::{AccountFactory, Enrollment, ProvisionedProduct, Start};
use avm_core::ports::control_tower::ControlTower;
use avm_core::ports::organizational_units::{Child, OrganizationTree};
use avm_core::rules::placement::{find_current_parent, move_account};
use futures_util::future::try_join;

use crate::plan::{Found, Plan};
use crate::preflight::{Preflight, Ready};
use crate::room::{queued, without_room};
use crate::{
    Attempts, Change, Progress, Purpose, Step, StepAnswer, Ways, look_again, product_name,
};

/// Levels of units below the root (Organizations quota); as many targets as Control Tower takes in one question.
const DEEPEST: usize = 5;

impl<W: Ways> Step<'_, W> {
    /// Begins, or goes on where the last answer has stopped.
    ///
    /// # Errors
    /// See [`crate::handle`].
    pub(crate) async fn by_factory(
        &self,
        progress: Option<&Progress>,
    ) -> Result<StepAnswer, Failure> {
        match progress {
            None | Some(Progress::Baseline { .. }) => self.look(&Attempts::default()).await,
            Some(Progress::Look {
                attempts,
                queued: true,
            }) => match self.find_lack_of_room().await? {
                Some(words) => Ok(queued(&words, attempts.clone())),
                None => self.look(attempts).await,
            },
            Some(Progress::Look { attempts, .. }) => self.look(attempts).await,
            Some(Progress::Record {
                record,
                purpose,
                attempts,
            }) => self.follow(record, *purpose, attempts).await,
        }
    }

    pub(crate) async fn look(&self, attempts: &Attempts) -> Result<StepAnswer, Failure> {
        let found = self.find().await?;
        let token = self.token("enroll", self.account.account_id.as_str(), attempts);
        let plan = Plan::new(&found, self.wanted, &token)?;
        tracing::info!(
            execution = self.request.execution.name(),
            account = self.account.account_id.as_str(),
            is_empty = plan.is_empty(),
            %plan,
            "planned the enrollment"
        );
        match plan {
            Plan::Nothing if attempts.is_first() => {
                let outcome = self.settle_role_of_earlier().await?;
                Ok(self.done(Change::None, outcome))
            }
            // Tried here before, and the last answer was lost.
            Plan::Nothing => self.finish(Purpose::Repair, attempts).await,
            Plan::Finish => self.finish(Purpose::Enroll, attempts).await,
            Plan::Follow(record) => self.follow(&record, Purpose::Enroll, attempts).await,
            Plan::Wait(what) => Ok(look_again(what, attempts.clone())),
            Plan::Enroll => self.enroll(found.parent, attempts, &token).await,
            Plan::Update(product, purpose) => self.update(&product, purpose, attempts).await,
            Plan::Remove(product) => self.remove(&product, attempts).await,
        }
    }

    async fn find(&self) -> Result<Found, Failure> {
        let id = &self.account.account_id;
        let (of_account, parent) = try_join(
            self.ways.factory().find_of_account(id),
            find_current_parent(self.ways.organization(), id),
        )
        .await?;
        let product = match of_account {
            Some(product) => Some(product),
            None => self.ways.factory().find_named(&product_name(id)).await?,
        };
        let baseline = if product.is_none() {
            let target = self.account.account_arn.as_str();
            let mut baselines = self.ways.tower().baselines_on(&[target]).await?;
            baselines.remove(target)
        } else {
            None
        };
        Ok(Found {
            product,
            parent,
            baseline,
        })
    }

    async fn enroll(
        &self,
        parent: ParentId,
        attempts: &Attempts,
        token: &OperationId,
    ) -> Result<StepAnswer, Failure> {
        let ready = match self.of_operation(attempts).await? {
            ControlFlow::Continue(ready) => ready,
            ControlFlow::Break(answer) => return Ok(answer),
        };
        if self.is_governed(&parent).await? {
            return self.free(parent, attempts).await;
        }
        self.prepare_role().await?;
        let start = match self.start_enrollment(&ready, token).await {
            Ok(start) => start,
            Err(failure) if failure.name().kind() == Kind::Busy => return Err(failure),
            Err(failure) => return Err(self.give_up(failure).await),
        };
        Ok(started(start, Purpose::Enroll, attempts))
    }

    async fn start_enrollment(
        &self,
        ready: &Ready<'_>,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        let enrollment = Enrollment {
            offer: &ready.offer,
            name: &product_name(&self.account.account_id),
            account: self.account,
            user: ready.user,
            unit: &ready.unit,
        };
        self.ways
            .factory()
            .start_enrollment(&enrollment, token)
            .await
    }

    /// Whether the account sits in a unit that Control Tower governs, or below one: controls are inherited, and let nobody
    /// make the execution role.
    async fn is_governed(&self, parent: &ParentId) -> Result<bool, Failure> {
        let mut arns = Vec::new();
        let mut at = Some(parent.clone());
        while let Some(unit) = at.filter(|at| !at.is_root() && arns.len() < DEEPEST) {
            if unit == *self.wanted {
                return Ok(true);
            }
            arns.push(self.unit_arn(&unit)?);
            at = self
                .ways
                .organization()
                .find_parent(Child::Unit(&unit))
                .await?;
        }
        if arns.is_empty() {
            return Ok(false);
        }
        let targets: Vec<&str> = arns.iter().map(String::as_str).collect();
        let baselines = self.ways.tower().baselines_on(&targets).await?;
        Ok(!baselines.is_empty())
    }

    /// Moves the account back to the root, where no control of Control Tower keeps the execution role from being made.
    async fn free(&self, parent: ParentId, attempts: &Attempts) -> Result<StepAnswer, Failure> {
        let units = self.ways.open_placement().await?;
        let root = units.find_root().await?;
        tracing::info!(
            execution = self.request.execution.name(),
            account = self.account.account_id.as_str(),
            from = parent.as_str(),
            "moves the account to the root: it is enrolled from there"
        );
        let words = format!("the controls of {parent} to leave the account");
        let landing_zone = &self.request.order.landing_zone.settings;
        move_account(
            &units,
            landing_zone,
            &self.account.account_id,
            parent,
            &root,
        )
        .await?;
        Ok(look_again(words, attempts.clone()))
    }

    async fn update(
        &self,
        product: &ProvisionedProduct,
        purpose: Purpose,
        attempts: &Attempts,
    ) -> Result<StepAnswer, Failure> {
        let ready = match self.of_operation(attempts).await? {
            ControlFlow::Continue(ready) => ready,
            ControlFlow::Break(answer) => return Ok(answer),
        };
        // An enrolled account has its role, in all likelihood: it is looked after only where Control Tower misses it.
        if attempts.role_not_seen {
            self.prepare_role().await?;
        }
        let token = self.update_token(&product.id, attempts);
        let start = self
            .ways
            .factory()
            .start_update(&product.id, &ready.offer, &ready.unit, &token)
            .await?;
        Ok(started(start, purpose, attempts))
    }

    async fn remove(
        &self,
        product: &ProvisionedProduct,
        attempts: &Attempts,
    ) -> Result<StepAnswer, Failure> {
        if let Preflight::Wait(what) = self.of_factory().await? {
            return Ok(look_again(what, attempts.clone()));
        }
        let token = self.token("remove", product.id.as_str(), attempts);
        let start = self
            .ways
            .factory()
            .start_removal(&product.id, &token)
            .await?;
        let is_of_earlier = attempts.without_room == 0 && !attempts.role_not_seen;
        let has_begun = matches!(start, Start::Started(_));
        let attempts = Attempts {
            repairs: attempts.repairs || (has_begun && is_of_earlier),
            ..attempts.clone()
        };
        Ok(started(start, Purpose::Remove, &attempts))
    }

    /// The end of an operation that has succeeded.
    pub(crate) async fn finish(
        &self,
        purpose: Purpose,
        attempts: &Attempts,
    ) -> Result<StepAnswer, Failure> {
        let change = match purpose {
            Purpose::Enroll if attempts.repairs => Change::Repaired,
            Purpose::Enroll => Change::Enrolled,
            Purpose::Move => Change::Moved,
            Purpose::Repair if attempts.moves => Change::Moved,
            Purpose::Repair | Purpose::Remove => Change::Repaired,
        };
        let outcome = self.settle_role().await?;
        Ok(self.done(change, Some(outcome)))
    }

    fn update_token(&self, product: &ProvisionedProductId, attempts: &Attempts) -> OperationId {
        self.token(
            &format!("update {}", self.wanted),
            product.as_str(),
            attempts,
        )
    }

    /// The same at every replay of this try of this execution.
    fn token(&self, action: &str, on: &str, attempts: &Attempts) -> OperationId {
        let without_room = attempts.without_room.to_string();
        let role = attempts.role_not_seen.to_string();
        let execution = self.request.execution.as_str();
        OperationId::of_parts([execution, action, on, &without_room, &role])
    }
}

/// The answer when an operation was started, or could not be for now.
fn started(start: Start, purpose: Purpose, attempts: &Attempts) -> StepAnswer {
    match start {
        Start::Started(record) => running(record, purpose, attempts),
        Start::NameTaken => look_again("the provisioned product to show", attempts.clone()),
        Start::Gone => look_again("the provisioned product to be gone", attempts.clone()),
        Start::Busy(words) => without_room(&words, attempts),
    }
}

/// The answer while an operation runs.
pub(crate) fn running(record: RecordId, purpose: Purpose, attempts: &Attempts) -> StepAnswer {
    let doing = match purpose {
        Purpose::Enroll => "enrolls the account",
        Purpose::Move => "moves the account",
        Purpose::Repair => "applies the account's provisioned product again",
        Purpose::Remove => "takes away what a failed enrollment has left behind",
    };
    Answer::Pending {
        waiting_for: format!("the Account Factory, which {doing} (record {record})"),
        progress: Progress::Record {
            record,
            purpose,
            attempts: attempts.clone(),
        },
    }
}
