//! Cost Explorer as the source of costs: paged queries, each page at its price, counted before it is asked for.
//! Three of its operations are called; what a refusal means is decided here.

mod answers;
mod plans;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use self::answers::{CostPage, Group, Paged};
use self::plans::{ReservationPage, SavingsPlanPage};
use crate::failure::ServiceError;
use crate::json::{Global, refusal};
use crate::plain::Service;
use avm_core::domain::Month;
use avm_core::error::{ErrorName, Failure};
use avm_metering::ports::{Costs, Figures, PlanAnswer, Question};
use avm_metering::read::{Answer, ControlGroup, CostGroup};
use avm_metering::record::RecordType;
use avm_metering::time::{Moment, Window};

const COST_EXPLORER: Service = Service {
    id: "Cost Explorer",
    signing_name: "ce",
    version: "2017-10-25",
    signs_as_s3: false,
    refusal,
};
const TARGET: &str = "AWSInsightsIndexService";
const COSTS: &str = "ce:GetCostAndUsage";
const RESERVATIONS: &str = "ce:GetReservationUtilization";
const SAVINGS_PLANS: &str = "ce:GetSavingsPlansUtilizationDetails";
/// AWS publishes no rate; five requests a second are below what its SDKs' maintainers name.
const PACE: Duration = Duration::from_millis(200);

/// Cost Explorer of one organization, for one run.
pub struct CostExplorer {
    service: Global,
    most_requests: u32,
    requests: AtomicU32,
    next: Mutex<Instant>,
    pace: Duration,
}

impl CostExplorer {
    /// Cost Explorer for the configuration's credentials: those of the management account. `most_requests` is what this run
    /// may ask for.
    pub fn of(configuration: SdkConfig, partition: &str, most_requests: u32) -> Self {
        Self {
            service: Global::of(COST_EXPLORER, TARGET, configuration, partition),
            most_requests,
            requests: AtomicU32::new(0),
            next: Mutex::new(Instant::now()),
            pace: PACE,
        }
    }

    #[cfg(test)]
    pub(super) fn without_pace(mut self) -> Self {
        self.pace = Duration::ZERO;
        self
    }

    /// Every page of a query. A place that Cost Explorer loses is looked for once more from the beginning.
    async fn pages<Page: Paged + DeserializeOwned>(
        &self,
        call: &'static str,
        query: &Value,
    ) -> Result<Vec<Page>, Refused> {
        let mut has_restarted = false;
        loop {
            match self.chain(call, query).await {
                Err(Refused::Service(error)) if is_lost_place(&error) => {
                    if has_restarted {
                        return Err(failed(error.into_named(ErrorName::CostDataUnavailable)));
                    }
                    has_restarted = true;
                }
                other => return other,
            }
        }
    }

    async fn chain<Page: Paged + DeserializeOwned>(
        &self,
        call: &'static str,
        query: &Value,
    ) -> Result<Vec<Page>, Refused> {
        let mut pages: Vec<Page> = Vec::new();
        let mut query = query.clone();
        loop {
            self.count().await?;
            let page: Page = self
                .service
                .call(call, &query)
                .await
                .map_err(Refused::Service)?;
            let next = page.next().map(str::to_owned);
            pages.push(page);
            match next {
                Some(token) => query[Page::TOKEN] = token.into(),
                None => return Ok(pages),
            }
        }
    }

    /// Counts a request and waits for its turn.
    async fn count(&self) -> Result<(), Refused> {
        if self.requests.load(Ordering::Relaxed) >= self.most_requests {
            let words = format!("{} requests were made", self.most_requests);
            return Err(failed(Failure::new(
                ErrorName::CostExplorerRequestLimit,
                words,
            )));
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let turn = {
            let mut next = self.next.lock().await;
            let turn = (*next).max(Instant::now());
            *next = turn + self.pace;
            turn
        };
        sleep_until(turn).await;
        Ok(())
    }

    async fn costs(
        &self,
        Question { month, metric }: Question,
        by: [&str; 2],
        filter: Option<Value>,
    ) -> Result<Answer<Group>, Failure> {
        let figures = Figures::of(metric);
        let dimension = |key: &str| json!({"Type": "DIMENSION", "Key": key});
        let mut query = json!({
            "TimePeriod": period(month, Moment::start_of(month.next())),
            "Granularity": "MONTHLY",
            "Metrics": [figures.amortized, figures.unblended],
            "GroupBy": by.map(dimension),
        });
        if let Some(filter) = filter {
            query["Filter"] = filter;
        }
        let pages: Vec<CostPage> = self.pages(COSTS, &query).await.map_err(|refused| {
            refused
                .into_failure()
                .while_doing(&format!("month {month}"))
        })?;
        answers::groups(pages)
    }

    async fn plans<Page: Paged + DeserializeOwned>(
        &self,
        call: &'static str,
        query: &Value,
    ) -> Result<Option<Vec<Page>>, Failure> {
        match self.pages(call, query).await {
            Ok(pages) => Ok(Some(pages)),
            Err(Refused::Service(error)) if error.code == "DataUnavailableException" => Ok(None),
            Err(refused) => Err(refused.into_failure()),
        }
    }
}

impl Costs for CostExplorer {
    async fn control(&self, of: Question) -> Result<Answer<ControlGroup>, Failure> {
        let found = self.costs(of, ["SERVICE", "RECORD_TYPE"], None).await?;
        answers::control(found, Figures::of(of.metric))
    }

