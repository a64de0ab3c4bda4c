//! The state machines as mermaid draws them: whole, and at a glance.

use std::fmt::Write as _;

use crate::definition::{Definition, EDGE, Way, ways};

use super::words;

/// Every state and every transition.
pub fn whole(definition: &Definition) -> String {
    let mut lines = Vec::new();
    draw_scope(definition, "", 1, &mut lines);
    picture(&lines)
}

fn picture(lines: &[String]) -> String {
    format!("```mermaid\nstateDiagram-v2\n{}\n```\n", lines.join("\n"))
}

fn draw_scope(definition: &Definition, scope: &str, depth: usize, lines: &mut Vec<String>) {
    let indent = "    ".repeat(depth);
    for (number, start) in definition.starts(scope).iter().enumerate() {
        if number > 0 {
            lines.push(format!("{indent}--"));
        }
        lines.push(arrow(depth, EDGE, start, ""));
        for name in definition.in_order(start) {
            let state = definition.state(name);
            if state["Type"] == "Map" || state["Type"] == "Parallel" {
                lines.push(format!("{indent}state {name} {{"));
                draw_scope(definition, name, depth + 1, lines);
                lines.push(format!("{indent}}}"));
            }
            let ways = ways(state).into_iter();
            lines.extend(ways.map(|Way { target, words }| arrow(depth, name, target, words)));
        }
    }
}

fn arrow(depth: usize, from: &str, to: &str, words: &str) -> String {
    let mut line = format!("{}{from} --> {to}", "    ".repeat(depth));
    if !words.is_empty() {
        write!(line, ": {words}").unwrap();
    }
    line
}

/// The working states and which may follow which, across choices and waits; inside of a parallel state without its failures.
pub fn at_a_glance(definition: &Definition) -> String {
    let mut lines = Vec::new();
    glance_at(definition, "", 1, &mut lines);
    picture(&lines)
}

fn glance_at(definition: &Definition, scope: &str, depth: usize, lines: &mut Vec<String>) {
    let indent = "    ".repeat(depth);
    for (number, start) in definition.starts(scope).iter().enumerate() {
        if number > 0 {
            lines.push(format!("{indent}--"));
        }
        let first = vec![Way {
            target: start,
            words: "",
        }];
        draw_ways(definition, (EDGE, first), depth, lines);
        for name in definition.in_order(start) {
            if !is_shown(definition, name) {
                continue;
            }
            let state = definition.state(name);
            if state["Type"] == "Parallel" {
                lines.push(format!("{indent}state {name} {{"));
                glance_at(definition, name, depth + 1, lines);
                lines.push(format!("{indent}}}"));
            }
            draw_ways(definition, (name, ways(state)), depth, lines);
        }
    }
}

/// Draws the ways from a state to the next states that are shown, with the words of the choices between.
fn draw_ways(
    definition: &Definition,
    (from, first): (&str, Vec<Way<'_>>),
    depth: usize,
    lines: &mut Vec<String>,
) {
    let is_inside = depth > 1;
    let kind = |name: &str| match name {
        EDGE => "",
        name => definition.state(name)["Type"].as_str().unwrap(),
    };
    let mut open: Vec<(&str, Vec<String>)> = Vec::new();
    for way in first.iter().rev() {
        let words = Some(way.words.to_owned()).filter(|words| !words.is_empty());
        open.push((way.target, words.into_iter().collect()));
    }
    while let Some((name, words)) = open.pop() {
        if is_inside && kind(name) == "Fail" {
            continue;
        }
        let is_end = is_inside && kind(name) == "Succeed";
        let target = if is_end { EDGE } else { name };
        if target == EDGE || is_shown(definition, target) {
            if (from, target) != (EDGE, EDGE) {
                lines.push(arrow(depth, from, target, &words.join(", ")));
            }
            continue;
        }
        for way in ways(definition.state(name)).iter().rev() {
            let mut words = words.clone();
            match (way.words, words::wanted(name)) {
                ("no", Some(wanted)) => words.push(format!("no {wanted}")),
                ("not yet", _) => words.push(way.words.to_owned()),
                _ => {}
            }
            open.push((way.target, words));
        }
    }
}

fn is_shown(definition: &Definition, name: &str) -> bool {
    let state = definition.state(name);
    let kinds: &[&str] = match definition.scope(name) {
        "" => &["Task", "Map", "Parallel", "Succeed", "Fail"],
        _ => &["Task"],
    };
    kinds.iter().any(|kind| state["Type"] == *kind)
}
