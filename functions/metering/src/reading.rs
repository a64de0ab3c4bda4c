//! Reading a month: the control first, then each record type that it shows, then the plans that it knows of.
//! What disagrees is read again: Cost Explorer may have been refreshed between two queries.

use std::collections::BTreeSet;

use avm_core::config::Metering;
use avm_core::domain::Month;
use avm_core::error::Failure;
use avm_metering::plan::PlanData;
use avm_metering::ports::{Costs, PlanAnswer, Question};
use avm_metering::read::{
    Answer, ControlGroup, CostGroup, MonthRead, currency_of, has_savings_plans, record_types,
    services_of_reservations,
};
use avm_metering::record::RecordType;
use avm_metering::time::{Moment, Window};
use futures_util::{StreamExt, TryStreamExt, stream};

/// How often a month is read whose costs do not agree.
const READINGS: u8 = 3;
/// How many queries of a month are under way at a time.
const AT_ONCE: usize = 3;

/// Everything about a month.
pub async fn read(
    costs: &impl Costs,
    settings: &Metering,
    month: Month,
    now: Moment,
) -> Result<MonthRead, Failure> {
    let question = Question {
        month,
        metric: settings.metric,
    };
    let mut read = read_costs(costs, question).await?;
    for _ in 1..READINGS {
        // What the filter leaves out is no reason to read anything again.
        if read.agrees(settings.filter) {
            break;
        }
        read = read_costs(costs, question).await?;
    }
    let window = Window::of(month, now);
    let services = services_of_reservations(&read.control);
    if settings.reserved_instance_fair_chargeback {
        read.reservations = reservations(costs, window, &services).await?;
    }
    if settings.savings_plan_fair_chargeback {
        let has_any = has_savings_plans(&read.control);
        read.savings_plans = savings_plans(costs, window, has_any).await?;
    }
    Ok(read)
}

async fn read_costs(costs: &impl Costs, question: Question) -> Result<MonthRead, Failure> {
    let control = costs.control(question).await?;
    // Before anything else is paid for.
    currency_of(&control.groups)?;
    let parts = queries(&control.groups);
    let answers: Vec<Answer<CostGroup>> = stream::iter(parts)
        .map(|part| ask(costs, question, part))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let is_estimated = control.is_estimated || answers.iter().any(|answer| answer.is_estimated);
    Ok(MonthRead {
        month: question.month,
        control: control.groups,
        groups: answers
            .into_iter()
            .flat_map(|answer| answer.groups)
            .collect(),
        is_estimated,
        reservations: PlanData::NotRead,
        savings_plans: PlanData::NotRead,
    })
}

/// A query over a part of the month; together they are all of it.
enum Part {
    ByService(RecordType),
    /// All record types but these.
    Rest(BTreeSet<RecordType>),
}

fn queries(control: &[ControlGroup]) -> Vec<Part> {
    let found = record_types(control);
    let (by_service, others): (Vec<&RecordType>, Vec<&RecordType>) = found
        .into_iter()
        .partition(|record_type| record_type.is_read_by_service());
    let mut parts: Vec<Part> = by_service
        .into_iter()
        .cloned()
        .map(Part::ByService)
        .collect();
    if !others.is_empty() {
        let all = control.iter().map(|group| &group.record_type);
        let except = all.filter(|record_type| record_type.is_read_by_service());
        parts.push(Part::Rest(except.cloned().collect()));
    }
    parts
}

async fn ask(
    costs: &impl Costs,
    question: Question,
    part: Part,
) -> Result<Answer<CostGroup>, Failure> {
    match part {
        Part::ByService(record_type) => costs.by_service(question, &record_type).await,
        Part::Rest(except) => costs.rest(question, &except.iter().collect()).await,
    }
}

async fn reservations(
    costs: &impl Costs,
    window: Option<Window>,
    services: &BTreeSet<&str>,
) -> Result<PlanData, Failure> {
    if services.is_empty() {
        return Ok(PlanData::NoPlans);
    }
    let Some(window) = window else {
        return Ok(PlanData::Pending);
    };
    let mut plans = Vec::new();
    for service in services {
        match costs.reservations(window, service).await? {
            PlanAnswer::Plans(of_service) => plans.extend(of_service),
            PlanAnswer::NotYet => return Ok(PlanData::Pending),
        }
    }
    Ok(PlanData::Known { plans, window })
}

async fn savings_plans(
    costs: &impl Costs,
    window: Option<Window>,
    has_any: bool,
) -> Result<PlanData, Failure> {
    if !has_any {
        return Ok(PlanData::NoPlans);
    }
    let Some(window) = window else {
        return Ok(PlanData::Pending);
    };
    Ok(match costs.savings_plans(window).await? {
        PlanAnswer::Plans(plans) => PlanData::Known { plans, window },
        PlanAnswer::NotYet => PlanData::Pending,
    })
}
