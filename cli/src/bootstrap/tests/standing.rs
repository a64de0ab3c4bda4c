//! What stands in the three accounts before a deployment: it is used, left out, or refused before a stack is touched.
//! Without AWS, on the templates of the repository.

use super::*;

#[test]
fn what_is_there_is_left_out_or_refused() {
    let names =
        |chosen: Vec<Deployment>| chosen.into_iter().map(|one| one.stack).collect::<Vec<_>>();
    let nothing = standing(&[]);
    let all = ALL.map(|one| one.stack);
    assert_eq!(names(options(&[]).chosen(&nothing, false).unwrap()), all);
    assert!(!names(options(&[]).chosen(&nothing, true).unwrap()).contains(&"avm-package"));
    let federated = options(&["--meshstack-principal", "role/meshstack"]);
    assert!(!names(federated.chosen(&nothing, false).unwrap()).contains(&"avm-meshcloud"));
    let metered = [
        "--meshstack-principal",
        "role/m",
        "--parameter",
        "Metering=true",
    ];
    assert!(names(options(&metered).chosen(&nothing, false).unwrap()).contains(&"avm-meshcloud"));
    let both = [&metered[..], &["--cost-explorer-principal", "role/c"]].concat();
    let both = options(&both);
    assert!(!names(both.chosen(&nothing, false).unwrap()).contains(&"avm-meshcloud"));
    let of_costs = both
        .wishes()
        .into_iter()
        .find(|wish| wish.value == "role/c");
    assert_eq!(of_costs.unwrap().key, "CostExplorerPrincipal");
    // Nor does it come back when the command is run without the option.
    let mut later = standing(&[(Whose::Management, "avm-management")]);
    let stacks = later.stacks.get_mut(&Whose::Management).unwrap();
    let parameters = &mut stacks.get_mut("avm-management").unwrap().parameters;
    parameters.insert("MeshStackPrincipal".to_owned(), "role/m".to_owned());
    assert!(!names(options(&[]).chosen(&later, false).unwrap()).contains(&"avm-meshcloud"));

    let mut kept = standing(&[]);
    kept.external_ids = secrets();
    assert_eq!(names(options(&[]).chosen(&kept, false).unwrap()), all[1..]);
    kept.external_ids.pop_first();
    assert!(options(&[]).chosen(&kept, false).is_err());
}

#[test]
fn what_others_have_made_is_used_where_a_template_can_do_without() {
    let folder = std::env::temp_dir().join(format!("avm-bootstrap-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("templates")).unwrap();
    let text = "Parameters:\n  MakesAutomationRole:\n    Type: String\nResources:\n";
    std::fs::write(folder.join("templates/automation.yaml"), text).unwrap();
    let taken = |stack, makes| Taken {
        stack,
        what: "the role R of the automation account".to_owned(),
        makes,
    };
    let used = |found: Taken, more: &[&str]| {
        let package = ["--package", folder.to_str().unwrap()];
        let options = options(&[&package, more].concat());
        let mut standing = standing(&[]);
        standing.taken.push(found);
        let chosen = options.chosen(&standing, false).unwrap();
        let names = chosen.iter().map(|one| one.stack).collect::<Vec<_>>();
        (names, options.used(&standing, &chosen))
    };
    let wish: Wish = "avm-automation:MakesAutomationRole=false".parse().unwrap();
    assert_eq!(
        used(taken("avm-automation", "MakesAutomationRole"), &[]).1,
        Ok(vec![wish])
    );
    for makes in ["", "MakesAnythingElse"] {
        let refused = used(taken("avm-automation", makes), &[]).1.unwrap_err();
        assert!(
            refused.starts_with("the role R of the automation account is there"),
            "{refused}"
        );
        let left_out = used(
            taken("avm-automation", makes),
            &["--leave-out", "avm-automation"],
        );
        assert_eq!(left_out.1, Ok(Vec::new()));
    }
    // Nothing else is in that stack.
    let (names, used) = used(taken("avm-meshcloud", "MakesServiceUser"), &[]);
    assert!(!names.contains(&"avm-meshcloud") && used == Ok(Vec::new()));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_further_machine_has_roles_of_its_own_and_leaves_those_of_the_first() {
    let mut first = standing(&[
        (Whose::Management, "avm-vending-roles"),
        (Whose::Meshcloud, "avm-meshcloud"),
    ]);
    for stacks in first.stacks.values_mut() {
        for stack in stacks.values_mut() {
            let parameters = &mut stack.parameters;
            parameters.insert("AutomationAccountId".to_owned(), "999999999999".to_owned());
        }
    }
    let taken_over = |options: &Options| {
        let machine = options.machine(&first).unwrap();
        let chosen = options.chosen(&first, false).unwrap();
        Options::taken_over(&first, &chosen, &machine)
    };
    let refusal = taken_over(&options(&[])).unwrap();
    assert!(refusal.contains("999999999999") && refusal.contains("--machine-name"));

    let staging = options(&["--machine-name", "Staging"]);
    assert_eq!(taken_over(&staging), None);
    let machine = staging.machine(&first).unwrap();
    let chosen = staging.chosen(&first, false).unwrap();
    let names: Vec<String> = chosen.iter().map(|one| one.name(&machine)).collect();
    assert_eq!(
        names,
        [
            "avm-external-ids",
            "avm-package",
            "avm-automation",
            "avm",
            "avm-landing-zone",
            "avm-vending-roles-staging"
        ]
    );
    assert!(
        staging
            .wishes()
            .iter()
            .any(|wish| wish.key == "MachineName")
    );
}

#[test]
fn a_machine_keeps_its_name() {
    let mut there = standing(&[(Whose::Automation, "avm")]);
    assert_eq!(options(&[]).machine(&there), Ok(MachineName::first()));
    assert!(
        options(&["--machine-name", "Staging"])
            .machine(&there)
            .is_err()
    );
    let stacks = there.stacks.get_mut(&Whose::Automation).unwrap();
    let parameters = &mut stacks.get_mut("avm").unwrap().parameters;
    parameters.insert("MachineName".to_owned(), "Staging".to_owned());
    let staging: MachineName = "Staging".parse().unwrap();
    assert_eq!(options(&[]).machine(&there), Ok(staging.clone()));
    assert_eq!(
        options(&["--machine-name", "Staging"]).machine(&there),
        Ok(staging)
    );
    assert!(
        options(&["--machine-name", "Trial"])
            .machine(&there)
            .is_err()
    );
}

#[test]
fn profiles_that_lead_elsewhere_are_refused() {
    let manages = ids()[&Whose::Management].clone();
    assert_eq!(wrong_accounts(&ids(), &manages), None);
    let other = ids()[&Whose::Meshcloud].clone();
    assert!(
        wrong_accounts(&ids(), &other)
            .unwrap()
            .contains("333333333333")
    );
    let mut same = ids();
    same.insert(Whose::Automation, manages.clone());
    assert!(wrong_accounts(&same, &manages).is_some());
}
