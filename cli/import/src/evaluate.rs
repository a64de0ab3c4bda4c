//! From a Dhall file to plain data. An error never repeats a part of the file: any part may be a secret.
//! Imports of other files and of environment variables are followed, those from the network are not.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs;
use std::panic;
use std::path::Path;
use std::sync::{Once, mpsc};
use std::thread;
use std::time::Duration;

use dhall::builtins::Builtin;
use dhall::error::{Error, ErrorKind};
use dhall::operations::OpKind;
use dhall::syntax::{Expr, ExprKind, NumKind};
use dhall::{Ctxt, Parsed, Resolved};

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

/// A value as far as configurations use Dhall.
#[derive(Clone, PartialEq, Eq)]
pub enum Data {
    /// `"…"`
    Text(String),
    /// `True` or `False`
    Bool(bool),
    /// `Some …` or `None …`
    Optional(Option<Box<Data>>),
    /// `[…]`
    List(Vec<Data>),
    /// `{ … = … }`
    Record(BTreeMap<String, Data>),
    /// `< A | B >.A`
    Alternative(String),
    /// Anything else: what it is, in words.
    Other(&'static str),
}

impl Data {
    /// What it is, in words.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a Text",
            Self::Bool(_) => "a Bool",
            Self::Optional(_) => "an Optional",
            Self::List(_) => "a List",
            Self::Record(_) => "a record",
            Self::Alternative(_) => "a union value",
            Self::Other(kind) => kind,
        }
    }
}

/// Evaluates the file, or says why it has no value, with line and column if they are known.
pub fn evaluate(file: &Path) -> Result<Data, String> {
    let text = fs::read(file).map_err(|error| format!("it cannot be read: {error}"))?;
    let text = String::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
    check_size(&text)?;
    let path = file.to_owned();
    within_limits(move || {
        Ctxt::with_new(|context| {
            let parsed = Parsed::parse_file(&path).map_err(words_of_error)?;
            check_tree(&parsed.to_expr())?;
            normal_form(parsed.resolve(context), context)
        })
    })
}

/// Evaluates a text like a file; imports are refused.
pub fn evaluate_text(text: &str) -> Result<Data, String> {
    check_size(text)?;
    let text = text.to_owned();
    within_limits(move || {
        Ctxt::with_new(|context| {
            let parsed = Parsed::parse_str(&text).map_err(words_of_error)?;
            check_tree(&parsed.to_expr())?;
            normal_form(parsed.skip_resolve(context), context)
        })
    })
}

fn normal_form<'context>(
    resolved: Result<Resolved<'context>, Error>,
    context: Ctxt<'context>,
) -> Result<Data, String> {
    let typed = resolved
        .map_err(words_of_error)?
        .typecheck(context)
        .map_err(words_of_error)?;
    Ok(data(&typed.normalize(context).to_expr(context)))
}

