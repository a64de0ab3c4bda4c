//! Budgets of the management account, through AWS Budgets: one endpoint for a partition, operations of JSON.
//! What a refusal means is decided here; no subscriber's address ever comes out.

mod answers;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use self::answers::{
    BudgetAnswer, FoundNotification, NotificationsPage, Paged, SubscribersPage, TagsAnswer,
};
use crate::failure::ServiceError;
use crate::json::{Global, refusal};
use crate::plain::Service;
use avm_core::domain::{AccountId, Budget, Spending, Threshold, TopicArn};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::budgets::{Alert, Budgets, FoundBudget, Terms};
use avm_core::rules::budget::{ACCOUNT_KEY, is_ours, name_of};

const BUDGETS: Service = Service {
    id: "Budgets",
    signing_name: "budgets",
    version: "2016-10-20",
    signs_as_s3: false,
    refusal,
};
const TARGET: &str = "AWSBudgetServiceGateway";

/// The budgets of one management account.
pub struct ManagementBudgets {
    service: Global,
    partition: String,
    payer: AccountId,
}

impl ManagementBudgets {
    /// Those of `payer`, to which the configuration's credentials belong.
    pub fn of(configuration: SdkConfig, partition: &str, payer: AccountId) -> Self {
        Self {
            service: Global::without_region(BUDGETS, TARGET, configuration, partition),
            partition: partition.to_owned(),
            payer,
        }
    }

    /// The request of a call about the budget of an account.
    fn about(&self, account: &AccountId) -> Value {
        json!({"AccountId": self.payer, "BudgetName": name_of(account)})
    }

    async fn tags(&self, account: &AccountId) -> Result<BTreeMap<String, String>, ServiceError> {
        let (partition, payer) = (&self.partition, &self.payer);
        let arn = format!(
            "arn:{partition}:budgets::{payer}:budget/{}",
            name_of(account)
        );
        let request = json!({"ResourceARN": arn});
        let answer: TagsAnswer = self
            .service
            .call("budgets:ListTagsForResource", &request)
            .await?;
        Ok(answer.into_tags())
    }

    async fn alerts(&self, account: &AccountId) -> Result<Vec<Alert>, ServiceError> {
        let call = "budgets:DescribeNotificationsForBudget";
        let found: Vec<FoundNotification> = self
            .pages::<NotificationsPage>(call, self.about(account))
            .await?;
        let mut alerts = Vec::new();
        for notification in found {
            let mut request = self.about(account);
            request["Notification"] = notification.to_request();
            let call = "budgets:DescribeSubscribersForNotification";
            let subscribers = self.pages::<SubscribersPage>(call, request).await?;
            alerts.push(Alert {
                threshold: notification.threshold(),
                words: notification.words(),
                tells: answers::only_topic(subscribers),
            });
        }
        Ok(alerts)
    }

    async fn pages<Page: Paged>(
        &self,
        call: &'static str,
        mut request: Value,
    ) -> Result<Vec<Page::Item>, ServiceError> {
        let mut all = Vec::new();
        loop {
            let page: Page = self.service.call(call, &request).await?;
            let (items, next) = page.into_parts();
            all.extend(items);
            match next {
                Some(token) => request["NextToken"] = token.into(),
                None => return Ok(all),
            }
        }
    }

    async fn write(&self, call: &'static str, request: &Value) -> Result<(), ServiceError> {
        self.service
            .call::<IgnoredAny>(call, request)
            .await
            .map(drop)
    }
}

impl Budgets for ManagementBudgets {
    async fn find(&self, account: &AccountId) -> Result<Option<FoundBudget>, Failure> {
        let read = async {
            let request = self.about(account);
            let answer = self.service.call("budgets:DescribeBudget", &request).await;
            let answer: BudgetAnswer = match answer {
                Err(error) if error.code == "NotFoundException" => return Ok(None),
                answer => answer?,
            };
            let mut found = FoundBudget {
                tags: self.tags(account).await?,
                terms: answer.terms(account),
                alerts: Vec::new(),
            };
            if is_ours(&found, account) {
                found.alerts = self.alerts(account).await?;
            }
            Ok(Some(found))
        };
        read.await.map_err(|error| failed(error, account))
    }

