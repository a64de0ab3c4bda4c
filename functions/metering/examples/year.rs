//! Twelve months of five thousand accounts through the whole metering, without a network: time, memory, bytes, requests.
//! Fails above the limits. `make bench` runs it in a release build.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use avm_core::domain::AccountId;
use avm_core::error::Failure;
use avm_metering::documents::AccountState;
use avm_metering::plan::{Plan, PlanKind};
use avm_metering::ports::{
    Costs, ETag, KnownAccount, KnownAccounts, PlanAnswer, Question, ReportStore, Stored, Swap,
};
use avm_metering::read::{Answer, ControlGroup, CostGroup};
use avm_metering::record::RecordType;
use avm_metering::testing::{account, amount, control_of, group, plan, settings};
use avm_metering::time::Window;
use metering::{Clock, Outside, meter};
use serde_json::json;

const ACCOUNTS: u32 = 5_000;
const SERVICES: u32 = 12;
/// Groups on a page of Cost Explorer: AWS does not say how many; this is in the middle of what is thought.
const PAGE: usize = 5_000;
const MOST_MEMORY: u64 = 200;
const MOST_SECONDS_A_MONTH: u64 = 2;

/// The organization: what its accounts cost in any month, and a store that keeps what is read again.
struct Year {
    groups: Vec<CostGroup>,
    plans: Vec<Plan>,
    requests: Cell<u32>,
    objects: RefCell<BTreeMap<String, String>>,
    written: Cell<(usize, usize)>,
}

fn id(number: u32) -> String {
    format!("{:012}", 100_000_000_000_u64 + u64::from(number))
}

fn groups() -> Vec<CostGroup> {
    let mut groups = Vec::new();
    for number in 0..ACCOUNTS {
        let id = id(number);
        for service in 0..SERVICES {
            let service = format!("Amazon Service {service}");
            let cost = format!("{}.{number:06}7", number % 97);
            groups.push(group(&id, "Usage", &service, [&cost, &cost]));
            if service.ends_with(" 0") {
                groups.push(group(&id, "DiscountedUsage", &service, ["3.33", "0"]));
            }
            if service.ends_with(" 1") || service.ends_with(" 2") {
                groups.push(group(
                    &id,
                    "SavingsPlanCoveredUsage",
                    &service,
                    ["1.11", "2.22"],
                ));
            }
        }
        groups.push(group(&id, "SavingsPlanNegation", "", ["0", "-4.44"]));
        groups.push(group(&id, "Tax", "", ["0.191919", "0.191919"]));
        if number % 5 == 0 {
            groups.push(group(&id, "Fee", "Amazon Service 0", ["0", "40"]));
        }
        if number % 10 == 0 {
            groups.push(group(&id, "RIFee", "Amazon Service 0", ["0.5", "1"]));
        }
    }
    groups
}

fn plans() -> Vec<Plan> {
    let of_account = |number: u32| Plan {
        id: format!("ri:{number}"),
        account: account(&id(number)),
        service: Some("Amazon Service 0".to_owned()),
        upfront: amount("40"),
        ..plan(PlanKind::ReservedInstance, "40", "3.33")
    };
    (0..ACCOUNTS).step_by(50).map(of_account).collect()
}

impl Year {
    fn answer<Group>(&self, groups: Vec<Group>) -> Answer<Group> {
        let pages = groups.len().div_ceil(PAGE).max(1);
        let pages = u32::try_from(pages).unwrap();
        self.requests.set(self.requests.get() + pages);
        Answer {
            groups,
            is_estimated: false,
        }
    }

    fn some(&self, is_asked: impl Fn(&RecordType) -> bool) -> Answer<CostGroup> {
        let groups = self.groups.iter();
        let asked = groups.filter(|group| is_asked(&group.record_type));
        self.answer(asked.cloned().collect())
    }
}

impl Costs for Year {
    async fn control(&self, _: Question) -> Result<Answer<ControlGroup>, Failure> {
        Ok(self.answer(control_of(&self.groups)))
    }

