//! Following an operation of the Account Factory to its end, by its record.
//! A failure ends the execution, but for what only needs time: room among the operations, and a role that is still new.

use avm_core::domain::RecordId;
use avm_core::error::Failure;
use avm_core::ports::account_factory::{AccountFactory, Problem, Record, RecordStatus};

use crate::causes::{deciding, failed};
use crate::factory::running;
use crate::room::without_room;
use crate::{Attempts, Purpose, Step, StepAnswer, Ways, look_again};

impl<W: Ways> Step<'_, W> {
    /// Looks how far the operation is.
    ///
    /// # Errors
    /// `EnrolmentFailed` with the reason of the record, and what the next operation may fail with.
    pub(crate) async fn follow(
        &self,
        id: &RecordId,
        purpose: Purpose,
        attempts: &Attempts,
    ) -> Result<StepAnswer, Failure> {
        let Some(record) = self.ways.factory().find_record(id).await? else {
            return Ok(running(id.clone(), purpose, attempts));
        };
        match record.status {
            RecordStatus::Running => Ok(running(id.clone(), purpose, attempts)),
            RecordStatus::Succeeded if purpose == Purpose::Remove => {
                Box::pin(self.look(attempts)).await
            }
            RecordStatus::Succeeded => self.finish(purpose, attempts).await,
            RecordStatus::Failed => self.judge(&record, purpose, attempts).await,
        }
    }

    async fn judge(
        &self,
        record: &Record,
        purpose: Purpose,
        attempts: &Attempts,
    ) -> Result<StepAnswer, Failure> {
        let attempts = &Attempts {
            moves: attempts.moves || purpose == Purpose::Move,
            ..attempts.clone()
        };
        let deciding = deciding(record);
        match deciding.map(|error| error.problem) {
            Some(Problem::Busy) => {
                let words = deciding.map_or("", |error| error.words.as_str());
                Ok(without_room(words, attempts))
            }
            Some(Problem::ExecutionRole)
                if purpose != Purpose::Remove && !attempts.role_not_seen =>
            {
                let attempts = Attempts {
                    role_not_seen: true,
                    ..attempts.clone()
                };
                let words = "the role AWSControlTowerExecution to be visible to Control Tower";
                Ok(look_again(words, attempts))
            }
            _ if purpose == Purpose::Enroll => Err(self.give_up(failed(purpose, record)).await),
            _ => Err(failed(purpose, record)),
        }
    }
}
