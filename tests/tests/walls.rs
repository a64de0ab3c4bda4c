//! The walls between the crates and the layers: who may know whom.
//! The compiler holds what the manifests say; these tests hold the manifests, and the order within avm-core.
#![allow(clippy::unwrap_used)]

use contract_tests::steps::STEPS;
use contract_tests::{files_below, text};

/// The crates that a manifest names, those of its tests too.
fn dependencies(manifest: &str) -> Vec<String> {
    let manifest = text(manifest);
    let parts = manifest.split("\n[");
    let of_crates = parts.filter(|part| {
        let name = part.split(']').next().unwrap();
        name.ends_with("dependencies")
    });
    of_crates
        .flat_map(|part| part.lines().skip(1))
        .filter(|line| line.contains('=') && !line.starts_with('#'))
        .map(|line| line.split(['.', ' ', '=']).next().unwrap().to_owned())
        .collect()
}

fn knows_aws(dependency: &str) -> bool {
    dependency.starts_with("aws-")
        || dependency.starts_with("lambda_")
        || dependency.starts_with("lambda-")
        || dependency == "avm-aws"
}

#[test]
fn the_core_and_the_steps_know_neither_the_sdk_nor_the_runtime() {
    let steps = STEPS
        .iter()
        .map(|step| format!("functions/{}/Cargo.toml", step.name));
    let others = [
        "shared/core",
        "shared/metering",
        "functions/plan",
        "functions/reconcile",
        "functions/avm-entry-point",
        "functions/metering",
    ];
    let others = others.map(|folder| format!("{folder}/Cargo.toml"));
    for manifest in steps.chain(others) {
        let found = dependencies(&manifest);
        let wrong: Vec<&String> = found.iter().filter(|name| knows_aws(name)).collect();
        assert!(wrong.is_empty(), "{manifest}: {wrong:?}");
        assert!(!found.is_empty(), "{manifest}");
    }
}

#[test]
fn only_the_metering_knows_the_metering() {
    let steps = STEPS
        .iter()
        .map(|step| format!("functions/{}/Cargo.toml", step.name));
    let others = ["shared/core", "functions/plan", "functions/avm-entry-point"];
    let others = others.map(|folder| format!("{folder}/Cargo.toml"));
    for manifest in steps.chain(others) {
        let found = dependencies(&manifest);
        assert!(!found.contains(&"avm-metering".to_owned()), "{manifest}");
    }
}

/// Money is counted in whole parts: no sum of it depends on its order.
#[test]
fn no_money_goes_through_a_floating_point() {
    for folder in [
        "shared/metering",
        "functions/metering",
        "shared/aws/src/metering",
        "cli/src/report",
    ] {
        let files = files_below(folder, "rs");
        assert!(!files.is_empty(), "{folder}");
        for path in files {
            let code = text(&path);
            for float in ["f32", "f64", "as_f64"] {
                let words =
                    code.split(|character: char| !character.is_alphanumeric() && character != '_');
                assert!(
                    words.into_iter().all(|word| word != float),
                    "{path}: {float}"
                );
            }
        }
    }
}

#[test]
fn the_adapters_do_not_know_the_configuration() {
    for path in files_below("shared/aws/src", "rs") {
        // The metering's port tells with the metric which of two figures is asked for.
        let code = text(&path).replace("avm_core::config::Metric", "");
        assert!(!code.contains("avm_core::config"), "{path}");
    }
}

/// The order that the `lib.rs` of a crate tells.
fn layers(krate: &str) -> Vec<String> {
    let told = text(&format!("{krate}/src/lib.rs")).replace("\n//! ", " ");
    let (_, rest) = told.split_once("only those named before it: ").unwrap();
    let (list, _) = rest.split_once(".\n").unwrap();
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn every_layer_of_the_core_and_the_metering_uses_only_those_before_it() {
    for krate in ["shared/core", "shared/metering"] {
        every_layer_uses_only_those_before_it(krate);
    }
}

fn every_layer_uses_only_those_before_it(krate: &str) {
    let layers = layers(krate);
    let place = |name: &str| layers.iter().position(|layer| layer == name);
    let mut seen = Vec::new();
    let source = format!("{krate}/src");
    for path in files_below(&source, "rs") {
        let within = path.strip_prefix(&format!("{source}/")).unwrap();
        let module = within.split(['/', '.']).next().unwrap().to_owned();
        // Samples for tests may know everything.
        if ["lib", "testing", "tests"].contains(&module.as_str()) {
            continue;
        }
        let own = place(&module).unwrap_or_else(|| panic!("{module} has no place in lib.rs"));
        let code = text(&path);
        for line in code.lines() {
            let Some(used) = line.trim_start().strip_prefix("use crate::") else {
                continue;
            };
            let used = used.split([':', ';', ' ']).next().unwrap();
            let is_before = used == "testing" || place(used).is_some_and(|place| place <= own);
            assert!(is_before, "{path}: {module} uses {used}");
        }
        seen.push(module);
    }
    for layer in &layers {
        assert!(seen.contains(layer), "there is no {layer}");
    }
}
