//! The common shape of a validated text: made from a `String`, or refused with what was expected.
//! Every id and name of the domain is declared through [`text_type`].

use std::fmt;

/// The refusal of a text: what is expected, never the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidText {
    /// What the type holds, e.g. "account id".
    pub what: &'static str,
    /// What a valid text looks like, e.g. "12 digits".
    pub expected: &'static str,
}

impl fmt::Display for InvalidText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} must be {}", self.what, self.expected)
    }
}

impl std::error::Error for InvalidText {}

/// Declares a newtype over `String` with its rule, its JSON Schema pattern and its words; `hidden` in front keeps the text
/// out of every print: it has neither `Display` nor a telling `Debug`, and is read through `expose`.
macro_rules! text_type {
    (hidden $(#[$meta:meta])* $name:ident, $what:literal, $expected:literal, $pattern:literal, $is_valid:expr) => {
        $crate::domain::text::text_type!(@type $(#[$meta])* $name, $what, $expected, $pattern, $is_valid);

        impl $name {
            /// The text itself: for AWS only, never for a log.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "<{}>", $what)
            }
        }
    };
    (@type $(#[$meta:meta])* $name:ident, $what:literal, $expected:literal, $pattern:literal, $is_valid:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(extend("pattern" = $pattern))]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = $crate::domain::InvalidText;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                let is_valid: fn(&str) -> bool = $is_valid;
                if is_valid(&text) {
                    Ok(Self(text))
                } else {
                    Err($crate::domain::InvalidText { what: $what, expected: $expected })
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::InvalidText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
    ($(#[$meta:meta])* $name:ident, $what:literal, $expected:literal, $pattern:literal, $is_valid:expr) => {
        $crate::domain::text::text_type!(@type $(#[$meta])* $name, $what, $expected, $pattern, $is_valid);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "{:?}", self.0)
            }
        }
    };
}
pub(crate) use text_type;
