//! Any bytes for `bad_input::targets::pattern`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bad_input::targets::pattern(bytes));
