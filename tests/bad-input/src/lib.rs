//! Odd input of every kind on its way through the real decoding, and what must hold whatever it is.
//! Each function of [`targets`] takes any bytes and panics where something does not hold: for the corpus, for properties, for the fuzzer.
#![allow(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

pub mod corpus;
pub mod metering;
pub mod targets;
pub mod told;
pub mod world;
