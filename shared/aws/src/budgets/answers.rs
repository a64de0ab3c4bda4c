//! What AWS Budgets answers, and what of it a landing zone can ask for.
//! Anything else is told as such, so that it is put right; a number is compared as the number that it is.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Number, Value, json};

use avm_core::domain::{AccountId, BudgetAmount, BudgetCurrency, Spending, Threshold, TopicArn};
use avm_core::ports::budgets::Terms;

pub(super) const LINKED_ACCOUNT: &str = "LinkedAccount";
pub(super) const ACTUAL: &str = "ACTUAL";
pub(super) const FORECASTED: &str = "FORECASTED";
pub(super) const GREATER_THAN: &str = "GREATER_THAN";
pub(super) const PERCENTAGE: &str = "PERCENTAGE";
pub(super) const SNS: &str = "SNS";

/// The two that a landing zone decides about.
const CREDITS: [&str; 2] = ["IncludeCredit", "IncludeRefund"];
/// All others, each with what AWS has for it by default (AWS Budgets API reference, `CostTypes`).
const OTHER_COST_TYPES: [(&str, bool); 9] = [
    ("IncludeDiscount", true),
    ("IncludeOtherSubscription", true),
    ("IncludeRecurring", true),
    ("IncludeSubscription", true),
    ("IncludeSupport", true),
    ("IncludeTax", true),
    ("IncludeUpfront", true),
    ("UseAmortized", false),
    ("UseBlended", false),
];

/// Which kinds of costs count, each said.
pub(super) fn cost_types(credits_count: bool) -> Value {
    let credits = CREDITS.map(|name| (name, credits_count));
    let all = credits.into_iter().chain(OTHER_COST_TYPES);
    all.map(|(name, is_on)| (name.to_owned(), Value::Bool(is_on)))
        .collect()
}

/// The answer of `DescribeBudget`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BudgetAnswer {
    budget: Found,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    budget_type: String,
    time_unit: String,
    budget_limit: Option<Spend>,
    planned_budget_limits: Option<IgnoredAny>,
    auto_adjust_data: Option<IgnoredAny>,
    #[serde(default)]
    cost_filters: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    cost_types: Option<BTreeMap<String, Option<bool>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Spend {
    amount: String,
    unit: String,
}

impl BudgetAnswer {
    /// What the budget is about, if that is the costs of this account in a month.
    pub(super) fn terms(&self, account: &AccountId) -> Option<Terms> {
        let budget = &self.budget;
        let is_fixed = budget.planned_budget_limits.is_none() && budget.auto_adjust_data.is_none();
        let is_monthly = budget.budget_type == "COST" && budget.time_unit == "MONTHLY";
        let accounts = vec![account.as_str().to_owned()];
        let of_account = BTreeMap::from([(LINKED_ACCOUNT.to_owned(), accounts)]);
        if !is_fixed || !is_monthly || budget.cost_filters != Some(of_account) {
            return None;
        }
        let limit = budget.budget_limit.as_ref()?;
        let currencies = [
            BudgetCurrency::Usd,
            BudgetCurrency::Eur,
            BudgetCurrency::Cny,
        ];
        Some(Terms {
            amount: BudgetAmount::of_aws(&limit.amount)?,
            currency: currencies
                .into_iter()
                .find(|currency| currency.as_str() == limit.unit)?,
            credits_count: self.credits_count()?,
        })
    }

    /// Whether credits and refunds count, if all else is as AWS has it by default.
    fn credits_count(&self) -> Option<bool> {
        let found = |name: &str| {
            let types = self.budget.cost_types.as_ref();
            types.and_then(|types| types.get(name).copied().flatten())
        };
        let are_others_as_usual = OTHER_COST_TYPES
            .iter()
            .all(|(name, usual)| found(name).unwrap_or(*usual) == *usual);
        let [credits, refunds] = CREDITS.map(|name| found(name).unwrap_or(true));
        (are_others_as_usual && credits == refunds).then_some(credits)
    }
}

/// The answer of `ListTagsForResource`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagsAnswer {
    #[serde(default)]
    resource_tags: Option<Vec<Tag>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

