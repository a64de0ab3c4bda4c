//! What the steps, and the command for operators, ask of the world, in words of the domain.
//! `find_*` returns an `Option`, `ensure_*` is idempotent, `start_*` begins asynchronous work.

pub mod account_aliases;
pub mod account_factory;
pub mod account_roles;
pub mod account_settings;
pub mod account_tags;
pub mod accounts;
pub mod assignments;
pub mod budgets;
pub mod control_tower;
pub mod default_vpcs;
pub mod directory;
pub mod documents;
pub mod executions;
pub mod notices;
pub mod organizational_units;
pub mod readiness;
pub mod role_policies;
pub mod roles;
pub mod root_access;
pub mod saml_metadata;
pub mod saml_providers;
pub mod stack_sets;
pub mod stacks;
pub mod survey;
