//! `docs/STEPS.md`: every step from its state to its rights, on one page.

use avm_core::config::DowngradePolicy;
use avm_core::domain::{AccountId, RoleName};
use avm_core::doors::{Behind, Door, DoorRow};
use avm_core::rules::minimum_policy;

use crate::definition::{Definition, PLAN, RECONCILE, VEND};
use crate::functions::{Function, called_by, functions};
use crate::rights::{Rights, rights, template_of};
use crate::steps::{METERING, STEPS, rows, step};
use crate::template::texts;

use super::states::condition;
use super::{code, table, words};

const HEAD: &str = "\
# Steps

<!-- Made by `make docs` of the steps, shared/core/src/doors.rs, the definition and the templates; do not edit it. -->

Every function: the state that calls it, how long it waits, through which doors it goes, and what it may do behind them. A door is a
role; one with the ExternalId asks for it. An action with a star is allowed under a condition only. Every function may also write its
log and its traces. Which resources are meant is in the templates: `template.yaml` for the functions' own roles,
`templates/vending-roles.yaml` for those of the management account, `templates/landing-zone-stackset.yaml` for those of the account.
";

/// The function that meshStack calls for a landing zone.
const ENTRY_POINT: &str = "avm-entry-point";

/// The function of a step's folder that others may call.
const ALONE: &str = "PermissionDowngrade";

/// The whole page.
pub fn page() -> String {
    let functions = functions();
    let of_steps = STEPS.iter().map(|step| step.name);
    let titles: Vec<&str> = [ENTRY_POINT]
        .into_iter()
        .chain(of_steps)
        .chain([
            ALONE,
            stopped_vend::NAME,
            plan::NAME,
            reconcile::NAME,
            METERING,
        ])
        .collect();
    assert_eq!(titles.len(), functions.len(), "a function is no step");
    let in_order: Vec<&Function> = titles
        .iter()
        .map(|title| {
            let mut functions = functions.iter();
            functions.find(|found| found.title() == *title).unwrap()
        })
        .collect();
    let mut parts = vec![HEAD.to_owned(), overview(&in_order)];
    for function in &in_order {
        parts.push(section(function));
    }
    parts.push(access_role());
    parts.join("\n")
}

/// The states that call a function, with the condition under which they do.
fn states(function: &Function) -> Vec<(String, Option<String>)> {
    let mut states = Vec::new();
    for (path, of_which) in [
        (VEND, ""),
        (PLAN, " of the plan"),
        (RECONCILE, " of the reconciler"),
    ] {
        let definition = Definition::read(path);
        for (state, title) in called_by(path) {
            if title == function.title() {
                let condition = condition(&definition, &state);
                states.push((format!("{state}{of_which}"), condition));
            }
        }
    }
    states
}

fn overview(functions: &[&Function]) -> String {
    let rows: Vec<[String; 6]> = functions
        .iter()
        .map(|function| {
            let states: Vec<String> = states(function).into_iter().map(|(name, _)| name).collect();
            let doors = rows(&function.folder).into_iter();
            let title = function.title();
            let of_step = step(title);
            let patience = of_step.and_then(|step| step.patience.as_ref());
            let proves_caller = of_step.is_some_and(|step| step.proves_caller);
            [
                format!("[`{title}`](#{})", title.to_lowercase()),
                states.join(", "),
                code(&function.name),
                doors
                    .map(|row| format!("{:?}", row.door))
                    .collect::<Vec<String>>()
                    .join(", "),
                if proves_caller { "yes" } else { "" }.to_owned(),
                patience.map_or_else(String::new, |patience| {
                    let time = words::time(patience.total_seconds());
                    format!("{time}, then {}", code(patience.gives_up.as_str()))
                }),
            ]
        })
        .collect();
    table(
        [
            "step",
            "state",
            "function",
            "doors",
            "proves its caller",
            "waits at most",
        ],
        &rows,
    )
}

