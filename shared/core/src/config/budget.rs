//! What a budget may be, which its types cannot say: within the landing zone, and on the platform that it is meant for.
//! Rules: AWS Budgets (`CreateBudget`).

use super::{Platform, Problem};
use crate::domain::{Budget, MOST_PERCENT, MOST_THRESHOLDS};

/// What is wrong within the section.
pub(super) fn problems(budget: &Budget) -> Vec<Problem> {
    let number = budget.thresholds.len();
    let mut problems = Vec::new();
    if !(1..=MOST_THRESHOLDS).contains(&number) {
        problems.push(Problem::new(
            "budget.thresholds",
            format!("must be from 1 to {MOST_THRESHOLDS} thresholds, not {number}"),
        ));
    }
    for (index, threshold) in budget.thresholds.iter().enumerate() {
        if !(1..=MOST_PERCENT).contains(&threshold.percent) {
            problems.push(Problem::new(
                format!("budget.thresholds[{index}].percent"),
                format!("must be from 1 to {MOST_PERCENT}"),
            ));
        }
        let first = budget
            .thresholds
            .iter()
            .position(|other| other == threshold);
        if let Some(first) = first.filter(|first| *first < index) {
            problems.push(Problem::new(
                format!("budget.thresholds[{index}]"),
                format!("must not be the same as thresholds[{first}]"),
            ));
        }
    }
    problems
}

/// AWS Budgets tells topics of its own account, and nothing of AWS reaches from one partition into another.
pub(super) fn problem_on(budget: &Budget, platform: &Platform) -> Option<Problem> {
    let partition = platform.region.partition();
    (budget.topic_arn.partition() != partition).then(|| {
        Problem::new(
            "budget.topicArn",
            format!("must be in the partition {partition}, as the platform's region is"),
        )
    })
}
