//! The operations of the Account Factory: each is started once what it needs is there and Control Tower has room for it.
//! Where one of this execution has failed, what only needs time is tried again and everything else is the end.

use std::ops::ControlFlow;

use avm_core::domain::ParentId;
use avm_core::error::{Failure, Kind};
use avm_core::ports::account_factory::{AccountFactory, Enrollment, Offer, Start, Unit};
use avm_core::world::World;
use futures_util::future::try_join;

use super::failure::failed;
use super::room::{queued, without_room};
use super::{product_name, running};
use crate::plan::{Ending, Product};
use crate::role::EXECUTION_ROLE;
use crate::{Answered, Attempts, Enrolling, Purpose, look_again};

impl<W: World> Enrolling<'_, W> {
    pub(crate) async fn enroll(
        &self,
        unit_name: String,
        from: ParentId,
        is_governed: bool,
    ) -> Result<Answered, Failure> {
        let offer = match self.offer_with_room().await? {
            ControlFlow::Continue(offer) => offer,
            ControlFlow::Break(answer) => return Ok(answer),
        };
        if is_governed {
            return self.free(from).await;
        }
        self.prepare_role().await?;
        let start = match self.start_enrollment(&offer, unit_name).await {
            Ok(start) => start,
            Err(failure) if failure.name().kind() == Kind::Busy => return Err(failure),
            Err(failure) => return Err(self.give_up(failure).await),
        };
        Ok(started(start, Purpose::Enroll, &self.attempts))
    }

    async fn start_enrollment(&self, offer: &Offer, unit_name: String) -> Result<Start, Failure> {
        let (_, user) = self.configured()?;
        let enrollment = Enrollment {
            offer,
            name: &product_name(&self.account.account_id),
            account: self.account,
            user,
            unit: &self.unit(unit_name),
        };
        let factory = self.open_factory().await?;
        factory
            .start_enrollment(&enrollment, &self.enrollment_token())
            .await
    }

    /// Moves the account back to the root, where no control of Control Tower keeps the execution role from being made.
    async fn free(&self, from: ParentId) -> Result<Answered, Failure> {
        let account = &self.account.account_id;
        tracing::info!(
            execution = self.call.execution.name(),
            %account,
            %from,
            "moves the account to the root: it is enrolled from there"
        );
        let words = format!("the controls of {from} to leave the account");
        self.move_to_root(from).await?;
        let attempts = Attempts {
            freed: true,
            ..self.attempts.clone()
        };
        Ok(look_again(words, attempts))
    }

    pub(crate) async fn update(
        &self,
        product: &Product,
        purpose: Purpose,
        unit_name: String,
    ) -> Result<Answered, Failure> {
        let offer = match self.offer_with_room().await? {
            ControlFlow::Continue(offer) => offer,
            ControlFlow::Break(answer) => return Ok(answer),
        };
        // An enrolled account has its role, in all likelihood: it is looked after only where Control Tower misses it.
        if self.attempts.role_not_seen > 0 {
            self.prepare_role().await?;
        }
        let (token, unit) = (self.update_token(&product.id), self.unit(unit_name));
        let factory = self.open_factory().await?;
        let start = factory
            .start_update(&product.id, &offer, &unit, &token)
            .await?;
        Ok(started(start, purpose, &self.attempts))
    }

    pub(crate) async fn terminate(&self, product: &Product) -> Result<Answered, Failure> {
        // Nothing is taken away that could not be made anew.
        self.find_offer().await?;
        let token = self.removal_token(&product.id);
        let factory = self.open_factory().await?;
        let start = factory.start_removal(&product.id, &token).await?;
        let attempts = &self.attempts;
        let is_of_earlier = attempts.without_room == 0 && attempts.role_not_seen == 0;
        let has_begun = matches!(start, Start::Started(_));
        let attempts = Attempts {
            repairs: attempts.repairs || (has_begun && is_of_earlier),
            ..attempts.clone()
        };
        Ok(started(start, Purpose::Remove, &attempts))
    }

    /// What becomes of an operation that has failed.
    pub(crate) async fn judge(
        &self,
        purpose: Purpose,
        ending: Ending,
    ) -> Result<Answered, Failure> {
        let attempts = Attempts {
            moves: self.attempts.moves || purpose == Purpose::Move,
            ..self.attempts.clone()
        };
        match ending {
            Ending::NoRoom { words } => Ok(without_room(&words, &attempts)),
            Ending::RoleNotSeen => {
                let attempts = Attempts {
                    role_not_seen: attempts.role_not_seen + 1,
                    ..attempts
                };
                let words = format!("the role {EXECUTION_ROLE} to be visible to Control Tower");
                Ok(look_again(words, attempts))
            }
            Ending::Final { words, remedy } => {
                let failure = failed(purpose, &words, remedy);
                if purpose == Purpose::Enroll {
                    return Err(self.give_up(failure).await);
                }
                Err(failure)
            }
        }
    }

    /// What an operation is started with, if Control Tower has room for one.
    async fn offer_with_room(&self) -> Result<ControlFlow<Answered, Offer>, Failure> {
        let (offer, lack) = try_join(self.find_offer(), self.find_lack_of_room()).await?;
        Ok(match lack {
            Some(words) => ControlFlow::Break(queued(&words, self.attempts.clone())),
            None => ControlFlow::Continue(offer),
        })
    }

    fn unit(&self, name: String) -> Unit {
        Unit {
            id: self.wanted.clone(),
            name,
        }
    }
}

/// The answer when an operation was started, or could not be for now.
fn started(start: Start, purpose: Purpose, attempts: &Attempts) -> Answered {
    // Where the account is from now on is the operation's doing.
    let attempts = Attempts {
        freed: false,
        ..attempts.clone()
    };
    match start {
        Start::Started(record) => running(record, purpose, attempts),
        Start::NameTaken => look_again("the provisioned product to show", attempts),
        Start::Gone => look_again("the provisioned product to be gone", attempts),
        Start::Busy(words) => without_room(&words, &attempts),
    }
}
