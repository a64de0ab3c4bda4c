//! From a bill to its documents.
//! The texts are made once; their digests are in the manifest, and the manifest's is in the keys of all of them.

use std::collections::BTreeMap;

use avm_core::domain::{AccountId, Month, sha256};
use avm_core::error::Failure;

use crate::bill::{Bill, BilledPlan, Sums};
use crate::documents::{
    Controls, FairChargeback, Manifest, ManifestAccount, ManifestPlan, ManifestSchema,
    PartitionControl, Report, ReportSchema, Status, Unassigned, text_of,
};
pub use crate::edition::{AccountInfo, Edition, Publication};
use crate::focus;
use crate::line::{Kind, Line};

/// The documents of a month as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documents {
    pub manifest: Manifest,
    pub manifest_text: String,
    pub manifest_sha256: String,
    pub reports: BTreeMap<AccountId, String>,
    pub csv: String,
}

impl Documents {
    /// The documents of the publication in that edition.
    pub fn of(publication: Publication<'_>, edition: Edition) -> Result<Self, Failure> {
        let bill = publication.bill;
        let mut reports = BTreeMap::new();
        let mut accounts = BTreeMap::new();
        for (account, lines) in &bill.accounts {
            let report = report(publication, edition, account, lines);
            let text = text_of(&report)?;
            let of_account = ManifestAccount {
                sha256: sha256(&text),
                name: report.account_name,
                state: report.account_state,
                owner: report.owner,
                amount: report.total.amount,
                rounded: report.total.rounded,
                billed: report.total.billed,
            };
            accounts.insert(account.clone(), of_account);
            reports.insert(account.clone(), text);
        }
        let csv = focus::csv(publication, edition)?;
        let manifest = manifest(publication, edition, accounts, sha256(&csv));
        let manifest_text = text_of(&manifest)?;
        Ok(Self {
            manifest_sha256: sha256(&manifest_text),
            manifest,
            manifest_text,
            reports,
            csv,
        })
    }

    /// What the keys of the documents begin with: it follows from their content.
    pub fn prefix(&self) -> String {
        prefix(
            self.manifest.month,
            self.manifest.status,
            self.manifest.version,
            &self.manifest_sha256,
        )
    }

    /// The key of the manifest.
    pub fn manifest_key(&self) -> String {
        self.prefix() + MANIFEST
    }

    /// Every document but the manifest, by its key.
    pub fn entries(&self) -> impl Iterator<Item = (String, &str)> {
        let prefix = self.prefix();
        let of_accounts = self
            .reports
            .iter()
            .map(|(account, text)| (account_key(account), text.as_str()));
        of_accounts
            .chain([(CSV.to_owned(), self.csv.as_str())])
            .map(move |(name, text)| (format!("{prefix}{name}"), text))
    }
}

/// The name of the manifest below the prefix of its documents.
pub const MANIFEST: &str = "organization.json";
/// The name of the lines of all accounts.
pub const CSV: &str = "lines.csv";

/// The name of an account's report below the prefix.
pub fn account_key(account: &AccountId) -> String {
    format!("accounts/{account}.json")
}

fn prefix(month: Month, status: Status, version: u32, sha256: &str) -> String {
    let content = sha256.get(..16).unwrap_or(sha256);
    match status {
        Status::Estimated => format!("estimated/{month}/{content}/"),
        Status::Final => format!("final/{month}/v{version}-{content}/"),
    }
}

fn report(
    publication: Publication<'_>,
    edition: Edition,
    account: &AccountId,
    lines: &[Line],
) -> Report {
    let Publication { bill, settings, .. } = publication;
    let known = publication.accounts.get(account).cloned();
    let info = known.unwrap_or(AccountInfo::unknown());
    Report {
        schema: ReportSchema::V1,
        month: bill.month,
        status: edition.status,
        version: edition.version,
        supersedes: edition.supersedes,
        account_id: account.clone(),
        account_name: info.name,
        account_state: info.state,
        owner: info.owner,
        previous_owner: info.previous_owner,
        currency: bill.currency,
        metric: settings.metric,
        filter: settings.filter,
        fair_chargeback: FairChargeback::of(settings),
        plan_data: bill.coverage,
        lines: lines.to_vec(),
        total: Sums::of(lines),
    }
}

fn manifest(
    publication: Publication<'_>,
    edition: Edition,
    accounts: BTreeMap<AccountId, ManifestAccount>,
    csv_sha256: String,
) -> Manifest {
    let Publication { bill, settings, .. } = publication;
    let nobodys = accounts
        .iter()
        .filter(|(_, account)| account.owner.is_none());
    let unassigned = Unassigned {
        accounts: nobodys.clone().map(|(id, _)| id.clone()).collect(),
        rounded: nobodys.map(|(_, account)| account.rounded).sum(),
    };
    Manifest {
        schema: ManifestSchema::V1,
        month: bill.month,
        status: edition.status,
        version: edition.version,
        supersedes: edition.supersedes,
        currency: bill.currency,
        metric: settings.metric,
        filter: settings.filter,
        fair_chargeback: FairChargeback::of(settings),
        fair_chargeback_since: settings.fair_chargeback_since,
        fair_chargeback_excluded_accounts: settings.fair_chargeback_excluded_accounts.clone(),
        plan_data: bill.coverage,
        total: Sums::of(bill.lines()),
        controls: controls(bill),
        plans: bill.plans.iter().map(plan).collect(),
        accounts,
        unassigned,
        unattributed: bill.unattributed.clone(),
        csv_sha256,
    }
}

fn controls(bill: &Bill) -> Controls {
    let control = bill.control();
    let of_kind = |kind: Kind| {
        let lines = bill.lines().filter(move |line| line.kind == kind);
        lines.map(|line| line.amount).sum()
    };
    let partition = bill.partition.iter().map(|part| PartitionControl {
        record_type: part.record_type.clone(),
        amortized: part.control.amortized,
        unblended: part.control.unblended,
        difference: part.difference.amortized,
        unblended_difference: part.difference.unblended,
    });
    let charged = Sums::of(bill.lines()).amount;
    Controls {
        amortized: control.amortized,
        unblended: control.unblended,
        upfront_payments: of_kind(Kind::UpfrontPayment),
        upfront_discounts: of_kind(Kind::UpfrontDiscount),
        partition: partition.collect(),
        cash_difference: bill.is_cash.then_some(charged - control.unblended),
    }
}

fn plan(billed: &BilledPlan) -> ManifestPlan {
    let plan = &billed.plan;
    ManifestPlan {
        id: plan.id.clone(),
        kind: plan.kind,
        account_id: plan.account.clone(),
        service: plan.service.clone(),
        payment_option: plan.payment_option.clone(),
        start: plan.start,
        end: plan.end,
        upfront: billed.upfront,
        amortized_upfront: plan.amortized_upfront,
        amortized_recurring: plan.amortized_recurring,
        returned: plan.is_returned,
    }
}
