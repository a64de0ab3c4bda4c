//! Any bytes for `bad_input::metering::month`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bad_input::metering::month(bytes));
