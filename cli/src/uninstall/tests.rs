//! What an uninstallation plans and refuses, without AWS.
//! How it is done is seen end to end.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
}

fn options() -> Options {
    let words = ["uninstall", "--management-profile", "m"];
    Command::try_parse_from(words).unwrap().options
}

fn stacks(names: &[&str]) -> Stacks {
    let names = names.iter();
    names
        .map(|name| ((*name).to_owned(), Stack::default()))
        .collect()
}

fn found() -> Found {
    Found {
        account: "222222222222".parse().unwrap(),
        management: stacks(&[
            "avm-guard-rails",
            "avm-management",
            "avm-vending-roles",
            "other",
        ]),
        automation: stacks(&[
            "avm",
            "avm-automation",
            "avm-external-ids",
            "avm-landing-zone",
        ]),
        parameters: vec!["/avm/platform".to_owned()],
        running: Vec::new(),
    }
}

#[test]
fn the_roles_go_first_then_the_machine_and_what_is_meshstacks_stays() {
    let plan = plan(&options(), &found());
    let words: Vec<String> = plan.iter().map(Removal::words).collect();
    let expected = [
        "stack avm-vending-roles of the management account",
        "stack avm of the automation account",
        "stack avm-landing-zone of the automation account",
        "parameters /avm/platform",
    ];
    assert_eq!(words, expected);
    assert_eq!(refusal(&plan, &found()), None);
}

#[test]
fn what_is_gone_already_is_no_step() {
    let found = Found {
        management: stacks(&["avm-management"]),
        automation: stacks(&["avm-landing-zone"]),
        parameters: Vec::new(),
        ..found()
    };
    assert_eq!(plan(&options(), &found).len(), 1);
}

#[test]
fn the_roles_of_another_machine_stay() {
    let mut found = found();
    let of = |account: &str| [("AutomationAccountId".to_owned(), account.to_owned())];
    let roles = found.management.get_mut("avm-vending-roles").unwrap();
    roles.parameters = of("222222222222").into();
    assert_eq!(refusal(&plan(&options(), &found), &found), None);
    let roles = found.management.get_mut("avm-vending-roles").unwrap();
    roles.parameters = of("999999999999").into();
    let reason = refusal(&plan(&options(), &found), &found).unwrap();
    assert!(
        reason.contains("the machine in account 999999999999"),
        "{reason}"
    );

    // A further machine's have its name.
    let machine = found.automation.get_mut("avm").unwrap();
    let name = ("MachineName".to_owned(), "Staging".to_owned());
    machine.parameters = [name].into();
    let own = Stack {
        parameters: of("222222222222").into(),
        ..Stack::default()
    };
    let name = "avm-vending-roles-staging";
    found.management.insert(name.to_owned(), own);
    let plan = plan(&options(), &found);
    assert_eq!(
        plan[0].words(),
        format!("stack {name} of the management account")
    );
    assert_eq!(refusal(&plan, &found), None);
}

#[test]
fn nothing_goes_while_a_vend_runs_or_a_stack_is_protected() {
    let running = Found {
        running: vec!["a-2026-11-1".to_owned()],
        ..found()
    };
    let reason = refusal(&plan(&options(), &running), &running).unwrap();
    assert!(reason.contains("1 vends run, such as a-2026-11-1"));
    let mut protected = found();
    protected.automation.get_mut("avm").unwrap().is_protected = true;
    let reason = refusal(&plan(&options(), &protected), &protected).unwrap();
    assert!(
        reason.starts_with("stack avm of the automation account"),
        "{reason}"
    );
}

#[test]
fn yes_is_said_to_something_that_is_done() {
    let parse = |more: &[&str]| {
        let words = ["uninstall", "--management-profile", "m"]
            .iter()
            .chain(more);
        Command::try_parse_from(words).is_ok()
    };
    assert!(parse(&["--apply", "--yes"]) && parse(&["--apply"]) && !parse(&["--yes"]));
}
