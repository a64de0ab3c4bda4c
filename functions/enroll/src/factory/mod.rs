//! The strategy `service-catalog`: the account is enrolled, moved and repaired by the product of the Account Factory.
//! One operation at a time; the one that was started is followed by its record.

mod act;
mod failure;
mod look;
mod offer;
mod room;

use avm_core::contract::answer::Answer;
use avm_core::domain::{AccountId, OperationId, ProvisionedProductId, RecordId};
use avm_core::world::World;

use crate::{Answered, Attempts, Enrolling, Notes, Purpose};

pub(crate) use room::queued;

/// The name of the provisioned product of an account that the machine enrolls.
fn product_name(account: &AccountId) -> String {
    format!("avm-{account}")
}

/// The answer while an operation runs.
pub(crate) fn running(record: RecordId, purpose: Purpose, attempts: Attempts) -> Answered {
    let doing = match purpose {
        Purpose::Enroll => "enrolls the account",
        Purpose::Move => "moves the account",
        Purpose::Repair => "applies the account's provisioned product again",
        Purpose::Remove => "takes away what a failed enrollment has left behind",
    };
    Answer::Working {
        waiting_for: format!("the Account Factory, which {doing} (record {record})"),
        notes: Notes::Record {
            record,
            purpose,
            attempts,
        },
    }
}

impl<W: World> Enrolling<'_, W> {
    fn enrollment_token(&self) -> OperationId {
        self.token("enroll", self.account.account_id.as_str())
    }

    fn update_token(&self, product: &ProvisionedProductId) -> OperationId {
        self.token(&format!("update {}", self.wanted), product.as_str())
    }

    fn removal_token(&self, product: &ProvisionedProductId) -> OperationId {
        self.token("remove", product.as_str())
    }

    /// The same at every replay of this try of this execution.
    fn token(&self, action: &str, on: &str) -> OperationId {
        let without_room = self.attempts.without_room.to_string();
        let role = self.attempts.role_not_seen.to_string();
        let execution = self.call.execution.as_str();
        OperationId::of_parts([execution, action, on, &without_room, &role])
    }
}
