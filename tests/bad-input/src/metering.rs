//! A month of Cost Explorer as odd as it comes: lines of a text are groups and plans.
//! Whatever they are, the bill keeps its identities, its documents prove themselves, and nothing panics.

use avm_metering::bill::Bill;
use avm_metering::check::{StoredMonth, differences};
use avm_metering::money::Amount;
use avm_metering::plan::{Plan, PlanKind};
use avm_metering::read::CostGroup;
use avm_metering::testing::{documents, group, month_read, plan, settings};

/// The accounts that a line may name, by its first character.
const ACCOUNTS: [&str; 3] = ["111111111111", "222222222222", "333333333333"];

/// Reads a month, one group or plan a line: `account|record type|service|amortized|unblended`, or
/// `plan|start|end|upfront|amortized|instances`. What is no amount or no time is left out, as the adapter refuses it.
pub fn month(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('|').collect()).collect();
    let groups: Vec<CostGroup> = lines.iter().filter_map(|fields| group_of(fields)).collect();
    let mut plans: Vec<Plan> = lines.iter().filter_map(|fields| plan_of(fields)).collect();
    for (number, plan) in plans.iter_mut().enumerate() {
        plan.id = format!("ri:{number}");
    }
    let mut settings = settings();
    settings.savings_plan_fair_chargeback = lines.len().is_multiple_of(2);
    let bill = Bill::of(month_read("2026-03", groups, plans), &settings).unwrap();
    let documents = documents(&bill, &settings);
    let stored = StoredMonth {
        manifest: documents.manifest,
        reports: documents.reports,
        csv: documents.csv,
    };
    assert_eq!(differences(&stored), [""; 0]);
}

fn group_of(fields: &[&str]) -> Option<CostGroup> {
    let [account, record_type, service, amortized, unblended] = fields else {
        return None;
    };
    let digit = account.bytes().next().unwrap_or_default();
    let account = ACCOUNTS[usize::from(digit) % ACCOUNTS.len()];
    let costs = [*amortized, *unblended];
    let is_readable = costs.iter().all(|text| Amount::read(text).is_ok());
    is_readable.then(|| group(account, record_type, service, costs))
}

fn plan_of(fields: &[&str]) -> Option<Plan> {
    let ["plan", start, end, upfront, amortized, instances] = fields else {
        return None;
    };
    let (upfront, amortized) = (Amount::read(upfront).ok()?, Amount::read(amortized).ok()?);
    Some(Plan {
        start: start.parse().ok()?,
        end: end.parse().ok()?,
        instances: instances.parse::<u16>().ok()?.into(),
        upfront,
        amortized_upfront: amortized,
        ..plan(PlanKind::ReservedInstance, "1", "1")
    })
}

/// What the fuzzer begins with: months that show every kind of line.
pub const SEEDS: [&str; 3] = [
    "2|Fee|Amazon Relational Database Service|0|876\n2|DiscountedUsage|Amazon Relational Database Service|74.4|0\n\
     plan|2026-03-01T00:00:00Z|2027-02-28T23:59:59Z|876|74.4|1",
    "1|SavingsPlanUpfrontFee||0|876\n1|SavingsPlanCoveredUsage|Amazon EC2|59.52|82.67\n1|SavingsPlanNegation||0|-82.67\n\
     1|SavingsPlanRecurringFee||14.88|0\n1|Refund||-876|-876",
    "1|Usage|Amazon EC2|1.0014E1|10.014\n2|Usage|Amazon EC2|10.014|10.014\n3|Enterprise Discount Program Discount||-0.90126|-0.90126\n\
     3|Tax||0.6960000000000001|0.7\n2|Something new||-0.005|0.005",
];
