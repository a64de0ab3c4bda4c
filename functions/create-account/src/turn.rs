//! Waits for an earlier vend of the same account: the names of the two differ, so that both run.
//! Asked until the machine is told the account.

use avm_core::contract::call::Mode;
use avm_core::domain::Email;
use avm_core::doors::Door;
use avm_core::error::Failure;
use avm_core::ports::accounts::FoundAccount;
use avm_core::ports::executions::RunningVends;
use avm_core::rules::turn;
use avm_core::world::World;

use crate::{Search, is_told};

impl<A, W: World> Search<'_, A, W> {
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
        let running = self.world.vends(Door::Own).await?.list_running().await?;
        let of_request = &self.call.order.request.account_email;
        let addresses: Vec<&Email> = found.email.iter().chain([of_request]).collect();
        let first = turn::before(self.call.execution.name(), id, &addresses, &running);
        Ok(first.map(|first| {
            let words = "too and was started before, to end";
            format!("execution {}, which vends account {id} {words}", first.name)
        }))
    }
}
