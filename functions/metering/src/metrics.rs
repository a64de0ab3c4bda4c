//! Metrics in the embedded format of CloudWatch: a line of JSON in the log is a figure of an alarm.
//! Figures are written as they are, never through a floating point; none is of a single workspace.

use avm_core::error::{ErrorName, Failure};
use avm_metering::documents::Manifest;
use avm_metering::money::Amount;
use avm_metering::time::Moment;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::publishing::price;

/// The namespace of the figures.
pub const NAMESPACE: &str = "AVM/Metering";

/// The figures of a month.
pub fn of_month(now: Moment, manifest: &Manifest) -> Result<String, Failure> {
    let parts = manifest.unattributed.iter();
    let difference: Amount = parts
        .map(|line| line.amount.abs().max(line.billed.abs()))
        .sum();
    let cash = manifest.controls.cash_difference.unwrap_or_default();
    line(
        now,
        &[
            (
                "MeteredAccounts",
                "Count",
                manifest.accounts.len().to_string(),
            ),
            (
                "UnassignedCost",
                "None",
                manifest.unassigned.rounded.to_string(),
            ),
            ("ControlDifference", "None", difference.to_string()),
            ("CashDifference", "None", cash.to_string()),
        ],
        Some(("Month", manifest.month.to_string())),
    )
}

/// The figures of a run.
pub fn of_run(now: Moment, requests: u32, remaining: usize) -> Result<String, Failure> {
    line(
        now,
        &[
            ("CostExplorerRequests", "Count", requests.to_string()),
            (
                "CostExplorerRequestCost",
                "None",
                price(requests).to_string(),
            ),
            ("MonthsRemaining", "Count", remaining.to_string()),
        ],
        None,
    )
}

fn line(
    now: Moment,
    figures: &[(&str, &str, String)],
    property: Option<(&str, String)>,
) -> Result<String, Failure> {
    let told = |(name, unit, _): &(&str, &str, String)| json!({"Name": name, "Unit": unit});
    let metrics: Vec<Value> = figures.iter().map(told).collect();
    let head = json!({
        "Timestamp": now.milliseconds(),
        "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [[]], "Metrics": metrics}],
    });
    let failed = |error: serde_json::Error| {
        Failure::new(ErrorName::Internal, format!("a line of metrics: {error}"))
    };
    let mut fields: Map<String, Value> = Map::new();
    // Lambda takes a line without a level as INFO, and drops it where the lowest level is higher: so it has the highest.
    fields.insert("level".to_owned(), "ERROR".into());
    fields.insert("_aws".to_owned(), head);
    fields.extend(property.map(|(name, text)| (name.to_owned(), text.into())));
    let mut text = serde_json::to_string(&fields).map_err(failed)?;
    text.pop();
    for (name, _, number) in figures {
        let number = RawValue::from_string(number.clone()).map_err(failed)?;
        text.extend([",\"", name, "\":", number.get()]);
    }
    text.push('}');
    Ok(text)
}
