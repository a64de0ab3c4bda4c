//! The account that the owner has already, whatever its address: a pattern that has changed makes no second one.
//! The tags of the owner are on an account from its creation on, so they find it in an organization of any size.

use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_tags::TaggedAccounts;
use avm_core::ports::accounts::{Accounts, FoundAccount};
use avm_core::rules::owner::{Claim, Owner};
use avm_core::world::World;

use crate::adopt::{By, may_be_used};
use crate::{Plan, Search};

impl<A: Accounts, W: World> Search<'_, A, W> {
    /// The account of the order's workspace and project, if there is one that is not closed: that of the order's address, where there
    /// are several.
    ///
    /// # Errors
    /// `AccountMismatch` where there are several, and none has the address.
    pub(crate) async fn find_owned(&self) -> Result<Option<Plan>, Failure> {
        let owner = Owner::of(&self.call.order);
        let index = self.world.tagged_accounts(Door::Accounts).await?;
        let tagged = index.find(&owner.tags()).await?;
        let ours = tagged
            .into_iter()
            .filter(|(_, tags)| owner.claim(tags) == Claim::Ours);
        let mut usable = Vec::new();
        for (id, _) in ours {
            let found = self.accounts.find_account(&id).await?;
            let Some(found) = found.filter(|found| may_be_used(&found.state)) else {
                continue;
            };
            // The index may be behind, and an account may have changed hands.
            if owner.claim(&self.tags(&id).await?) == Claim::Ours {
                usable.push(found);
            }
        }
        let wanted = &self.call.order.request.account_email;
        let of_address = |found: &FoundAccount| found.email.as_ref() == Some(wanted);
        if usable.len() > 1 && usable.iter().any(of_address) {
            usable.retain(of_address);
        }
        if usable.len() > 1 {
            return Err(several(&usable));
        }
        let Some(found) = usable.pop() else {
            return Ok(None);
        };
        self.world.standing().refuse(&found.id, "ProductName")?;
        self.adopt(found, By::Id).await.map(Some)
    }
}

fn several(accounts: &[FoundAccount]) -> Failure {
    let ids: Vec<&str> = accounts.iter().map(|found| found.id.as_str()).collect();
    let words = format!(
        "ProductName and Stage of the request have several accounts, and none of them has the address of AccountEmail: {}",
        ids.join(", ")
    );
    Failure::new(ErrorName::AccountMismatch, words)
        .with_remedy("send the request with the AccountId of the one that is meant")
}
