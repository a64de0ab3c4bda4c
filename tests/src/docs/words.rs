//! Numbers in words: how long, how often, how far apart.

use avm_core::step::{Patience, Wait};

/// A time as people say it.
pub fn time(seconds: u32) -> String {
    let minutes = (seconds + 30) / 60;
    if seconds < 100 {
        format!("{seconds} s")
    } else if minutes < 100 {
        format!("{minutes} min")
    } else {
        let half_hours = (minutes + 15) / 30;
        let half = if half_hours % 2 == 1 { ".5" } else { "" };
        format!("{}{half} hours", half_hours / 2)
    }
}

/// The bounds of a wait: `at most 80 looks, 7 to 30 s apart, about 38 min`.
fn wait(wait: &Wait) -> String {
    let last = wait.seconds(wait.looks);
    let apart = if wait.first == last {
        format!("{last} s")
    } else {
        format!("{} to {last} s", wait.first)
    };
    let total = time(wait.total_seconds());
    format!("at most {} looks, {apart} apart, about {total}", wait.looks)
}

/// The bounds of a step.
pub fn patience(patience: &Patience) -> String {
    let work = wait(&patience.work);
    match &patience.turn {
        None => work,
        Some(turn) => format!("its turn: {}; its own work: {work}", wait(turn)),
    }
}

/// `AccessStackWanted?` as `access stack`, if it ends so.
pub fn wanted(name: &str) -> Option<String> {
    let name = name.strip_suffix("Wanted?")?;
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    Some(words)
}
