//! What is held against what: each check takes the facts, and answers what is not as it should be.
//! Pure; what was not looked at is no finding here.

mod accounts;
mod documents;
mod functions;
mod organization;
mod parameters;

use super::facts::Facts;
use super::finding::Finding;

/// Every finding, in the order of the checks.
pub fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = documents::findings(facts);
    found.extend(parameters::findings(facts));
    found.extend(functions::findings(facts));
    found.extend(accounts::findings(facts));
    found.extend(organization::findings(facts));
    found.sort();
    found
}
