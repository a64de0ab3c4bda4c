//! What has to be there before anything is written, and is not.
//! Everything that is missing is told at once, with what to do about it.

use avm_core::error::{ErrorName, Failure};

/// What is missing, with its remedy.
#[derive(Default)]
pub(crate) struct Missing(Vec<(String, &'static str)>);

impl Missing {
    pub(crate) fn add(&mut self, cause: impl Into<String>, remedy: &'static str) {
        self.0.push((cause.into(), remedy));
    }

    pub(crate) fn check(self) -> Result<(), Failure> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.into_failure())
        }
    }

    /// One failure for all.
    pub(crate) fn into_failure(self) -> Failure {
        let (causes, remedies): (Vec<String>, Vec<&str>) = self.0.into_iter().unzip();
        Failure::new(ErrorName::EnrolmentNotPossible, causes.join("; ")).with_remedy(format!(
            "{}, then send the request again",
            remedies.join(", and ")
        ))
    }
}
