//! What has to happen with the alias, as plain data: made from what was read, shown, then applied.
//! Without enforcement an alias that is there is somebody's choice and stays.

use std::collections::BTreeSet;
use std::fmt;

use avm_core::contract::answer;
use avm_core::domain::AccountAlias;
use serde::Serialize;

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum Plan {
    /// The account has the alias.
    Nothing,
    /// The account has another one, which stays.
    Keep {
        /// The alias that it has.
        current: AccountAlias,
    },
    /// The account has none.
    Create {
        /// The alias that it gets.
        wanted: AccountAlias,
    },
    /// The account has another one, which goes.
    Replace {
        /// The alias that it has.
        current: AccountAlias,
        /// The alias that it gets.
        wanted: AccountAlias,
    },
    /// The account has the alias, and others besides.
    Remove {
        /// The others.
        others: Vec<AccountAlias>,
    },
}

impl Plan {
    /// Compares the aliases that were found with the one that is wanted.
    pub(crate) fn new(
        wanted: &AccountAlias,
        found: &BTreeSet<AccountAlias>,
        is_enforced: bool,
    ) -> Self {
        let others: Vec<AccountAlias> = found
            .iter()
            .filter(|alias| *alias != wanted)
            .cloned()
            .collect();
        let is_there = found.contains(wanted);
        match (others.first().cloned(), is_there, is_enforced) {
            (None, false, _) => Self::Create {
                wanted: wanted.clone(),
            },
            (Some(_), true, true) => Self::Remove { others },
            (_, true, _) => Self::Nothing,
            (Some(current), false, false) => Self::Keep { current },
            (Some(current), false, true) => Self::Replace {
                current,
                wanted: wanted.clone(),
            },
        }
    }
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Nothing | Self::Keep { .. })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str("nothing to do: the account has its alias"),
            Self::Keep { current } => write!(
                formatter,
                "nothing to do: the account has the alias {current}, and aliases are not enforced"
            ),
            Self::Create { wanted } => write!(formatter, "create the alias {wanted}"),
            Self::Replace { current, wanted } => {
                write!(formatter, "replace the alias {current} by {wanted}")
            }
            Self::Remove { others } => {
                let others: Vec<&str> = others.iter().map(AccountAlias::as_str).collect();
                write!(
                    formatter,
                    "take away the aliases besides: {}",
                    others.join(", ")
                )
            }
        }
    }
}
