//! Whose turn it is where two vends run for one account: by its id and by its address, by two addresses, or from both sides of a
//! month's end. Their names differ, so Step Functions starts both; the one that was started first goes on, the other waits for its end.

use std::time::Duration;

use crate::contract::order::Order;
use crate::domain::{AccountId, Email};
use crate::ports::executions::RunningVend;
use crate::rules::owner::Owner;

/// Whether an execution of that name vends the account of this id or of one of these addresses: it is named by the id, or by
/// identifiers and a digest of the address, and then by month and number.
pub fn is_vend_of(name: &str, id: &AccountId, addresses: &[&Email]) -> bool {
    let Some(key) = name.rsplitn(4, '-').nth(3) else {
        return false;
    };
    let is_of = |address: &&Email| key.ends_with(&format!("-{}", address.digest()));
    key == id.as_str() || addresses.iter().any(is_of)
}

/// When the execution of that name was started; none where it does not show yet.
pub fn started(name: &str, running: &[RunningVend]) -> Option<Duration> {
    let own = running.iter().find(|vend| vend.name == name);
    own.map(|vend| vend.started)
}

/// The vend of the account that was started before the execution of that name. Two that were started at once are told apart
/// by their names, so that never both wait; before one that does not show yet come all that do.
pub fn before<'a>(
    name: &str,
    id: &AccountId,
    addresses: &[&Email],
    running: &'a [RunningVend],
) -> Option<&'a RunningVend> {
    earlier(name, running).find(|vend| is_vend_of(&vend.name, id, addresses))
}

/// The vends that were started before the execution of that name, and that have its identifiers before the digest of another
/// address: of its project, or of one whose identifiers are spelled alike in a name ([`is_order_of`] tells).
pub fn before_of_project<'a>(
    name: &str,
    running: &'a [RunningVend],
) -> impl Iterator<Item = &'a RunningVend> {
    let own = identifiers(name);
    earlier(name, running).filter(move |vend| own.is_some() && identifiers(&vend.name) == own)
}

/// Whether an execution's input is an order of that owner.
pub fn is_order_of(input: &str, owner: &Owner) -> bool {
    let order = serde_json::from_str::<Order>(input);
    order.is_ok_and(|order| Owner::of(&order) == *owner)
}

fn earlier<'a>(name: &str, running: &'a [RunningVend]) -> impl Iterator<Item = &'a RunningVend> {
    let own = started(name, running).map(|started| (started, name));
    running
        .iter()
        .filter(move |vend| vend.name != name)
        .filter(move |vend| own.is_none_or(|own| (vend.started, vend.name.as_str()) < own))
}

/// What stands before the digest, the month and the number; a name by an account's id has none.
fn identifiers(name: &str) -> Option<&str> {
    name.rsplitn(5, '-').nth(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_ID: &str = "111111111111-2026-11-1";

    fn address(text: &str) -> Email {
        text.parse().unwrap()
    }

    fn by_address(text: &str) -> String {
        format!("space-shop-{}-2026-11-1", address(text).digest())
    }

    fn vend(name: &str, seconds: u64) -> RunningVend {
        RunningVend {
            name: name.to_owned(),
            started: Duration::from_secs(seconds),
        }
    }

    fn first<'a>(name: &str, running: &'a [RunningVend]) -> Option<&'a str> {
        let id = "111111111111".parse().unwrap();
        let addresses = [&address("a@example.com"), &address("b@example.com")];
        before(name, &id, &addresses, running).map(|vend| vend.name.as_str())
    }

    #[test]
    fn the_later_of_two_vends_of_an_account_waits_for_the_earlier_and_for_no_other() {
        let (a, b) = (by_address("A@example.com"), by_address("b@example.com"));
        let running = [
            vend(BY_ID, 5),
            vend(&a, 3),
            vend(&b, 4),
            vend("222222222222-2026-11-1", 1),
            vend(&by_address("c@example.com"), 1),
            vend("by-hand", 1),
        ];
        assert_eq!(first(BY_ID, &running), Some(a.as_str()));
        assert_eq!(first(&b, &running), Some(a.as_str()));
        assert_eq!(first(&a, &running), None);
    }

    #[test]
    fn of_two_that_were_started_at_once_exactly_one_waits() {
        let a = by_address("a@example.com");
        let running = [vend(BY_ID, 5), vend(&a, 5)];
        assert_eq!(first(BY_ID, &running), None);
        assert_eq!(first(&a, &running), Some(BY_ID));
    }

    #[test]
    fn one_that_does_not_show_yet_was_started_after_what_shows() {
        let running = [vend(&by_address("a@example.com"), 5)];
        assert_eq!(first(BY_ID, &running), Some(running[0].name.as_str()));
        assert_eq!(first(BY_ID, &[]), None);
        assert_eq!(started(BY_ID, &running), None);
    }

    #[test]
    fn the_earlier_vends_of_a_project_have_its_identifiers_and_any_address() {
        let (a, b) = (by_address("a@example.com"), by_address("b@example.com"));
        let running = [
            vend(&a, 5),
            vend(&b, 4),
            vend("space-bank-12345678-2026-11-1", 1),
            vend("space-shop-b-12345678-2026-11-1", 1),
            vend(BY_ID, 1),
            vend("by-hand", 1),
        ];
        let before = |name: &str| -> Vec<String> {
            before_of_project(name, &running)
                .map(|vend| vend.name.clone())
                .collect()
        };
        assert_eq!(before(&a), [b.as_str()]);
        assert_eq!(before(&b), [""; 0]);
        for named_otherwise in [BY_ID, "by-hand"] {
            assert_eq!(before(named_otherwise), [""; 0]);
        }
    }

    #[test]
    fn an_order_tells_whose_it_is_and_what_is_no_order_is_nobodys() {
        let order = crate::testing::order();
        let owner = Owner::of(&order);
        let input = |order: &Order| serde_json::to_string(order).unwrap();
        assert!(is_order_of(&input(&order), &owner));
        let mut other = order.clone();
        other.request.stage = "bank".parse().unwrap();
        assert!(!is_order_of(&input(&other), &owner));
        assert!(!is_order_of("{}", &owner));
    }

    #[test]
    fn both_sides_of_a_months_end_are_one_account() {
        let next = "111111111111-2026-12-1";
        let running = [vend(next, 6), vend(BY_ID, 5)];
        assert_eq!(first(next, &running), Some(BY_ID));
        assert_eq!(first(BY_ID, &running), None);
    }
}
