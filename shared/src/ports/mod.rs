//! What the steps ask of the world, in words of the domain.
//! `find_*` returns an `Option`, `ensure_*` is idempotent, `start_*` begins asynchronous work.

pub mod account_tags;
pub mod accounts;
pub mod assignments;
pub mod directory;
pub mod documents;
pub mod executions;
pub mod organizational_units;
pub mod readiness;
pub mod role_policies;
pub mod stack_sets;
pub mod stacks;
