//! Metering: the costs of the organization's accounts become reports, month by month, oldest first.
//! Each month is read, checked, charged back, given its owners, and published as a whole or not at all.

mod agenda;
mod metrics;
mod owners;
mod publishing;
mod reading;
mod request;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use avm_core::config::{Metering, Platform, read_document};
use avm_core::domain::{AccountId, Month, PLATFORM_PARAMETER};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::documents::Documents;
use avm_metering::bill::Bill;
use avm_metering::line::{Kind, Line};
use avm_metering::money::Cents;
use avm_metering::ports::{Costs, KnownAccount, KnownAccounts, ReportStore};
use avm_metering::publish::{Edition, Publication};
use avm_metering::record::{Class, RecordType};
use avm_metering::shelf::Shelf;
use avm_metering::time::Moment;
use serde::Serialize;
use serde_json::Value;
use tracing::{info, warn};

use crate::publishing::{Published, Publisher};
use crate::request::Request;

/// The name in failures, in the log, and of the session.
pub const NAME: &str = "avm-metering";
/// The role of the management account that reads costs: the one behind [`Door::Metering`](avm_core::doors::Door::Metering).
pub const ROLE: &str = "AVMMeteringRole";

/// How many days after a month can be final its costs must agree.
const DAYS_OF_GRACE: u8 = 5;
/// How long the first month of a run may take; later ones are measured.
const FIRST_MONTH: Duration = Duration::from_mins(2);

/// What the metering has outside of itself.
pub struct Outside<'a, C, K, S> {
    pub costs: &'a C,
    pub accounts: &'a K,
    pub store: &'a S,
    /// The account that AWS bills: the management account.
    pub payer: &'a AccountId,
}

/// The time of day, what is left of the run's, and where metrics are printed.
pub struct Clock<'a> {
    /// RFC 3339 in UTC.
    pub now: &'a dyn Fn() -> String,
    pub left: &'a dyn Fn() -> Duration,
    pub print: &'a dyn Fn(&str),
}

impl Clock<'_> {
    fn moment(&self) -> Result<Moment, Failure> {
        (self.now)()
            .parse()
            .map_err(|_| Failure::new(ErrorName::Internal, "the clock does not tell the time"))
    }
}

/// What a run has done; what remains is done by the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub done: Vec<Month>,
    pub remaining: Vec<Month>,
    pub requests: u32,
    /// In US dollars.
    pub request_cost: Cents,
}

/// The section of the platform document.
///
/// # Errors
/// `InvalidConfiguration`: there is none, or no valid one.
pub async fn settings(documents: &impl Documents) -> Result<Metering, Failure> {
    let missing = |what: &str| {
        Failure::new(
            ErrorName::InvalidConfiguration,
            format!("{PLATFORM_PARAMETER}: {what} is missing"),
        )
    };
    let text = documents.find_document(PLATFORM_PARAMETER).await?;
    let text = text.ok_or_else(|| missing("this parameter"))?;
    let platform: Platform = read_document(PLATFORM_PARAMETER, &text.text)?;
    platform.metering.ok_or_else(|| missing("field metering"))
}

/// Meters the months that are asked for, or those that are due.
///
/// # Errors
/// `InvalidRequest` for what the event must not ask; else the first failure of a month, when all others are done.
pub async fn meter<C: Costs, K: KnownAccounts, S: ReportStore>(
    event: &Value,
    settings: &Metering,
    outside: &Outside<'_, C, K, S>,
    clock: &Clock<'_>,
) -> Result<Answer, Failure> {
    let request = Request::read(event)?;
    let started = clock.moment()?;
    let shelf = Shelf {
        store: outside.store,
    };
    let publisher = Publisher { shelf };
    let months = agenda::months(&request, started, settings, &publisher).await?;
    let known = if months.is_empty() {
        BTreeMap::new()
    } else {
        outside.accounts.list().await?
    };
    let run = Run {
        settings,
        outside,
        publisher,
        known: &known,
        started,
        recompute: request.recompute,
        clock,
    };
    let ended = run.months(months).await;
    let requests = outside.costs.requests();
    (clock.print)(&metrics::of_run(started, requests, ended.remaining.len())?);
    match ended.failure {
        Some(failure) => Err(failure),
        None => Ok(Answer {
            done: ended.done,
            remaining: ended.remaining,
            requests,
            request_cost: publishing::price(requests),
        }),
    }
}

/// How far a run has come, and the first failure on its way.
struct Ended {
    done: Vec<Month>,
    remaining: Vec<Month>,
    failure: Option<Failure>,
}

/// One run over its months.
struct Run<'a, C, K, S> {
    settings: &'a Metering,
    outside: &'a Outside<'a, C, K, S>,
    publisher: Publisher<'a, S>,
    known: &'a BTreeMap<AccountId, KnownAccount>,
    started: Moment,
    recompute: bool,
    clock: &'a Clock<'a>,
}

