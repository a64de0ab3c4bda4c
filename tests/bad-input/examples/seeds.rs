//! Writes what the fuzzer begins with: the cases of the corpus, as each target takes them.
//! The only argument is the folder; below it is one folder for each target.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;

use bad_input::{corpus, metering, world};

/// Longer texts say nothing more to a fuzzer, and make it slow.
const LONGEST: usize = 4_096;

fn main() {
    let folder = std::env::args().nth(1).expect("the folder is missing");
    for (target, files) in [
        ("payload", &["payload", "downgrade"][..]),
        ("fields", &["payload"]),
        ("step", &["steps", "downgrade"]),
        ("configuration", &["platform", "landing-zone"]),
        ("pattern", &["patterns"]),
        ("dhall", &["dhall"]),
        ("month", &[]),
    ] {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder).unwrap();
        let mut texts: Vec<String> = files.iter().flat_map(|name| texts_of(name)).collect();
        if target == "configuration" {
            texts.extend([world::PLATFORM, world::SANDBOX, world::PRODUCTION].map(str::to_owned));
        }
        if target == "month" {
            texts.extend(metering::SEEDS.map(str::to_owned));
        }
        let short = texts.iter().filter(|text| text.len() <= LONGEST);
        for (index, text) in short.enumerate() {
            fs::write(folder.join(format!("seed-{index:03}")), text).unwrap();
        }
    }
}

fn texts_of(name: &str) -> Vec<String> {
    let file = corpus::read(name);
    let cases = file.cases.iter().filter(|case| case.bytes.is_none());
    cases
        .map(|case| match &case.pattern {
            Some(pattern) => corpus::words(pattern),
            None => file.text_of(case),
        })
        .collect()
}
