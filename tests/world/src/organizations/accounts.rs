//! Accounts and their creation: AWS takes a creation, works on it, and never makes two accounts of one address.
//! A creation that is asked for twice at the same time, or of an address that is taken, ends with a reason.

use avm_core::domain::{AccountId, AccountName, Email};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::accounts::{
    Accounts, Creation, CreationFailure, CreationStart, CreationState, FoundAccount, NewAccount,
    UnderWay, Walk,
};

use super::{Asked, Member, State};
use crate::in_call::Behind;

/// What AWS waits for where it takes no other creation.
const ROOM: &str = "five creations are in progress";

impl Asked {
    fn shown(&self) -> Creation {
        Creation {
            id: self.id.clone(),
            state: self.state.clone(),
        }
    }
}

impl Member {
    fn found(&self, id: &AccountId) -> FoundAccount {
        FoundAccount {
            id: id.clone(),
            name: self.name.clone(),
            email: self.email.parse().ok(),
            arn: format!("arn:aws:organizations::333333333333:account/o-exampleorg/{id}"),
            state: self.state.clone(),
            joined: self.joined,
            is_invited: self.is_invited,
        }
    }
}

impl State {
    /// An execution asks for an account: AWS takes it, or has ended it at once.
    pub fn take(&mut self, wanted: NewAccount) -> Creation {
        let is_open = |asked: &Asked| {
            asked.state == CreationState::InProgress && asked.wanted.email == wanted.email
        };
        let state = if let Some(reason) = self.ends_with.take() {
            CreationState::Failed(reason)
        } else if self.creations.iter().any(is_open) {
            CreationState::Failed(CreationFailure::ConcurrentAccountModification)
        } else {
            CreationState::InProgress
        };
        let asked = Asked {
            id: format!("car-{}", self.creations.len() + 1),
            wanted,
            state,
            left: self.creation_lasts,
        };
        let creation = asked.shown();
        self.creations.push(asked);
        creation
    }

    /// AWS ends every creation that is in progress.
    pub fn finish_creations(&mut self) {
        for asked in &mut self.creations {
            asked.left = 0;
        }
        self.go_on_with_creations();
    }

    pub(super) fn go_on_with_creations(&mut self) {
        for number in 0..self.creations.len() {
            let asked = &mut self.creations[number];
            if asked.state != CreationState::InProgress {
                continue;
            }
            if asked.left > 0 {
                asked.left -= 1;
                continue;
            }
            let wanted = asked.wanted.clone();
            self.creations[number].state = self.make(wanted);
        }
    }

    fn make(&mut self, wanted: NewAccount) -> CreationState {
        let mut members = self.members.values();
        if members.any(|member| wanted.email.is_same_as(&member.email)) {
            return CreationState::Failed(CreationFailure::EmailAlreadyExists);
        }
        let id = format!("{:012}", 700_000_000_000 + self.members.len());
        let id: AccountId = id.parse().unwrap();
        let mut member = Member::new(wanted.name.as_str(), wanted.email.expose());
        member.tags = wanted.tags;
        member.shown_after = self.new_accounts_shown_after;
        self.members.insert(id.clone(), member);
        CreationState::Succeeded(id)
    }

    pub(super) fn visible(&self, id: &AccountId) -> Option<&Member> {
        let member = self.members.get(id);
        member.filter(|member| member.shown_after == 0)
    }

    /// One page of the list, from there.
    fn look_for(&self, email: &Email, from: usize) -> Walk {
        let per_page = match self.accounts_per_page {
            0 => usize::MAX,
            number => number,
        };
        let to = from.saturating_add(per_page);
        let page = self.members.iter().skip(from).take(per_page);
        let mut visible = page.filter(|(_, member)| member.shown_after == 0);
        match visible.find(|(_, member)| email.is_same_as(&member.email)) {
            Some((id, member)) => Walk::Found(member.found(id)),
            None if to < self.members.len() => Walk::Stopped(to.to_string()),
            None => Walk::Ended,
        }
    }

    fn listed_creations(&self, name: &AccountName) -> impl Iterator<Item = &Asked> {
        let listed = self.creations_listed_after == 0;
        let creations = self.creations.iter();
        creations.filter(move |asked| listed && asked.wanted.name == *name)
    }

    fn lack_of_room(&self) -> Option<String> {
        (self.room_after > 0).then(|| ROOM.to_owned())
    }
}

impl Accounts for Behind<'_> {
    async fn find_account(&self, id: &AccountId) -> Result<Option<FoundAccount>, Failure> {
        self.read(format!("organizations:DescribeAccount {id}"), |state| {
            let member = state.organizations.visible(id);
            Ok(member.map(|member| member.found(id)))
        })
    }

    async fn list_accounts(&self) -> Result<Vec<FoundAccount>, Failure> {
        self.read("organizations:ListAccounts", |state| {
            let members = state.organizations.members.iter();
            let visible = members.filter(|(_, member)| member.shown_after == 0);
            Ok(visible.map(|(id, member)| member.found(id)).collect())
        })
    }

    async fn walk_to_email(
        &self,
        email: &Email,
        from: Option<&str>,
        pages: u32,
    ) -> Result<Walk, Failure> {
        let mut at: usize = from.map_or(0, |token| token.parse().unwrap());
        for _ in 0..pages {
            let walk = self.read("organizations:ListAccounts", |state| {
                Ok(state.organizations.look_for(email, at))
            })?;
            match walk {
                Walk::Stopped(token) => at = token.parse().unwrap(),
                walk => return Ok(walk),
            }
        }
        Ok(Walk::Stopped(at.to_string()))
    }

    async fn list_open_creations(&self, name: &AccountName) -> Result<Vec<Creation>, Failure> {
        let words = format!("organizations:ListCreateAccountStatus {name}");
        self.read(words, |state| {
            let listed = state.organizations.listed_creations(name);
            let open = listed.filter(|asked| !matches!(asked.state, CreationState::Failed(_)));
            Ok(open.map(Asked::shown).collect())
        })
    }

    async fn find_under_way(&self, name: &AccountName) -> Result<UnderWay, Failure> {
        let words = format!("organizations:ListCreateAccountStatus in progress {name}");
        let seen = self.read(words, |state| {
            let listed = state.organizations.listed_creations(name);
            let open = listed.filter(|asked| asked.state == CreationState::InProgress);
            Ok(UnderWay::Seen {
                of_name: open.map(Asked::shown).collect(),
                lack_of_room: state.organizations.lack_of_room(),
            })
        });
        match seen {
            Err(failure) if failure.name() == ErrorName::Throttled => {
                Ok(UnderWay::Crowded("more ask than it answers".to_owned()))
            }
            seen => seen,
        }
    }

    async fn start_creation(&self, account: &NewAccount) -> Result<CreationStart, Failure> {
        let words = format!("organizations:CreateAccount {}", account.name);
        self.write(words, |state| {
            let state = &mut state.organizations;
            Ok(match state.lack_of_room() {
                Some(words) => CreationStart::NotYet(words),
                None => CreationStart::Taken(state.take(account.clone())),
            })
        })
    }

    async fn find_creation(&self, id: &str) -> Result<Option<Creation>, Failure> {
        let words = format!("organizations:DescribeCreateAccountStatus {id}");
        self.read(words, |state| {
            let mut creations = state.organizations.creations.iter();
            Ok(creations.find(|asked| asked.id == id).map(Asked::shown))
        })
    }
}
