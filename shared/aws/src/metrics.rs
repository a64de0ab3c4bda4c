//! Metrics as a line of the log, in CloudWatch's embedded metric format: CloudWatch makes metrics of it by itself.
//! Source: CloudWatch user guide, "Embedded metric format specification".

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

/// The namespace of all metrics of the machine.
pub const NAMESPACE: &str = "AVM";

/// A metric without dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    /// A unit that CloudWatch knows: `Count`, `Seconds`.
    pub unit: &'static str,
    pub value: u64,
}

/// Writes the metrics to the function's log.
pub fn write(metrics: &[Metric]) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let milliseconds = now.map_or(0, |now| now.as_millis());
    println!("{}", line(metrics, milliseconds));
}

/// Lambda takes a line without a level as INFO, and drops it where the lowest level is higher: so it has the highest.
fn line(metrics: &[Metric], milliseconds: u128) -> Value {
    let definitions: Vec<Value> = metrics
        .iter()
        .map(|metric| json!({"Name": metric.name, "Unit": metric.unit}))
        .collect();
    let mut line = Map::new();
    line.insert("level".to_owned(), json!("ERROR"));
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": u64::try_from(milliseconds).unwrap_or_default(),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [[]], "Metrics": definitions}]
        }),
    );
    for metric in metrics {
        line.insert(metric.name.to_owned(), json!(metric.value));
    }
    line.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_definitions_and_values_and_no_level_that_lambda_drops() {
        let metric = Metric {
            name: "PowerfulAccessRoles",
            unit: "Count",
            value: 2,
        };
        let expected = json!({
            "level": "ERROR",
            "_aws": {
                "Timestamp": 1_793_872_800_000_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "AVM",
                    "Dimensions": [[]],
                    "Metrics": [{"Name": "PowerfulAccessRoles", "Unit": "Count"}]
                }]
            },
            "PowerfulAccessRoles": 2
        });
        assert_eq!(line(&[metric], 1_793_872_800_000), expected);
    }
}
