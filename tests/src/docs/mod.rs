//! The pages that are made of the code, the definitions and the templates; `make docs` writes them.
//! A page is made whole, or between its markers: `<!-- part: begin -->` and `<!-- part: end -->`.

use crate::definition::{Definition, PLAN, RECONCILE, VEND};
use crate::text;

mod blast_radius;
mod errors;
mod member_roles;
mod pictures;
mod states;
mod steps;
mod words;

/// Every page as it has to be: its path from the root and its text.
pub fn pages() -> Vec<(&'static str, String)> {
    vec![
        ("ERRORS.md", errors::page()),
        ("docs/STEPS.md", steps::page()),
        ("statemachine/README.md", machines()),
        ("README.md", readme()),
        (member_roles::PATH, member_roles::page()),
        ("SECURITY.md", security()),
    ]
}

fn machines() -> String {
    let page = text("statemachine/README.md");
    let (vend, plan) = (Definition::read(VEND), Definition::read(PLAN));
    let page = filled(&page, "vend", &pictures::whole(&vend));
    let page = filled(&page, "states", &states::table(VEND));
    let page = filled(&page, "bounds", &states::bounds());
    let page = filled(&page, "plan", &pictures::whole(&plan));
    let night = pictures::whole(&Definition::read(RECONCILE));
    let page = filled(&page, "night", &night);
    filled(&page, "states of the night", &states::table(RECONCILE))
}

fn readme() -> String {
    let picture = pictures::at_a_glance(&Definition::read(VEND));
    filled(&text("README.md"), "states", &picture)
}

fn security() -> String {
    let page = filled(&text("SECURITY.md"), "trusts", &blast_radius::trusts());
    let page = filled(&page, "blast-radius", &blast_radius::functions_and_roles());
    filled(&page, "boundary", &blast_radius::boundary())
}

/// The page with that content between the markers of a part.
fn filled(page: &str, part: &str, content: &str) -> String {
    let marker = |which: &str| format!("<!-- {part}: {which} -->\n");
    let parts = page.split_once(&marker("begin"));
    let found = parts.and_then(|(before, rest)| Some((before, rest.split_once(&marker("end"))?)));
    let Some((before, (_, after))) = found else {
        panic!("the markers of {part} are missing");
    };
    [before, &marker("begin"), content, &marker("end"), after].concat()
}

/// A table in Markdown.
fn table<const COLUMNS: usize>(head: [&str; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head = line(&head.map(str::to_owned));
    let rule = format!("|{}\n", "---|".repeat(COLUMNS));
    let rows = rows.iter().map(|row| line(row));
    [head, rule].into_iter().chain(rows).collect()
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
