//! A resource of a stack whose name the account has already: an account that was made in the console, by AWS Control Tower or by
//! another tool has roles of well-known names. CloudFormation gives no code for it, only the words of whoever refused.

/// Whether a reason says so.
///
/// Rule source: the error codes of resource handlers (CloudFormation CLI user guide, "Handler error codes").
#[must_use]
pub fn is_meant(reason: &str) -> bool {
    reason.contains("HandlerErrorCode: AlreadyExists")
}

/// What a person can do. The template is that of `whose`, for example `the StackSet`.
#[must_use]
pub fn remedy(whose: &str) -> String {
    format!(
        "the account had a role or another resource of that name before, as accounts do that were made in the console, by AWS \
         Control Tower or by another tool: look whose it is and delete it, or take it out of the template of {whose}; then send \
         the request again"
    )
}
