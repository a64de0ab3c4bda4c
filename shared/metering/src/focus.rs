//! The lines of a month as CSV, in columns of FOCUS 1.2: AWS's truth in its own columns, the chargeback beside it.
//! FOCUS-shaped, not conformant: Cost Explorer knows neither list prices nor resources; `docs/METERING.md` lists what is empty.

mod services;

use avm_core::domain::AccountId;
use avm_core::error::{ErrorName, Failure};
use csv::{Terminator, WriterBuilder};

use crate::edition::{AccountInfo, Edition, Publication};
use crate::line::{Kind, Line};
use crate::money::{Amount, Cents};
use crate::plan::PlanKind;
use crate::time::Moment;

/// The columns in their order; those of `x_` are ours.
pub const COLUMNS: [&str; 36] = [
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountType",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "SubAccountId",
    "SubAccountName",
    "x_ChargebackCost",
    "x_LineKind",
    "x_Project",
    "x_RecordType",
    "x_RoundedCost",
    "x_Status",
    "x_Version",
    "x_Workspace",
];

const SELLER: &str = "AWS";
const SEVERAL: &str = "Multiple services";

/// The part of a line that one row shows.
struct Row {
    category: &'static str,
    frequency: &'static str,
    pricing: &'static str,
    billed: Amount,
    effective: Amount,
    chargeback: Amount,
}

