//! The metering in a world in memory: an organization that costs something, and a bucket that can fail at any write.
//! Months begin in January 2026; the account `P` uses EC2, other accounts as a test says.

mod life;
mod owners;
mod requests;
mod runs;
mod world;

use std::time::Duration;

use avm_core::config::Metering;
use avm_core::doors::{Behind, Door};
use avm_core::error::Failure;
use avm_metering::check::{StoredMonth, differences};
use avm_metering::documents::{Pointer, Report, Status, read};
use avm_metering::shelf::{Shelf, pointer_key};
use serde_json::{Value, json};

use self::world::World;
use crate::{Answer, Clock, Outside, ROLE, meter};

#[test]
fn costs_are_read_under_the_role_behind_its_door() {
    assert_eq!(Door::Metering.row().behind, Behind::Management(ROLE));
}

/// A run of that day with nothing asked for.
async fn run(world: &World, day: &str) -> Result<Answer, Failure> {
    ask(world, day, json!({})).await
}

async fn ask(world: &World, day: &str, event: Value) -> Result<Answer, Failure> {
    ask_with(world, day, event, Duration::from_mins(15)).await
}

async fn ask_with(
    world: &World,
    day: &str,
    event: Value,
    left: Duration,
) -> Result<Answer, Failure> {
    world.begin();
    let now = format!("{day}T06:00:00Z");
    let settings: Metering = world.settings.borrow().clone();
    let outside = Outside {
        costs: world,
        accounts: world,
        store: world,
        payer: &avm_metering::testing::account(avm_metering::testing::M),
    };
    let clock = Clock {
        now: &|| now.clone(),
        left: &|| left,
        print: &|line| world.printed.borrow_mut().push(line.to_owned()),
    };
    meter(&event, &settings, &outside, &clock).await
}

/// What a reader finds of a month, proved.
struct Found {
    pointer: Pointer,
    month: StoredMonth,
}

impl Found {
    fn total(&self) -> String {
        self.month.manifest.total.rounded.to_string()
    }

    fn version(&self) -> u32 {
        self.month.manifest.version
    }

    fn report(&self, account: &str) -> Report {
        let account = avm_metering::testing::account(account);
        read("report", &self.month.reports[&account]).unwrap()
    }
}

/// Reads a month as any reader does: the final pointer, else the estimated one, then all that it names.
async fn find(world: &World, month: &str) -> Option<Found> {
    let month = month.parse().unwrap();
    let shelf = Shelf { store: world };
    let manifest = shelf.find_manifest(month).await.unwrap()?;
    let pointer = shelf.find_current(month).await.unwrap()?;
    let month = shelf.documents(&pointer.manifest, manifest).await.unwrap();
    assert_eq!(differences(&month), [""; 0]);
    Some(Found { pointer, month })
}

fn months(texts: &[&str]) -> Vec<avm_core::domain::Month> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn key(status: Status, month: &str) -> String {
    pointer_key(status, month.parse().unwrap())
}
