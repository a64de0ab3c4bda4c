//! The refusal of a group that has a derived name and is not this project's.
//! It says how the operator hands the group over: people who were put into it by others would otherwise be taken out.

use avm_core::domain::GroupName;
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::group_owner::GroupOwner;

pub(crate) fn refusal(name: &GroupName, owner: &GroupOwner, field: &str) -> Failure {
    let words = format!(
        "group {name} exists in IAM Identity Center, and its {field} does not say that it is this project's"
    );
    Failure::new(ErrorName::NameTaken, words).with_remedy(format!(
        "look who is in the group and which accounts it is assigned to; if it is this project's, give it the {field} `{}`, \
         else rename or delete it; then send the request again",
        owner.mark()
    ))
}
