//! Any bytes as a file for `avm config import`.
//! What must hold is said in `tests/odd_input`, which `cargo test` runs with the corpus and with generated texts.
#![no_main]

#[path = "../../tests/odd_input/mod.rs"]
mod odd_input;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        drop(odd_input::import(text));
    }
});