impl<C: Costs, K, S: ReportStore> Run<'_, C, K, S> {
    /// Does the months one by one, as far as time and requests reach. One that fails does not keep the others from being done.
    async fn months(&self, months: Vec<Month>) -> Ended {
        let mut ended = Ended {
            done: Vec::new(),
            remaining: months,
            failure: None,
        };
        let (mut slowest, mut needed) = (Duration::ZERO, FIRST_MONTH);
        while let Some(month) = ended.remaining.first().copied() {
            let is_out = self.outside.costs.requests() >= self.settings.max_requests_per_run;
            if is_out || (self.clock.left)() < needed {
                break;
            }
            let begun = Instant::now();
            let metered = self.month(month).await;
            slowest = slowest.max(begun.elapsed());
            needed = slowest * 3 / 2;
            ended.remaining.remove(0);
            match metered {
                Ok(()) => ended.done.push(month),
                Err(failure) => {
                    let (error, cause) = (failure.name().as_str(), failure.cause());
                    warn!(%month, error, cause, "month not metered");
                    let is_limit = failure.name() == ErrorName::CostExplorerRequestLimit;
                    ended.failure.get_or_insert(failure);
                    if is_limit {
                        break;
                    }
                }
            }
        }
        ended
    }

    /// Reads a month, makes its bill, and publishes what is new of it.
    async fn month(&self, month: Month) -> Result<(), Failure> {
        let begun = Instant::now();
        let before = self.outside.costs.requests();
        let state = self.publisher.state(month).await?;
        let settings = state.settings(self.settings, self.recompute);
        let read = reading::read(self.outside.costs, &settings, month, self.started).await?;
        let bill = Bill::of(read, &settings)?;
        warn_of_refunds(&bill, &settings);
        let accounts = owners::of(
            &bill,
            self.known,
            &state,
            &self.publisher.shelf,
            self.outside.payer,
        );
        let accounts = accounts.await?;
        let publication = Publication {
            bill: &bill,
            settings: &settings,
            accounts: &accounts,
            payer: self.outside.payer,
        };
        let requests = self.outside.costs.requests() - before;
        let published = self
            .publisher
            .publish(
                publication,
                &state,
                self.edition(&bill),
                self.visit(requests),
            )
            .await?;
        self.tell(&bill, &published, requests, begun)?;
        self.demand_agreement(&bill)
    }

    fn visit(&self, requests: u32) -> publishing::Visit<'_> {
        publishing::Visit {
            started: self.started,
            now: self.clock,
            requests,
        }
    }

    /// The edition of a month that is not final yet.
    fn edition(&self, bill: &Bill) -> Edition {
        let day = self.settings.final_from_day;
        let is_time = self.started >= Moment::of_day(bill.month.next(), day);
        if is_time && bill.is_settled() {
            Edition::FIRST
        } else {
            Edition::ESTIMATED
        }
    }

    /// A month whose costs do not agree stays estimated; days after it could be final, somebody has to look.
    fn demand_agreement(&self, bill: &Bill) -> Result<(), Failure> {
        if bill.unattributed.is_empty() {
            return Ok(());
        }
        let parts: Vec<String> = bill.unattributed.iter().map(told).collect();
        let words = format!("month {}: no account has {}", bill.month, parts.join(", "));
        warn!(month = %bill.month, "{words}");
        let day = self.settings.final_from_day + DAYS_OF_GRACE;
        if self.started >= Moment::of_day(bill.month.next(), day) {
            return Err(Failure::new(ErrorName::CostDataInconsistent, words));
        }
        Ok(())
    }

    fn tell(
        &self,
        bill: &Bill,
        published: &Published,
        requests: u32,
        begun: Instant,
    ) -> Result<(), Failure> {
        let controls = &published.documents.manifest.controls;
        info!(
            month = %bill.month,
            status = published.words(),
            version = published.documents.manifest.version,
            accounts = bill.accounts.len(),
            lines = bill.lines().count(),
            requests,
            price = %publishing::price(requests),
            seconds = begun.elapsed().as_secs(),
            amortized = %controls.amortized,
            unblended = %controls.unblended,
            cash_difference = %controls.cash_difference.unwrap_or_default(),
            "month metered"
        );
        let line = metrics::of_month(self.started, &published.documents.manifest)?;
        (self.clock.print)(&line);
        Ok(())
    }
}

/// With the flag off, a returned plan shows as a refund whose upfront was never charged.
fn warn_of_refunds(bill: &Bill, settings: &Metering) {
    if settings.savings_plan_fair_chargeback {
        return;
    }
    let class = |line: &Line| line.record_type.as_ref().map(RecordType::class);
    for (account, lines) in &bill.accounts {
        let is_refunded = lines
            .iter()
            .any(|line| line.kind == Kind::Refund && !line.amount.is_zero());
        let has_bought = lines
            .iter()
            .any(|line| class(line) == Some(Class::SavingsPlanUpfrontFee));
        if is_refunded && has_bought {
            warn!(month = %bill.month, account = %account, "the refund of a Savings Plan counts, its upfront does not");
        }
    }
}

fn told(line: &Line) -> String {
    let record_type = line
        .record_type
        .as_ref()
        .map_or("?", |record| record.as_str());
    format!("{record_type} {} (billed {})", line.amount, line.billed)
}

#[cfg(test)]
mod tests;
