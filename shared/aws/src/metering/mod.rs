//! What the metering needs of AWS: Cost Explorer, the accounts of the organization, and the bucket of the reports.
//! Each speaks through a plain client: few operations are called of services that have many.

pub mod accounts;
pub mod cost_explorer;
pub mod report_store;

#[cfg(test)]
mod tests;
