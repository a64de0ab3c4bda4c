//! From a Dhall file to plain data. An error never repeats a part of the file: any part may be a secret.
//! Imports of other files and of environment variables are followed, those from the network are not.

mod errors;
mod limits;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dhall::builtins::Builtin;
use dhall::error::Error;
use dhall::operations::OpKind;
use dhall::syntax::{Expr, ExprKind, NumKind};
use dhall::{Ctxt, Parsed, Resolved};

use errors::words_of_error;
use limits::{check_size, check_tree, within_limits};

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
