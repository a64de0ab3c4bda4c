//! Waits for an earlier vend of the same account, and before one is made, of the same project: the names of the two differ, so
//! that both run. Asked until the machine is told the account.

use avm_core::contract::call::Mode;
use avm_core::domain::Email;
use avm_core::doors::Door;
use avm_core::error::Failure;
use avm_core::ports::accounts::FoundAccount;
use avm_core::ports::executions::{RunningVend, RunningVends};
use avm_core::rules::owner::Owner;
use avm_core::rules::turn;
use avm_core::world::World;

use crate::{Plan, Search, is_told};

impl<A, W: World> Search<'_, A, W> {
    /// What runs, asked once a look and before anything that a vend leaves: what is not among these has left it by then.
    pub(crate) async fn running(&self) -> Result<&[RunningVend], Failure> {
        if let Some(running) = self.running.get() {
            return Ok(running);
        }
        let running = self.world.vends(Door::Own).await?.list_running().await?;
        Ok(self.running.get_or_init(|| running))
    }

    /// The turn of an earlier vend of the same workspace and project with another address: it may be about to make their
    /// account, and a project has one. Its name only says that it may be one; its order tells.
    pub(crate) async fn turn_of_project(&self) -> Result<Option<Plan>, Failure> {
        let owner = Owner::of(&self.call.order);
        let running = self.running().await?;
        for first in turn::before_of_project(self.call.execution.name(), running) {
            let vends = self.world.vends(Door::Own).await?;
            let input = vends.find_input(first).await?;
            if input.is_none_or(|input| turn::is_order_of(&input, &owner)) {
                let words = "which vends the account of the same workspace and project and was started before, to end";
                let waiting_for = format!("execution {}, {words}", first.name);
                return Ok(Some(Plan::WaitForTurn { waiting_for }));
            }
        }
        Ok(None)
    }

    /// The vend of the account that goes first, in words. Its end is waited for like a turn, and everything begins anew after
    /// it: the machine is told nothing of the account until then. A plan waits for nobody.
    pub(crate) async fn find_earlier_vend(
        &self,
        found: &FoundAccount,
    ) -> Result<Option<String>, Failure> {
        let id = &found.id;
        if is_told(self.call, id) || self.call.mode == Mode::Plan {
            return Ok(None);
        }
        let running = self.running().await?;
        let of_request = &self.call.order.request.account_email;
        let addresses: Vec<&Email> = found.email.iter().chain([of_request]).collect();
        let first = turn::before(self.call.execution.name(), id, &addresses, running);
        Ok(first.map(|first| {
            let words = "too and was started before, to end";
            format!("execution {}, which vends account {id} {words}", first.name)
        }))
    }
}