/// Evaluates in a thread with a deep stack, and gives up where that panics or does not end.
fn within_limits(
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
fn check_size(text: &str) -> Result<(), String> {
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
fn check_tree(expression: &Expr) -> Result<(), String> {
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

fn data(expression: &Expr) -> Data {
    match expression.kind() {
        ExprKind::TextLit(text) if text.tail().is_empty() => Data::Text(text.head().to_owned()),
        ExprKind::Num(NumKind::Bool(value)) => Data::Bool(*value),
        ExprKind::Num(_) => Data::Other("a number"),
        ExprKind::SomeLit(value) => Data::Optional(Some(Box::new(data(value)))),
        ExprKind::Op(OpKind::App(function, _)) if is_none(function) => Data::Optional(None),
        ExprKind::EmptyListLit(_) => Data::List(Vec::new()),
        ExprKind::NEListLit(items) => Data::List(items.iter().map(data).collect()),
        ExprKind::RecordLit(fields) => Data::Record(
            fields
                .iter()
                .map(|(label, value)| (label.to_string(), data(value)))
                .collect(),
        ),
        ExprKind::Lam(..) => Data::Other("a function"),
        ExprKind::Const(_)
        | ExprKind::Builtin(_)
        | ExprKind::Pi(..)
        | ExprKind::RecordType(_)
        | ExprKind::UnionType(_) => Data::Other("a type"),
        ExprKind::Op(OpKind::Field(union, label))
            if matches!(union.kind(), ExprKind::UnionType(_)) =>
        {
            Data::Alternative(label.to_string())
        }
        ExprKind::Op(OpKind::Field(..) | OpKind::App(..)) => Data::Other("a union value"),
        _ => Data::Other("an expression"),
    }
}

fn is_none(function: &Expr) -> bool {
    matches!(function.kind(), ExprKind::Builtin(Builtin::OptionalNone))
}

/// What the library does not know of the language: it reads version 20 of the standard, from 2021.
const NEWER: &str = "newer than what this reader knows (such as with on optionals, showConstructor, dates, as Bytes): read what \
     `dhall --file FILE` makes of it instead";

/// Where and what, without the lines of the file that the library shows.
fn words_of_error(error: impl Into<Error>) -> String {
    let error = error.into();
    let shown = error.to_string();
    let what = match error.kind() {
        ErrorKind::IO(error) => return format!("it cannot be read: {error}"),
        ErrorKind::Parse(_) => format!("it is not Dhall, or {NEWER}"),
        ErrorKind::Typecheck(_) => words_of_type_error(&shown),
        _ => "an import cannot be resolved".to_owned(),
    };
    match position(&shown) {
        Some((line, column)) => format!("line {line}, column {column}: {what}"),
        None => what,
    }
}

/// The library's own word for the error: what follows a quotation mark or a colon may be a value.
fn words_of_type_error(shown: &str) -> String {
    let title = shown
        .strip_prefix("Type error: error: ")
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default();
    let word: String = title
        .chars()
        .take_while(|character| character.is_ascii_alphabetic() || *character == ' ')
        .collect();
    match word.trim() {
        "" => "a type is wrong".to_owned(),
        "error" => "an import cannot be read".to_owned(),
        word if word.starts_with("unbound variable") => {
            format!(
                "a type is wrong ({word}); if it is no typing error, it is not defined here, or {NEWER}"
            )
        }
        word => format!("a type is wrong ({word})"),
    }
}

/// Line and column behind the first `-->`.
fn position(shown: &str) -> Option<(usize, usize)> {
    let (_, rest) = shown.split_once("--> ")?;
    let mut parts = rest.lines().next()?.rsplit(':');
    let column = parts.next()?.trim().parse().ok()?;
    let line = parts.next()?.trim().parse().ok()?;
    Some((line, column))
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn evaluated(text: &str) -> Result<Data, String> {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("avm-dhall-{}-{number}.dhall", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).unwrap();
        let result = evaluate(&path);
        fs::remove_file(path).unwrap();
        result
    }

    fn kind(text: &str) -> &'static str {
        evaluated(text).map_or("nothing", |data| data.kind())
    }

    #[test]
    fn expressions_become_plain_data() {
        let text = Data::Text;
        for (expression, expected) in [
            (r#""a""#, text("a".to_owned())),
            (r#""%s.%4\$s ${"x"}""#, text("%s.%4$s x".to_owned())),
            ("True == False || True", Data::Bool(true)),
            ("None Text", Data::Optional(None)),
            (
                "let x = Some \"a\" in x",
                Data::Optional(Some(Box::new(text("a".to_owned())))),
            ),
            ("[] : List Text", Data::List(Vec::new())),
            (
                r#"{ a.b = "c" } /\ { a.d = [ True ] }"#,
                Data::Record(
                    [(
                        "a".to_owned(),
                        Data::Record(
                            [
                                ("b".to_owned(), text("c".to_owned())),
                                ("d".to_owned(), Data::List(vec![Data::Bool(true)])),
                            ]
                            .into(),
                        ),
                    )]
                    .into(),
                ),
            ),
        ] {
            let found = evaluated(expression);
            assert!(found == Ok(expected), "{expression}: {:?}", found.err());
        }
    }

    #[test]
    fn what_is_no_plain_data_is_known_by_its_kind() {
        for (expression, expected) in [
            ("\\(Secret : Type) -> { a = 1 }", "a function"),
            ("{ a : Text }", "a type"),
            ("< A | B >.A", "a union value"),
            ("< A : Text | B >.A \"x\"", "a union value"),
            ("1", "a number"),
            ("toMap { a = 1 }", "a List"),
        ] {
            assert_eq!(kind(expression), expected, "{expression}");
        }
    }

    #[test]
    fn an_error_tells_the_place_and_never_a_value() {
        for (expression, expected) in [
            (
                "{ a = \"secret\"\n, b = }",
                "line 2, column 7: it is not Dhall, or newer than what this reader knows (such as with on optionals, \
                 showConstructor, dates, as Bytes): read what `dhall --file FILE` makes of it instead",
            ),
            (
                "{ a = \"secret\" } : { a : Bool }",
                "line 1, column 1: a type is wrong (annot mismatch)",
            ),
            (
                "{ a = 1\n, b = secret }",
                "line 2, column 7: a type is wrong (unbound variable); if it is no typing error, it is not defined here, or \
                 newer than what this reader knows (such as with on optionals, showConstructor, dates, as Bytes): read what \
                 `dhall --file FILE` makes of it instead",
            ),
            (
                "\"secret\" && True",
                "line 1, column 1: a type is wrong (BinOpTypeMismatch)",
            ),
            (
                "./secret.dhall",
                "line 1, column 1: an import cannot be read",
            ),
            (
                "env:SECRET_THAT_IS_NOT_SET as Text",
                "line 1, column 1: an import cannot be read",
            ),
            ("missing", "line 1, column 1: an import cannot be read"),
            (
                "https://example.com/secret.dhall",
                "it imports from the network, which is not followed: write what it imports into it first, e.g. with \
                 `dhall resolve --file FILE`",
            ),
        ] {
            assert_eq!(
                evaluated(expression).err().as_deref(),
                Some(expected),
                "{expression}"
            );
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_said_to_be_so() {
        let reason = evaluate(Path::new("/nowhere/Aws.dhall")).err().unwrap();
        assert!(reason.starts_with("it cannot be read: "), "{reason}");
    }
}