    async fn by_service(
        &self,
        _: Question,
        record_type: &RecordType,
    ) -> Result<Answer<CostGroup>, Failure> {
        Ok(self.some(|found| found == record_type))
    }

    async fn rest(
        &self,
        _: Question,
        except: &BTreeSet<&RecordType>,
    ) -> Result<Answer<CostGroup>, Failure> {
        Ok(self.some(|found| !except.contains(found)))
    }

    async fn reservations(&self, _: Window, _: &str) -> Result<PlanAnswer, Failure> {
        self.requests.set(self.requests.get() + 1);
        Ok(PlanAnswer::Plans(self.plans.clone()))
    }

    async fn savings_plans(&self, _: Window) -> Result<PlanAnswer, Failure> {
        self.requests.set(self.requests.get() + 1);
        Ok(PlanAnswer::Plans(Vec::new()))
    }

    fn requests(&self) -> u32 {
        self.requests.get()
    }
}

impl KnownAccounts for Year {
    async fn list(&self) -> Result<BTreeMap<AccountId, KnownAccount>, Failure> {
        let known = |number: u32| KnownAccount {
            name: format!("account-{number}"),
            state: AccountState::Active,
            tags: [("ProductName", "w"), ("Stage", "p")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        };
        let accounts = (0..ACCOUNTS).map(|number| (account(&id(number)), known(number)));
        Ok(accounts.collect())
    }
}

impl ReportStore for Year {
    async fn find(&self, key: &str) -> Result<Option<Stored>, Failure> {
        let objects = self.objects.borrow();
        Ok(objects.get(key).map(|text| Stored {
            text: text.clone(),
            etag: ETag(String::new()),
        }))
    }

    async fn put(&self, key: &str, text: &str) -> Result<(), Failure> {
        let (objects, bytes) = self.written.get();
        self.written.set((objects + 1, bytes + text.len()));
        if key.ends_with("organization.json") || key.starts_with("current/") {
            // The month before is read again, no other.
            let mut objects = self.objects.borrow_mut();
            objects.insert(key.to_owned(), text.to_owned());
        }
        Ok(())
    }

    async fn swap(&self, key: &str, text: &str, _: Option<&ETag>) -> Result<Swap, Failure> {
        self.put(key, text).await?;
        Ok(Swap::Done)
    }
}

/// The most memory that this process has had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse::<u64>().unwrap() / 1024
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut settings = settings();
    settings.max_requests_per_run = 5_000;
    let year = Year {
        groups: groups(),
        plans: plans(),
        requests: Cell::new(0),
        objects: RefCell::default(),
        written: Cell::default(),
    };
    let payer = account(&id(0));
    let outside = Outside {
        costs: &year,
        accounts: &year,
        store: &year,
        payer: &payer,
    };
    let clock = Clock {
        now: &|| "2027-02-10T06:00:00Z".to_owned(),
        left: &|| Duration::from_mins(15),
        print: &|_| (),
    };
    let begun = Instant::now();
    let mut requests = 0;
    for month in 1..=12 {
        year.requests.set(0);
        let event = json!({"Month": format!("2026-{month:02}")});
        let answer = meter(&event, &settings, &outside, &clock).await.unwrap();
        requests += answer.requests;
    }
    let seconds = begun.elapsed().as_secs();
    let (objects, bytes) = year.written.get();
    let mebibytes = bytes / 1024 / 1024;
    println!(
        "{ACCOUNTS} accounts x 12 months, {} groups a month",
        year.groups.len()
    );
    println!("time {seconds} s, peak memory {} MiB", peak());
    println!("{objects} objects, {mebibytes} MiB");
    println!(
        "{requests} requests of {PAGE} groups, USD {}.{:02}",
        requests / 100,
        requests % 100
    );
    assert!(seconds <= 12 * MOST_SECONDS_A_MONTH, "too slow");
    assert!(peak() <= MOST_MEMORY, "too much memory");
}
