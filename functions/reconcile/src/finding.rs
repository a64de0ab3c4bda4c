//! What is told of one account, as a text: `444455556666 pt 30 role … carries …`.
//! Kinds and hours stand before the words, which are cut where there is no room for them.

use std::collections::BTreeSet;
use std::fmt::Write;

use avm_core::domain::{AccountId, one_line, redact_emails};

/// Account, the worst kinds, five digits of hours, and what is between them.
pub(crate) const SHORTEST: usize = 12 + 1 + MOST_KINDS + 1 + 5;
/// Five digits: eleven years.
const MOST_HOURS: u64 = 99_999;
/// The worst ones: their words are told in any case.
const MOST_KINDS: usize = 4;

/// What an account is told for, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Its access role can do more than its minimum.
    Powerful,
    /// The same, until it was taken down tonight.
    Downgraded,
    /// Its root user can sign in, or call AWS.
    RootUser,
    /// It could not be looked into.
    Unread,
    /// A role lets others in, or does more, than it was made for.
    Roles,
    /// A StackSet of the machine has an instance in it that its landing zone does not name.
    StackSets,
    /// The tags that tell whose it is are not whole.
    Tags,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Powerful,
        Self::Downgraded,
        Self::RootUser,
        Self::Unread,
        Self::Roles,
        Self::StackSets,
        Self::Tags,
    ];

    const fn letter(self) -> char {
        match self {
            Self::Powerful => 'p',
            Self::Downgraded => 'd',
            Self::RootUser => 'c',
            Self::Unread => 'u',
            Self::Roles => 'r',
            Self::StackSets => 's',
            Self::Tags => 't',
        }
    }

    fn of(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter)
    }
}

/// What is told of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) account: AccountId,
    pub(crate) kinds: BTreeSet<Kind>,
    /// For how long at most the access role may have been powerful: since it was last proved not to be.
    pub(crate) hours: u64,
    pub(crate) words: String,
}

impl Finding {
    /// The text, of so many bytes at most; no address is in it, whatever a tenant calls a role.
    pub(crate) fn text(&self, room: usize) -> String {
        let mut text = format!("{} ", self.account);
        let kinds = self.kinds.iter().take(MOST_KINDS);
        text.extend(kinds.map(|kind| kind.letter()));
        let hours = self.hours.min(MOST_HOURS);
        let words = one_line(&redact_emails(&self.words));
        // Writing to a text cannot fail.
        let _ = write!(text, " {hours} {words}");
        text.truncate(text.floor_char_boundary(room.max(SHORTEST)));
        text
    }

    /// The finding of a text; none, if it is not of this form.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ' ');
        let account = parts.next()?.parse().ok()?;
        let kinds = parts.next()?.chars().map(Kind::of);
        let kinds: BTreeSet<Kind> = kinds.collect::<Option<_>>()?;
        let hours = parts.next()?.parse().ok()?;
        let words = parts.next().unwrap_or_default().to_owned();
        (!kinds.is_empty()).then_some(Self {
            account,
            kinds,
            hours,
            words,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(kinds: &[Kind], words: &str) -> Finding {
        Finding {
            account: "444455556666".parse().unwrap(),
            kinds: kinds.iter().copied().collect(),
            hours: 30,
            words: words.to_owned(),
        }
    }

    #[test]
    fn a_finding_is_read_as_it_was_written() {
        for kind in Kind::ALL {
            let written = finding(&[kind, Kind::Tags], "role X: managed policy Y is attached");
            assert_eq!(Finding::of(&written.text(1000)), Some(written));
        }
        assert_eq!(
            finding(&[Kind::Powerful, Kind::Tags], "words").text(1000),
            "444455556666 pt 30 words"
        );
    }

    #[test]
    fn the_shortest_room_holds_all_but_the_words() {
        let mut long = finding(&Kind::ALL, &"wörter ".repeat(100));
        long.hours = 1_000_000;
        let text = long.text(0);
        assert_eq!(text, "444455556666 pdcu 99999");
        assert_eq!(text.len(), SHORTEST);
        let kinds = Kind::ALL.into_iter().take(MOST_KINDS);
        assert_eq!(Finding::of(&text).unwrap().kinds, kinds.collect());
        for room in 0..60 {
            assert!(long.text(room).len() <= room.max(SHORTEST));
        }
    }

    #[test]
    fn an_address_in_a_name_is_not_told() {
        let text = finding(&[Kind::Roles], "inline policy ada@example.com is there").text(1000);
        assert!(!text.contains('@'), "{text}");
    }

    #[test]
    fn what_is_no_finding_is_none() {
        for text in [
            "",
            "444455556666",
            "444455556666 x 3 words",
            "4 p 3",
            "444455556666  3 a",
        ] {
            assert_eq!(Finding::of(text), None, "{text}");
        }
    }
}