    async fn by_service(
        &self,
        of: Question,
        record_type: &RecordType,
    ) -> Result<Answer<CostGroup>, Failure> {
        let filter = is_one_of(&[record_type]);
        let by = ["LINKED_ACCOUNT", "SERVICE"];
        let found = self.costs(of, by, Some(filter)).await?;
        answers::by_service(found, record_type, Figures::of(of.metric))
    }

    async fn rest(
        &self,
        of: Question,
        except: &BTreeSet<&RecordType>,
    ) -> Result<Answer<CostGroup>, Failure> {
        let except: Vec<&RecordType> = except.iter().copied().collect();
        let filter = (!except.is_empty()).then(|| json!({"Not": is_one_of(&except)}));
        let by = ["LINKED_ACCOUNT", "RECORD_TYPE"];
        let found = self.costs(of, by, filter).await?;
        answers::rest(found, Figures::of(of.metric))
    }

    async fn reservations(&self, window: Window, service: &str) -> Result<PlanAnswer, Failure> {
        // AWS takes no granularity with this group, and one service at a time.
        let query = json!({
            "TimePeriod": period(window.month, window.end),
            "GroupBy": [{"Type": "DIMENSION", "Key": "SUBSCRIPTION_ID"}],
            "Filter": {"Dimensions": {"Key": "SERVICE", "Values": [service]}},
        });
        let pages: Option<Vec<ReservationPage>> = self.plans(RESERVATIONS, &query).await?;
        pages.map_or(Ok(PlanAnswer::NotYet), |pages| {
            plans::reservations(pages, service).map(PlanAnswer::Plans)
        })
    }

    async fn savings_plans(&self, window: Window) -> Result<PlanAnswer, Failure> {
        let query = json!({
            "TimePeriod": period(window.month, window.end),
            "DataType": ["ATTRIBUTES", "AMORTIZED_COMMITMENT"],
            "MaxResults": 100,
        });
        let pages: Option<Vec<SavingsPlanPage>> = self.plans(SAVINGS_PLANS, &query).await?;
        pages.map_or(Ok(PlanAnswer::NotYet), |pages| {
            plans::savings_plans(pages).map(PlanAnswer::Plans)
        })
    }

    fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }
}

/// What ends a query: a refusal of the service, which may be an answer, or a failure.
enum Refused {
    Service(ServiceError),
    Failed(Box<Failure>),
}

fn failed(failure: Failure) -> Refused {
    Refused::Failed(Box::new(failure))
}

impl Refused {
    fn into_failure(self) -> Failure {
        match self {
            Self::Service(error) => failure_of(error),
            Self::Failed(failure) => *failure,
        }
    }
}

fn is_lost_place(error: &ServiceError) -> bool {
    matches!(
        error.code.as_str(),
        "RequestChangedException" | "InvalidNextTokenException"
    )
}

fn failure_of(error: ServiceError) -> Failure {
    let is_off = error
        .message
        .to_ascii_lowercase()
        .contains("not enabled for cost explorer");
    match error.code.as_str() {
        "AccessDeniedException" if is_off => error.into_named(ErrorName::CostExplorerNotEnabled),
        "DataUnavailableException" | "LimitExceededException" | "ThrottlingException" => {
            error.into_named(ErrorName::CostDataUnavailable)
        }
        "BillExpirationException" => error.into_named(ErrorName::InvalidRequest).with_remedy(
            "name a month that Cost Explorer still has: the current one or the 13 before",
        ),
        _ => error.into_failure(),
    }
}

fn period(month: Month, end: Moment) -> Value {
    json!({"Start": Moment::start_of(month).day(), "End": end.day()})
}

fn is_one_of(record_types: &[&RecordType]) -> Value {
    let values: Vec<&str> = record_types.iter().map(|found| found.as_str()).collect();
    json!({"Dimensions": {"Key": "RECORD_TYPE", "Values": values}})
}
