//! Any bytes for `bad_input::targets::fields`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bad_input::targets::fields(bytes));