fn section(function: &Function) -> String {
    let (title, folder) = (function.title(), &function.folder);
    let mut facts = vec![format!(
        "- folder `functions/{folder}`, function `{}`, role `{}`",
        function.name, function.role
    )];
    for (state, condition) in states(function) {
        let only = condition.map(|condition| format!(", only if {}", code(&condition)));
        facts.push(format!("- state {state}{}", only.unwrap_or_default()));
    }
    if let Some(patience) = step(title).and_then(|step| step.patience.as_ref()) {
        facts.push(format!(
            "- waits: {}; then it gives up as `{}`: {}",
            words::patience(patience),
            patience.gives_up,
            patience.gives_up.meaning()
        ));
    }
    let own = [
        "its own",
        &code(&function.role),
        &may(&rights(&function.template, &function.role)),
    ]
    .map(str::to_owned);
    let behind = rows(folder).into_iter().filter_map(|row| {
        let role = match row.behind {
            Behind::Own => return None,
            Behind::Management(role) | Behind::Member(role) => role,
            Behind::AccessRole => "",
        };
        Some([door(row), role_words(row, role), may_behind(row, role)])
    });
    let rows: Vec<[String; 3]> = [own].into_iter().chain(behind).collect();
    format!(
        "## {title}\n\n{}\n\n{}\n\n{}",
        function.description,
        facts.join("\n"),
        table(["through", "role", "may"], &rows)
    )
}

fn door(row: &DoorRow) -> String {
    let through = row.through.map(|door| format!(", through {door:?}"));
    let external_id = if row.asks_for_external_id {
        ", with the ExternalId"
    } else {
        ""
    };
    format!(
        "{:?}{}{external_id}: {}",
        row.door,
        through.unwrap_or_default(),
        row.purpose
    )
}

fn role_words(row: &DoorRow, role: &str) -> String {
    let place = match row.behind {
        Behind::Own => return code(role),
        Behind::Management(_) => return format!("{} of the management account", code(role)),
        Behind::Member(_) => format!("{} of the account", code(role)),
        Behind::AccessRole => "the access role of the account".to_owned(),
    };
    match row.made_by {
        Some(step) => format!("{place}, made by `{step}`"),
        None => place,
    }
}

fn may_behind(row: &DoorRow, role: &str) -> String {
    match template_of(row) {
        None => "everything until the downgrade, then [what it keeps](#the-access-role-after-the-downgrade)".to_owned(),
        Some(_) if row.door == Door::MemberAccess => "assume the access role of member accounts".to_owned(),
        Some(template) => may(&rights(template, role)),
    }
}

fn may(rights: &Rights) -> String {
    let list = |actions: &std::collections::BTreeSet<String>| {
        actions.iter().cloned().collect::<Vec<String>>().join(", ")
    };
    let allowed = rights
        .allowed
        .iter()
        .map(|(service, actions)| format!("**{service}**: {}", list(actions)));
    let denied = rights
        .denied
        .iter()
        .map(|(sid, actions)| format!("denied ({sid}): {}", list(actions)));
    let parts: Vec<String> = allowed.chain(denied).collect();
    if parts.is_empty() {
        "–".to_owned()
    } else {
        parts.join("<br>")
    }
}

/// What the policies of the downgrade leave.
fn access_role() -> String {
    let account: AccountId = "111111111111".parse().unwrap();
    let role: RoleName = "AccessRole".parse().unwrap();
    let rows = DowngradePolicy::ALL.map(|policy| {
        let document = minimum_policy::document(policy, "aws", &account, &role);
        let mut kept = Rights::default();
        let statements = document.as_value()["Statement"].as_array().cloned();
        for statement in statements.unwrap_or_default() {
            for action in texts(&statement["Action"]) {
                let (service, name) = action.split_once(':').unwrap();
                let actions = kept.allowed.entry(service.to_owned()).or_default();
                actions.insert(name.to_owned());
            }
        }
        [code(policy.as_str()), may(&kept)]
    });
    format!(
        "## The access role after the downgrade\n\n{}",
        table(["`downgrade`", "may"], &rows)
    )
}
