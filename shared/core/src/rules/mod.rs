//! The rules of the machine: whose an account is, where it belongs, what its access role keeps, what is never touched.
//! Each is stated once, here, and asked by the steps.

pub mod access_role;
pub mod boundary;
pub mod budget;
pub mod caller;
pub mod group_owner;
pub mod left_instances;
pub mod member_roles;
pub mod minimum_policy;
pub mod owner;
pub mod placement;
pub mod power;
pub mod root_access;
pub mod saml_pins;
pub mod saml_roles;
pub mod stack_set_names;
pub mod standing_accounts;
pub mod tag_room;
pub mod taken_name;
pub mod turn;
pub mod ways_out;
pub mod zone_change;