impl TagsAnswer {
    pub(super) fn into_tags(self) -> BTreeMap<String, String> {
        let tags = self.resource_tags.unwrap_or_default().into_iter();
        tags.map(|tag| (tag.key, tag.value)).collect()
    }
}

/// A page of a list.
pub(super) trait Paged: DeserializeOwned {
    type Item;

    fn into_parts(self) -> (Vec<Self::Item>, Option<String>);
}

/// An answer of `DescribeNotificationsForBudget`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NotificationsPage {
    #[serde(default)]
    notifications: Option<Vec<FoundNotification>>,
    next_token: Option<String>,
}

impl Paged for NotificationsPage {
    type Item = FoundNotification;

    fn into_parts(self) -> (Vec<Self::Item>, Option<String>) {
        (self.notifications.unwrap_or_default(), self.next_token)
    }
}

/// An answer of `DescribeSubscribersForNotification`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SubscribersPage {
    #[serde(default)]
    subscribers: Option<Vec<Subscriber>>,
    next_token: Option<String>,
}

impl Paged for SubscribersPage {
    type Item = Subscriber;

    fn into_parts(self) -> (Vec<Self::Item>, Option<String>) {
        (self.subscribers.unwrap_or_default(), self.next_token)
    }
}

/// Somebody who is told: a topic, or an address, which stays here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Subscriber {
    subscription_type: String,
    address: String,
}

impl std::fmt::Debug for Subscriber {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "<{}>", self.subscription_type)
    }
}

/// The topic, if one is told and nobody else is.
pub(super) fn only_topic(subscribers: Vec<Subscriber>) -> Option<TopicArn> {
    let [subscriber] = <[Subscriber; 1]>::try_from(subscribers).ok()?;
    let is_topic = subscriber.subscription_type == SNS;
    is_topic.then(|| subscriber.address.parse().ok()).flatten()
}

/// A notification, without its state.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FoundNotification {
    notification_type: String,
    comparison_operator: String,
    threshold: Number,
    #[serde(default)]
    threshold_type: Option<String>,
}

impl FoundNotification {
    /// As requests name it.
    pub(super) fn to_request(&self) -> Value {
        json!({
            "NotificationType": self.notification_type,
            "ComparisonOperator": self.comparison_operator,
            "Threshold": self.threshold,
            "ThresholdType": self.threshold_type(),
        })
    }

    /// In words, e.g. `ACTUAL GREATER_THAN 80.0 PERCENTAGE`.
    pub(super) fn words(&self) -> String {
        let (of, comparison) = (&self.notification_type, &self.comparison_operator);
        format!(
            "{of} {comparison} {} {}",
            self.threshold,
            self.threshold_type()
        )
    }

    /// The notification that has these words.
    pub(super) fn of_words(words: &str) -> Option<Self> {
        let parts: Vec<&str> = words.split(' ').collect();
        let [of, comparison, threshold, threshold_type] = parts[..] else {
            return None;
        };
        Some(Self {
            notification_type: of.to_owned(),
            comparison_operator: comparison.to_owned(),
            threshold: threshold.parse().ok()?,
            threshold_type: Some(threshold_type.to_owned()),
        })
    }

    /// The threshold, if landing zones can have it.
    pub(super) fn threshold(&self) -> Option<Threshold> {
        if self.comparison_operator != GREATER_THAN || self.threshold_type() != PERCENTAGE {
            return None;
        }
        let of = match self.notification_type.as_str() {
            ACTUAL => Spending::Actual,
            FORECASTED => Spending::Forecasted,
            _ => return None,
        };
        let written = self.threshold.to_string();
        let whole = written
            .split_once('.')
            .map_or(&*written, |(whole, fraction)| {
                if fraction.bytes().all(|byte| byte == b'0') {
                    whole
                } else {
                    ""
                }
            });
        let percent = whole.parse().ok()?;
        Some(Threshold { percent, of })
    }

    /// A percentage, unless AWS says something else (AWS Budgets API reference, `Notification`).
    fn threshold_type(&self) -> &str {
        self.threshold_type.as_deref().unwrap_or(PERCENTAGE)
    }
}