    async fn create(&self, account: &AccountId, budget: &Budget) -> Result<(), Failure> {
        let alerts = budget.thresholds.iter().map(|threshold| {
            let subscribers = subscribers(&budget.topic_arn);
            json!({"Notification": notification(*threshold), "Subscribers": subscribers})
        });
        let request = json!({
            "AccountId": self.payer,
            "Budget": document(account, Terms::from(budget)),
            "NotificationsWithSubscribers": alerts.collect::<Vec<Value>>(),
            "ResourceTags": [{"Key": ACCOUNT_KEY, "Value": account}],
        });
        let created = self.write("budgets:CreateBudget", &request).await;
        created.map_err(|error| failed(error, account))
    }

    async fn set_terms(&self, account: &AccountId, terms: Terms) -> Result<(), Failure> {
        let request = json!({"AccountId": self.payer, "NewBudget": document(account, terms)});
        let updated = self.write("budgets:UpdateBudget", &request).await;
        updated.map_err(|error| failed(error, account))
    }

    async fn add_alert(
        &self,
        account: &AccountId,
        threshold: Threshold,
        topic: &TopicArn,
    ) -> Result<(), Failure> {
        let mut request = self.about(account);
        request["Notification"] = notification(threshold);
        request["Subscribers"] = subscribers(topic);
        let added = self.write("budgets:CreateNotification", &request).await;
        added.map_err(|error| failed(error, account))
    }

    async fn remove_alert(&self, account: &AccountId, alert: &Alert) -> Result<(), Failure> {
        let mut request = self.about(account);
        request["Notification"] = FoundNotification::of_words(&alert.words)
            .ok_or_else(|| Failure::new(ErrorName::Internal, "an alert has no words of AWS's"))?
            .to_request();
        let removed = self.write("budgets:DeleteNotification", &request).await;
        unless_gone(removed, account)
    }

    async fn delete(&self, account: &AccountId) -> Result<(), Failure> {
        let request = self.about(account);
        let deleted = self.write("budgets:DeleteBudget", &request).await;
        unless_gone(deleted, account)
    }
}

/// The budget as AWS takes it. Every kind of cost is said, so that no default of AWS decides.
fn document(account: &AccountId, terms: Terms) -> Value {
    json!({
        "BudgetName": name_of(account),
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": terms.amount, "Unit": terms.currency.as_str()},
        "CostFilters": {answers::LINKED_ACCOUNT: [account]},
        "CostTypes": answers::cost_types(terms.credits_count),
    })
}

fn notification(threshold: Threshold) -> Value {
    json!({
        "NotificationType": match threshold.of {
            Spending::Actual => answers::ACTUAL,
            Spending::Forecasted => answers::FORECASTED,
        },
        "ComparisonOperator": answers::GREATER_THAN,
        "Threshold": threshold.percent,
        "ThresholdType": answers::PERCENTAGE,
    })
}

fn subscribers(topic: &TopicArn) -> Value {
    json!([{"SubscriptionType": answers::SNS, "Address": topic}])
}

fn unless_gone(written: Result<(), ServiceError>, account: &AccountId) -> Result<(), Failure> {
    match written {
        Err(error) if error.code == "NotFoundException" => Ok(()),
        written => written.map_err(|error| failed(error, account)),
    }
}

fn failed(error: ServiceError, account: &AccountId) -> Failure {
    let failure = match error.code.as_str() {
        // With HTTP status 400, unlike the errors of other services.
        "InternalErrorException" => error.into_named(ErrorName::ServiceUnavailable),
        "DuplicateRecordException" | "NotFoundException" => {
            error.into_named(ErrorName::ConcurrentModification)
        }
        "InvalidParameterException" => error
            .into_named(ErrorName::InvalidConfiguration)
            .while_doing("budget")
            .with_remedy(
                "correct `budget` of the landing zone; its topic must be in the management account, with a policy that lets \
                 budgets.amazonaws.com publish; then send the request again",
            ),
        "CreationLimitExceededException" | "ServiceQuotaExceededException" => error
            .into_named(ErrorName::InvalidConfiguration)
            .while_doing("budget")
            .with_remedy("have the quota of AWS Budgets raised, then send the request again"),
        _ => error.into_failure(),
    };
    let failure = failure.of_account(account);
    if failure.name() != ErrorName::AccessDenied {
        return failure;
    }
    failure.with_remedy(
        "deploy templates/vending-roles.yaml with SetsBudgets=true, as template.yaml, then send the request again",
    )
}
