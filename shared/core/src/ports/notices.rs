//! Notices to the people who operate the machine.
//! Neither a subject nor a message has an address or a secret in it.

use crate::error::Failure;

/// Where people are told.
pub trait Notices {
    /// Tells them. The subject is one line of at most 100 printable ASCII characters.
    async fn publish(&self, subject: &str, message: &str) -> Result<(), Failure>;
}
