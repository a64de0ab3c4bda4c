//! The proof of a stored month: what its documents say adds up, and they are the ones that the manifest names.
//! Made from the documents alone, without the code that makes them.

use std::collections::BTreeMap;

use avm_core::domain::{AccountId, sha256};

use crate::bill::Sums;
use crate::documents::{Manifest, Report, read};
use crate::line::{Kind, Line};
use crate::money::Amount;
use crate::publish::account_key;

/// The documents of a month as they are stored.
#[derive(Clone, Debug)]
pub struct StoredMonth {
    pub manifest: Manifest,
    pub reports: BTreeMap<AccountId, String>,
    pub csv: String,
}

/// What does not hold, a sentence each; nothing: the month is proved.
pub fn differences(month: &StoredMonth) -> Vec<String> {
    let mut found = Findings::default();
    let mut lines = Vec::new();
    for (account, of_account) in &month.manifest.accounts {
        let key = account_key(account);
        let Some(text) = month.reports.get(account) else {
            found.add(format!("{key} is missing"));
            continue;
        };
        found.equal(
            &format!("{key}: SHA-256"),
            &sha256(text),
            &of_account.sha256,
        );
        match read::<Report>(&key, text) {
            Ok(report) => {
                found.report(&key, &report, account, &month.manifest);
                lines.extend(report.lines);
            }
            Err(failure) => found.add(failure.cause().to_owned()),
        }
    }
    found.manifest(&month.manifest, &lines);
    lines.extend(month.manifest.unattributed.iter().cloned());
    found.sums(&month.manifest, &lines);
    found.csv(month, &lines);
    found.0
}

#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, words: String) {
        self.0.push(words);
    }

    fn equal<Value: PartialEq + std::fmt::Display>(
        &mut self,
        what: &str,
        found: &Value,
        expected: &Value,
    ) {
        if found != expected {
            self.add(format!("{what} is {found}, not {expected}"));
        }
    }

    fn report(&mut self, key: &str, report: &Report, account: &AccountId, manifest: &Manifest) {
        let of_account = &manifest.accounts[account];
        self.equal(&format!("{key}: account"), &report.account_id, account);
        self.equal(&format!("{key}: month"), &report.month, &manifest.month);
        self.equal(
            &format!("{key}: version"),
            &report.version,
            &manifest.version,
        );
        let sums = Sums::of(&report.lines);
        if sums != report.total {
            self.add(format!("{key}: the lines do not add up to the total"));
        }
        let in_manifest = (of_account.amount, of_account.rounded, of_account.billed);
        if (sums.amount, sums.rounded, sums.billed) != in_manifest {
            self.add(format!("{key}: the total is not the manifest's"));
        }
        if report.owner != of_account.owner {
            self.add(format!("{key}: the owner is not the manifest's"));
        }
    }

    fn manifest(&mut self, manifest: &Manifest, lines: &[Line]) {
        let nobodys = manifest.accounts.values();
        let nobodys = nobodys.filter(|account| account.owner.is_none());
        self.equal(
            "what nobody owns",
            &manifest.unassigned.rounded,
            &nobodys.map(|account| account.rounded).sum(),
        );
        let flags = manifest.fair_chargeback;
        let is_off = !flags.reserved_instances && !flags.savings_plans;
        if is_off && lines.iter().any(|line| line.kind.is_chargeback()) {
            self.add("there is a chargeback with both flags off".to_owned());
        }
    }

    /// The identities of a month over all its lines.
    fn sums(&mut self, manifest: &Manifest, lines: &[Line]) {
        let controls = &manifest.controls;
        let of_kind = |kind: Kind| -> Amount {
            let lines = lines.iter().filter(|line| line.kind == kind);
            lines.map(|line| line.amount).sum()
        };
        let (payments, discounts) = (
            of_kind(Kind::UpfrontPayment),
            of_kind(Kind::UpfrontDiscount),
        );
        self.equal("upfront payments", &payments, &controls.upfront_payments);
        self.equal("upfront discounts", &discounts, &controls.upfront_discounts);
        let of_aws: Vec<&Line> = lines
            .iter()
            .filter(|line| !line.kind.is_chargeback())
            .collect();
        let sums = Sums::of(lines);
        if sums != manifest.total {
            self.add("the accounts do not add up to the total".to_owned());
        }
        let noise = self.partition(manifest, &of_aws);
        self.equal(
            "what AWS charges, amortized",
            &(sums.amount - payments - discounts + noise.amortized),
            &controls.amortized,
        );
        self.equal(
            "what was billed",
            &(sums.billed + noise.billed),
            &controls.unblended,
        );
        let in_cents = Sums::of(of_aws.iter().copied());
        self.equal(
            "the rounded sum of AWS's lines",
            &in_cents.rounded,
            &in_cents.amount.rounded(),
        );
        if let Some(difference) = controls.cash_difference {
            let expected = sums.amount - controls.unblended;
            self.equal("the difference to the cash", &difference, &expected);
        }
    }

    /// Each record type's lines against the control; returns what is too little for a line of its own.
    fn partition(&mut self, manifest: &Manifest, of_aws: &[&Line]) -> Noise {
        let mut noise = Noise::default();
        for part in &manifest.controls.partition {
            let of_type = |line: &&&Line| line.record_type.as_ref() == Some(&part.record_type);
            let found: Amount = of_aws.iter().filter(of_type).map(|line| line.amount).sum();
            let is_told = manifest
                .unattributed
                .iter()
                .any(|line| line.record_type.as_ref() == Some(&part.record_type));
            let rest = if is_told {
                Amount::ZERO
            } else {
                noise.amortized += part.difference;
                noise.billed += part.unblended_difference;
                part.difference
            };
            let what = format!("the sum of {}", part.record_type);
            self.equal(&what, &(found + rest), &part.amortized);
        }
        noise
    }

    fn csv(&mut self, month: &StoredMonth, lines: &[Line]) {
        self.equal(
            "lines.csv: SHA-256",
            &sha256(&month.csv),
            &month.manifest.csv_sha256,
        );
        let sums = Sums::of(lines);
        let of_aws = lines.iter().filter(|line| !line.kind.is_chargeback());
        let expected = [
            ("BilledCost", sums.billed),
            ("EffectiveCost", Sums::of(of_aws).amount),
            ("x_ChargebackCost", sums.amount),
            ("x_RoundedCost", sums.rounded.exact()),
        ];
        for (column, expected) in expected {
            match column_sum(&month.csv, column) {
                Ok(sum) => self.equal(&format!("lines.csv: the sum of {column}"), &sum, &expected),
                Err(words) => self.add(format!("lines.csv: {words}")),
            }
        }
    }
}

/// Differences that are left over by AWS's own rounding.
#[derive(Default)]
struct Noise {
    amortized: Amount,
    billed: Amount,
}

/// The sum of a column, as a spreadsheet adds it up.
pub fn column_sum(csv: &str, column: &str) -> Result<Amount, String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let place = reader
        .headers()
        .map_err(|error| error.to_string())?
        .iter()
        .position(|name| name == column)
        .ok_or_else(|| format!("there is no column {column}"))?;
    let mut sum = Amount::ZERO;
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let cell = row.get(place).unwrap_or_default();
        sum += Amount::read(cell).map_err(|error| format!("{column} {error}"))?;
    }
    Ok(sum)
}
