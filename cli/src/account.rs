//! `avm account change-landing-zone`: an operator's word that lets one account go from its landing zone to another.
//! Told before it is written: what the account gains by the change. CloudTrail records who wrote it.

use std::time::Duration;

use avm_aws::clock;
use avm_core::config::{LandingZone, LandingZoneChange, read_document};
use avm_core::domain::{
    AccountId, CHANGE_PARAMETERS, Day, LANDING_ZONE_PARAMETERS, LandingZoneName,
};
use avm_core::ports::documents::{DocumentStore, Documents};
use avm_core::rules::zone_change;

use crate::Outcome;

const DAY: Duration = Duration::from_hours(24);

/// The word, for so many days from today.
pub fn change(
    from: LandingZoneName,
    to: LandingZoneName,
    days: u16,
) -> Result<LandingZoneChange, String> {
    if from == to {
        return Err(format!("--from and --to are both {from}"));
    }
    let until = Day::of(&clock::after(DAY * u32::from(days))).map_err(|error| error.to_string())?;
    Ok(LandingZoneChange { from, to, until })
}

/// Writes the word, if there is a landing zone to go to, and prints what it allows.
///
/// # Errors
/// No such landing zone, one that cannot be read, or a store that refuses.
pub async fn change_landing_zone(
    account: &AccountId,
    change: &LandingZoneChange,
    dry_run: bool,
    store: &(impl Documents + DocumentStore),
) -> Result<Outcome, String> {
    let LandingZoneChange { from, to, until } = change;
    let new = find(to, store).await?.ok_or_else(|| {
        format!(
            "there is no landing zone {to}: no parameter {}",
            document(to)
        )
    })?;
    let gains = match find(from, store).await? {
        Some(old) => zone_change::gains(&old, &new),
        None => vec![format!(
            "the landing zone {from} has no document any more, so nothing is known of what the account gains"
        )],
    };
    let parameter = format!("{CHANGE_PARAMETERS}{account}");
    if !dry_run {
        let text = serde_json::to_string(change).map_err(|error| error.to_string())?;
        store
            .put_document(&parameter, &text)
            .await
            .map_err(|failure| failure.to_string())?;
    }
    let may = if dry_run { "would be allowed" } else { "may" };
    println!("{parameter}: account {account} {may} to go from {from} to {to} until {until}");
    for gain in gains {
        println!("{parameter}: {gain}");
    }
    Ok(Outcome::Done)
}

fn document(name: &LandingZoneName) -> String {
    format!("{LANDING_ZONE_PARAMETERS}{name}")
}

async fn find(
    name: &LandingZoneName,
    store: &impl Documents,
) -> Result<Option<LandingZone>, String> {
    let document = document(name);
    let found = store.find_document(&document).await;
    let Some(stored) = found.map_err(|failure| failure.to_string())? else {
        return Ok(None);
    };
    let zone = read_document(&document, &stored.text).map_err(|failure| failure.to_string())?;
    Ok(Some(zone))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use avm_core::error::Failure;
    use avm_core::ports::documents::StoredDocument;

    use super::*;

    struct Store(Mutex<BTreeMap<String, String>>);

    impl Documents for Store {
        async fn find_document(&self, name: &str) -> Result<Option<StoredDocument>, Failure> {
            let found = self.0.lock().unwrap().get(name).cloned();
            Ok(found.map(|text| StoredDocument { text, version: 1 }))
        }
    }

    impl DocumentStore for Store {
        async fn list_documents(&self, _: &str) -> Result<BTreeMap<String, String>, Failure> {
            Ok(self.0.lock().unwrap().clone())
        }

        async fn put_document(&self, name: &str, text: &str) -> Result<(), Failure> {
            let mut documents = self.0.lock().unwrap();
            documents.insert(name.to_owned(), text.to_owned());
            Ok(())
        }
    }

    impl Store {
        fn word(&self) -> Option<String> {
            let documents = self.0.lock().unwrap();
            documents.get("/avm/changes/444455556666").cloned()
        }
    }

    fn store() -> Store {
        let zone = r#"{"organizationalUnit": "", "downgrade": "standard"}"#;
        let documents = ["/avm/landing-zones/old", "/avm/landing-zones/new"];
        let documents = documents.map(|name| (name.to_owned(), zone.to_owned()));
        Store(Mutex::new(documents.into()))
    }

    fn wish(from: &str, to: &str) -> LandingZoneChange {
        change(from.parse().unwrap(), to.parse().unwrap(), 7).unwrap()
    }

    async fn allow(from: &str, to: &str, dry_run: bool, store: &Store) -> Result<Outcome, String> {
        let account = "444455556666".parse().unwrap();
        change_landing_zone(&account, &wish(from, to), dry_run, store).await
    }

    #[tokio::test]
    async fn a_word_names_both_landing_zones_and_its_last_day() {
        let store = store();
        allow("old", "new", true, &store).await.unwrap();
        assert_eq!(store.word(), None);
        allow("old", "new", false, &store).await.unwrap();
        let written: LandingZoneChange = read_document("x", &store.word().unwrap()).unwrap();
        assert_eq!(written, wish("old", "new"));
        assert!(written.until > Day::of(&clock::now()).unwrap());
        // The landing zone that it was vended in may be gone by now.
        allow("gone", "new", false, &store).await.unwrap();
        assert!(store.word().unwrap().contains("gone"));
    }

    #[tokio::test]
    async fn nobody_is_let_into_what_does_not_exist() {
        let store = store();
        let reason = allow("old", "gone", false, &store).await.unwrap_err();
        assert!(reason.contains("there is no landing zone gone"), "{reason}");
        assert_eq!(store.word(), None);
        let same = change("old".parse().unwrap(), "old".parse().unwrap(), 7);
        assert!(same.unwrap_err().contains("both old"));
    }
}