/// The rows of all lines: by account, those outside of accounts last, in the order of the documents.
pub fn csv(publication: Publication<'_>, edition: Edition) -> Result<String, Failure> {
    let bill = publication.bill;
    let table = Table::of(publication, edition);
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let mut write =
        |record: &[&str; 36]| writer.write_record(record).map_err(|error| failed(&error));
    write(&COLUMNS)?;
    for (account, lines) in &bill.accounts {
        for line in lines {
            table.write(Some(account), line, &mut write)?;
        }
    }
    for line in &bill.unattributed {
        table.write(None, line, &mut write)?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

fn failed(error: &impl std::error::Error) -> Failure {
    Failure::new(ErrorName::Internal, format!("the CSV: {error}"))
}

/// What all rows have in common.
struct Table<'a> {
    publication: Publication<'a>,
    payer_name: String,
    start: String,
    end: String,
    status: &'static str,
    version: String,
}

impl<'a> Table<'a> {
    fn of(publication: Publication<'a>, edition: Edition) -> Self {
        let bill = publication.bill;
        let payer = publication.accounts.get(publication.payer);
        Self {
            publication,
            payer_name: text(payer.map_or("", |info| &info.name)),
            start: Moment::start_of(bill.month).to_string(),
            end: Moment::start_of(bill.month.next()).to_string(),
            status: edition.status.as_str(),
            version: edition.version.to_string(),
        }
    }

    fn write(
        &self,
        account: Option<&AccountId>,
        line: &Line,
        write: &mut impl FnMut(&[&str; 36]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let info = account.and_then(|account| self.publication.accounts.get(account));
        let owner = info.and_then(|info| info.owner.as_ref());
        let account = account.map_or("", AccountId::as_str);
        let name = text(info.map_or("", |info: &AccountInfo| &info.name));
        let workspace = text(owner.map_or("", |owner| &owner.workspace));
        let project = text(owner.map_or("", |owner| &owner.project));
        let service = self.service(line);
        let record_type = text(
            line.record_type
                .as_ref()
                .map_or("", |record| record.as_str()),
        );
        let plans = text(&line.plans.join(" "));
        let [plan_category, plan_type] = commitment(line);
        let mut rounded = line.rounded;
        for row in rows(line) {
            let [billed, effective, chargeback] =
                [row.billed, row.effective, row.chargeback].map(|amount| amount.to_string());
            let description = description(line.kind, row.category);
            write(&[
                &billed,
                self.publication.payer.as_str(),
                &self.payer_name,
                self.publication.bill.currency.as_str(),
                &self.end,
                &self.start,
                row.category,
                "",
                description,
                row.frequency,
                &self.end,
                &self.start,
                plan_category,
                &plans,
                plan_type,
                "",
                &effective,
                SELLER,
                "",
                row.pricing,
                "",
                "",
                SELLER,
                SELLER,
                services::category_of(&service),
                &service,
                account,
                &name,
                &chargeback,
                line.kind.as_str(),
                &project,
                &record_type,
                &rounded.to_string(),
                self.status,
                &self.version,
                &workspace,
            ])?;
            rounded = Cents::ZERO;
        }
        Ok(())
    }

    /// The service of a line; where AWS was asked for all together, the only one there is.
    fn service(&self, line: &Line) -> String {
        let bill = self.publication.bill;
        let only = || bill.only_services.get(line.record_type.as_ref()?);
        let service = line.service.as_ref().or_else(only);
        text(service.map_or(SEVERAL, String::as_str))
    }
}

/// The rows of a line. Two where it is two charges in FOCUS: a fee that is billed, and what of it was not used.
fn rows(line: &Line) -> Vec<Row> {
    let whole = |category, frequency, pricing| Row {
        category,
        frequency,
        pricing,
        billed: line.billed,
        effective: line.amount,
        chargeback: line.amount,
    };
    match line.kind {
        Kind::Usage => vec![whole("Usage", "Usage-Based", "Standard")],
        Kind::ReservationCoveredUsage | Kind::SavingsPlanCoveredUsage => {
            vec![whole("Usage", "Usage-Based", "Committed")]
        }
        Kind::UnusedReservation | Kind::UnusedSavingsPlan => two_rows(
            line,
            [
                ("Usage", "Usage-Based", "Committed"),
                ("Purchase", "Recurring", "Standard"),
            ],
            Amount::ZERO,
        ),
        Kind::Fee => two_rows(
            line,
            [
                ("Purchase", "One-Time", "Standard"),
                ("Purchase", "One-Time", "Standard"),
            ],
            line.amount,
        ),
        Kind::Discount | Kind::Refund | Kind::Other | Kind::Unattributed => {
            vec![whole("Adjustment", "One-Time", "")]
        }
        Kind::Credit => vec![whole("Credit", "One-Time", "")],
        Kind::Tax => vec![whole("Tax", "One-Time", "")],
        Kind::UpfrontPayment => vec![Row {
            effective: Amount::ZERO,
            ..whole("Purchase", "One-Time", "Standard")
        }],
        Kind::UpfrontDiscount => vec![Row {
            effective: Amount::ZERO,
            ..whole("Adjustment", "Recurring", "")
        }],
    }
}

/// The amount on the first row with that part of what is billed, the rest of what is billed on the second.
fn two_rows(
    line: &Line,
    shapes: [(&'static str, &'static str, &'static str); 2],
    billed: Amount,
) -> Vec<Row> {
    let row = |(category, frequency, pricing), billed, amount| Row {
        category,
        frequency,
        pricing,
        billed,
        effective: amount,
        chargeback: amount,
    };
    let mut rows = Vec::new();
    if !line.amount.is_zero() {
        rows.push(row(shapes[0], billed, line.amount));
    }
    let rest = line.billed - billed;
    if !rest.is_zero() {
        rows.push(row(shapes[1], rest, Amount::ZERO));
    }
    rows
}

/// `CommitmentDiscountCategory` and `CommitmentDiscountType`.
fn commitment(line: &Line) -> [&'static str; 2] {
    match line.plan_kind() {
        Some(PlanKind::ReservedInstance) => ["Usage", "Reserved Instance"],
        Some(PlanKind::SavingsPlan) => ["Spend", "Savings Plan"],
        None => ["", ""],
    }
}

fn description(kind: Kind, category: &str) -> &'static str {
    match kind {
        Kind::Usage => "Usage",
        Kind::ReservationCoveredUsage => "Usage covered by Reserved Instances",
        Kind::SavingsPlanCoveredUsage => "Usage covered by Savings Plans",
        Kind::UnusedReservation if category == "Purchase" => "Recurring fee of Reserved Instances",
        Kind::UnusedReservation => "Unused part of Reserved Instances",
        Kind::UnusedSavingsPlan if category == "Purchase" => "Recurring fee of Savings Plans",
        Kind::UnusedSavingsPlan => "Unused part of Savings Plans",
        Kind::Fee => "Fee",
        Kind::Discount => "Discount",
        Kind::Credit => "Credit",
        Kind::Refund => "Refund",
        Kind::Tax => "Tax",
        Kind::Other => "Other charge",
        Kind::Unattributed => "Cost that no account has",
        Kind::UpfrontPayment => "Upfront payment of a commitment",
        Kind::UpfrontDiscount => "Amortized part of an upfront payment, given back",
    }
}

/// A text that people choose: a spreadsheet must not take it for a formula.
pub fn text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
