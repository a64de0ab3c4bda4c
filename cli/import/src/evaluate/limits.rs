//! What keeps an evaluation in bounds: the library recurses, panics at its limits, and may never end.
//! What would need more than the stack of its thread is refused before it is tried.

use std::any::Any;
use std::panic;
use std::sync::{Once, mpsc};
use std::thread;
use std::time::Duration;

use dhall::builtins::Builtin;
use dhall::syntax::{Expr, ExprKind};

use super::Data;

/// The thread in which files are evaluated: the evaluation recurses, and panics where it reaches its limits.
const THREAD: &str = "dhall";
/// Its stack, in bytes; only what is used of it takes memory.
const STACK: usize = 512 << 20;
/// The longest text that is read, in bytes; meshStack's configurations have some thousand. With [`MOST_BRACKETS`] it
/// keeps the parser within the stack, whatever is written.
const LONGEST: usize = 32 << 10;
/// The deepest nesting of brackets that is parsed.
const MOST_BRACKETS: usize = 64;
/// The deepest nesting of expressions that is evaluated.
const DEEPEST: usize = 300;
/// The longest that an evaluation may take: a few characters of Dhall can ask for endless work.
const PATIENCE: Duration = Duration::from_secs(10);

/// Evaluates in a thread with a deep stack, and gives up where that panics or does not end.
pub(super) fn within_limits(
    evaluation: impl FnOnce() -> Result<Data, String> + Send + 'static,
) -> Result<Data, String> {
    keep_its_panics_quiet();
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name(THREAD.to_owned())
        .stack_size(STACK)
        .spawn(move || {
            let result = panic::catch_unwind(panic::AssertUnwindSafe(evaluation))
                .unwrap_or_else(|panic| Err(words_of_panic(panic.as_ref())));
            // The receiver is gone if the time limit has passed.
            drop(sender.send(result));
        })
        .map_err(|error| format!("no thread for the evaluation: {error}"))?;
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        let seconds = PATIENCE.as_secs();
        Err(format!(
            "the evaluation was given up after {seconds} seconds"
        ))
    })
}

/// Refuses what the library would need more than its stack for: it recurses, and an overflow ends the whole process.
pub(super) fn check_size(text: &str) -> Result<(), String> {
    if text.len() > LONGEST {
        return Err(format!(
            "it must have at most {LONGEST} bytes, it has {}",
            text.len()
        ));
    }
    let mut depth = 0_usize;
    for character in text.chars() {
        match character {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MOST_BRACKETS {
            return Err(format!(
                "it must not be nested deeper than {MOST_BRACKETS} brackets"
            ));
        }
    }
    Ok(())
}

/// Refuses expressions that would overflow the stack: a tree that is too deep, and the one function that repeats as often
/// as a number says.
pub(super) fn check_tree(expression: &Expr) -> Result<(), String> {
    fn depth(expression: &Expr, counts: &mut bool) -> usize {
        *counts |= matches!(expression.kind(), ExprKind::Builtin(Builtin::NaturalFold));
        let mut deepest = 0;
        expression.kind().map_ref(|inner| {
            deepest = deepest.max(depth(inner, counts));
        });
        deepest + 1
    }
    let mut counts = false;
    if depth(expression, &mut counts) > DEEPEST {
        return Err(format!(
            "it must not be nested deeper than {DEEPEST} expressions"
        ));
    }
    if counts {
        return Err("it must not use Natural/fold".to_owned());
    }
    Ok(())
}

fn words_of_panic(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied().unwrap_or_default();
    if words.starts_with("Remote imports") {
        "it imports from the network, which is not followed: write what it imports into it first, e.g. with \
         `dhall resolve --file FILE`"
            .to_owned()
    } else {
        "the evaluation was given up: the file is too deep, or uses what this reader does not know"
            .to_owned()
    }
}

/// The library panics at its limits. The caller gets that in words, without a stack trace.
fn keep_its_panics_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |information| {
            if thread::current().name() != Some(THREAD) {
                before(information);
            }
        }));
    });
}
