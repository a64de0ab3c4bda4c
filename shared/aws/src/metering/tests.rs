//! The adapters of the metering on the wire: what leaves, and what each answer and refusal means.

mod accounts;
mod costs;
mod plans;
mod store;
