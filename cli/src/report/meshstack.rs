//! The body of meshStack's import of resource usage reports, for one account: `PUT …/meshresourceusagereports/<id>/<period>`.
//! Amounts are numbers there; they are written digit by digit, never through a floating point.

use avm_core::domain::AccountId;
use avm_metering::documents::Report;
use avm_metering::line::Line;
use serde::Serialize;
use serde_json::value::RawValue;

/// A body, with what stands in its address.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    platform_tenant_id: AccountId,
    period: String,
    body: Body,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    api_version: &'static str,
    kind: &'static str,
    full_platform_identifier: String,
    source: &'static str,
    line_items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    product_name: String,
    usage_type: &'static str,
    usage_quantity: u8,
    usage_unit: &'static str,
    usage_cost: Box<RawValue>,
    total_cost: Box<RawValue>,
    currency: &'static str,
}

/// The import of a report; lines of nothing are left out.
pub fn import(report: &Report, platform: &str) -> Result<Import, String> {
    let lines = report.lines.iter();
    let items = lines
        .filter(|line| !line.rounded.is_zero())
        .map(|line| item(line, report.currency.as_str()));
    Ok(Import {
        platform_tenant_id: report.account_id.clone(),
        period: format!("{}-01Z", report.month),
        body: Body {
            api_version: "v1",
            kind: "meshResourceUsageReport",
            full_platform_identifier: platform.to_owned(),
            source: "account vending machine",
            line_items: items.collect::<Result<_, _>>()?,
        },
    })
}

fn item(line: &Line, currency: &'static str) -> Result<Item, String> {
    let cost = RawValue::from_string(line.rounded.to_string());
    let cost = cost.map_err(|error| error.to_string())?;
    Ok(Item {
        product_name: line.service.clone().unwrap_or_else(|| "AWS".to_owned()),
        usage_type: line.kind.as_str(),
        usage_quantity: 1,
        usage_unit: "month",
        usage_cost: cost.clone(),
        total_cost: cost,
        currency,
    })
}
