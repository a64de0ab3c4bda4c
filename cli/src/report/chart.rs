//! A bar for each project: to the right what it pays, to the left what it gets back.
//! As wide as the terminal; in colour where that is wanted.

use avm_metering::money::Cents;

const WIDTH: usize = 80;
const NARROWEST: usize = 40;
const RED: &str = "\u{1b}[31m";
const GREEN: &str = "\u{1b}[32m";
const PLAIN: &str = "\u{1b}[0m";

/// What a chart is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    pub width: usize,
    pub has_colour: bool,
}

impl Paper {
    /// That of the process: the shell tells the width in `COLUMNS`.
    pub fn of_terminal(has_colour: bool) -> Self {
        let columns = std::env::var("COLUMNS").ok();
        let columns = columns.and_then(|columns| columns.parse().ok());
        Self {
            width: columns.unwrap_or(WIDTH).max(NARROWEST),
            has_colour,
        }
    }
}

/// A line for each name.
pub fn of(totals: &[(String, Cents)], paper: Paper) -> String {
    let longest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0);
    let label = longest(&mut totals.iter().map(|(name, _)| name.chars().count()));
    let label = label.min(paper.width / 3);
    let amount = longest(&mut totals.iter().map(|(_, total)| total.to_string().len()));
    let room = paper.width.saturating_sub(label + amount + 4).max(2);
    let numbers = || totals.iter().map(|(_, total)| total.number());
    let above = numbers().max().unwrap_or(0).max(0);
    let below = -numbers().min().unwrap_or(0).min(0);
    let scale = |cents: i128| bar(cents.unsigned_abs(), (above + below).unsigned_abs(), room);
    let left = scale(below);
    let mut text = String::new();
    for (name, total) in totals {
        let name: String = name.chars().take(label).collect();
        let length = scale(total.number());
        let (colour, before) = if total.number() < 0 {
            (RED, left - length)
        } else {
            (GREEN, left)
        };
        let bar = "█".repeat(length);
        let bar = if paper.has_colour {
            format!("{colour}{bar}{PLAIN}")
        } else {
            bar
        };
        let gap = " ".repeat(before);
        let line = format!(
            "{name:label$}  {total:>amount$}  {gap}{bar}",
            total = total.to_string()
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// So many characters of the room; something that is not nothing has one.
fn bar(part: u128, whole: u128, room: usize) -> usize {
    if part == 0 || whole == 0 {
        return 0;
    }
    let room = room as u128;
    let length = part * room / whole;
    usize::try_from(length.max(1)).unwrap_or(1)
}
