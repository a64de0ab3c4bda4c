//! Whether Control Tower has room for one more account operation: looked at before one is started, and while one waits.
//! One that finds no room fails late and leaves a provisioned product behind, which has to be taken away.

use avm_core::contract::answer::Answer;
use avm_core::domain::redact_emails;
use avm_core::error::Failure;
use avm_core::ports::account_factory::AccountFactory;
use avm_core::ports::control_tower::ControlTower;
use avm_core::world::World;
use futures_util::future::try_join;

use crate::plan::room;
use crate::{Answered, Attempts, Enrolling, Notes};

impl<W: World> Enrolling<'_, W> {
    /// Why nothing may be started now; none if there is room. A provisioned product shows an operation at once, a
    /// baseline also one that nobody has started through Service Catalog.
    pub(super) async fn find_lack_of_room(&self) -> Result<Option<String>, Failure> {
        let (factory, tower) = try_join(self.open_factory(), self.open_tower()).await?;
        let (products, accounts) = try_join(
            factory.count_under_change(),
            tower.count_accounts_under_change(),
        )
        .await?;
        let at_work = products.max(accounts);
        let at_once = self.settings.account_operations_at_once.count();
        Ok((at_work >= at_once).then(|| format!("{at_work} are at work")))
    }
}

/// The answer when Control Tower is at work on as many accounts as it can.
pub(crate) fn queued(words: &str, attempts: Attempts) -> Answered {
    Answer::Queued {
        waiting_for: room(words),
        notes: Notes::Look {
            attempts,
            queued: true,
        },
    }
}

/// The same when Control Tower has refused the operation: the next try has a token of its own.
pub(super) fn without_room(words: &str, attempts: &Attempts) -> Answered {
    let attempts = Attempts {
        without_room: attempts.without_room + 1,
        ..attempts.clone()
    };
    queued(&redact_emails(words), attempts)
}
