//! AVMEntryPoint: takes meshStack's call, starts the vend and answers at once.
//! It reads payload and configuration, makes one order of them, and starts one execution once all of it is valid.

pub mod answer;
pub mod execution_name;
pub mod landing_zone;
pub mod naming;
mod parameters;
pub mod payload;
mod problems;
pub mod start;

use std::collections::BTreeMap;

use avm_core::config::{LandingZone, Platform, read_document};
use avm_core::contract::order::{
    LeftOut, NamedLandingZone, Order, PlatformSettings, RoleBindings, VendRequest,
};
use avm_core::domain::{AccountName, Email, MachineName, PLATFORM_PARAMETER, altered_tags};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::documents::{Documents, StoredDocument};
use avm_core::ports::executions::Executions;
use avm_core::rules::ways_out::WaysOut;
use serde_json::Value;
use tracing::info;

use crate::answer::Answer;
use crate::execution_name::{ExecutionKey, Month};
use crate::landing_zone::Choice;
use crate::naming::{make_names, name_account};
use crate::payload::{Payload, role_bindings};
use crate::problems::Problems;
use crate::start::{Wish, start};

/// Step Functions: the longest input of an execution or a state, in bytes.
const LONGEST_STATE_INPUT: usize = 262_144;
/// What the machine adds to the order when it calls a step: the account, the progress, a failure's cause.
const ROOM_OF_THE_STEPS: usize = 16_384;

/// What no request says, from the function's environment.
#[derive(Clone, Debug)]
pub struct Settings {
    pub machine: MachineName,
    /// Where documents may lead out of the organization.
    pub ways_out: WaysOut,
}

/// Starts the vend that the payload asks for, or says why it does not.
///
/// `month` is the current calendar month in UTC.
///
/// # Errors
/// `InvalidRequest` with every faulty field; `InvalidConfiguration`, `AddressNotAllowed`, `UnknownLandingZone` and
/// `LandingZoneNotAllowed` with the document; what the stores of documents and executions fail with.
pub async fn handle(
    event: &Value,
    month: Month,
    settings: &Settings,
    documents: &impl Documents,
    executions: &impl Executions,
) -> Result<Answer, Failure> {
    let payload = Payload::read(event)?;
    let account_id = payload.account.id().cloned();
    let mut altered = payload.taken_as_text.clone();
    altered.extend(altered_tags(&payload.tags));
    let vend = async {
        let force = payload.force;
        let order = make_order(payload, settings, documents).await?;
        let key = key_of(&order);
        let made_of = order.documents.clone();
        let order = order_json(&order)?;
        info!(?made_of, "order made");
        let wish = Wish {
            key,
            order: &order,
            force,
        };
        start(&wish, month, executions).await
    };
    let answer = vend.await.map_err(|failure| match &account_id {
        Some(id) => failure.of_account(id),
        None => failure,
    })?;
    info!(
        status = ?answer.status,
        execution = %answer.execution_arn,
        altered = altered.join("; "),
        "request answered"
    );
    Ok(answer.with_altered_tags(&altered))
}

/// Resolves the configuration and puts it together with the request.
async fn make_order(
    payload: Payload,
    settings: &Settings,
    documents: &impl Documents,
) -> Result<Order, Failure> {
    // Both in one call where the request names the landing zone; the platform may choose one otherwise.
    let named = payload.landing_zone.as_ref().map(landing_zone::parameter);
    let both: Vec<&str> = [PLATFORM_PARAMETER]
        .into_iter()
        .chain(named.as_deref())
        .collect();
    let mut found = documents.find_documents(&both).await?;
    let (platform, platform_version) = read_platform(found.remove(PLATFORM_PARAMETER))?;
    let mut problems = Problems::default();
    payload
        .account
        .check_partition(&platform.region, &mut problems);
    let account = name_account(&payload, &platform, &mut problems);
    let choice = landing_zone::choose(&payload, &platform, &mut problems);
    if let Some(failure) = problems.into_failure() {
        return Err(failure);
    }
    let (Some(account), Some(choice)) = (account, choice) else {
        return Err(Failure::new(
            ErrorName::Internal,
            "a request without a fault has no account or no landing zone",
        ));
    };
    let stored = match named {
        Some(named) => found.remove(&named),
        None => documents.find_document(&choice.parameter()).await?,
    };
    let (zone, version) = read_landing_zone(&choice, stored)?;
    zone.validate_on(&platform, &choice.parameter())?;
    let documents = BTreeMap::from([
        (PLATFORM_PARAMETER.to_owned(), platform_version),
        (choice.parameter(), version),
    ]);
    let order = put_together(
        payload,
        account,
        &platform,
        NamedLandingZone {
            name: choice.name,
            settings: zone,
        },
    )?;
    check_ways_out(&order, &settings.ways_out)?;
    Ok(Order {
        machine: settings.machine.clone(),
        documents,
        ..order
    })
}

/// Refuses what leads out of the organization otherwise than the template says, before a step does.
fn check_ways_out(order: &Order, ways_out: &WaysOut) -> Result<(), Failure> {
    if let Some(provider) = &order.platform.identity_provider {
        ways_out.check_metadata(&provider.metadata_url)?;
    }
    let zone = &order.landing_zone;
    let stack = zone.settings.access_stack.as_ref();
    stack.map_or(Ok(()), |stack| {
        ways_out.check_template(stack, &landing_zone::parameter(&zone.name))
    })
}

/// The order, once everything that it is made of has been found.
fn put_together(
    mut payload: Payload,
    account: (AccountName, Email),
    platform: &Platform,
    landing_zone: NamedLandingZone,
) -> Result<Order, Failure> {
    let settings = &landing_zone.settings;
    let mut problems = Problems::default();
    parameters::check(&payload, settings, &mut problems);
    let names = make_names(&payload, platform, settings, &mut problems);
    let bindings = payload.role_bindings.take();
    let bindings = role_bindings::used_by(settings, bindings, &mut problems);
    if let Some(failure) = problems.into_failure() {
        return Err(failure);
    }
    let order = Order {
        request: vend_request(payload, account, bindings),
        names,
        platform: PlatformSettings::of(platform, settings),
        landing_zone,
        documents: BTreeMap::new(),
        machine: MachineName::first(),
    };
    Ok(order.with_regions_opted_into())
}

fn read_platform(stored: Option<StoredDocument>) -> Result<(Platform, i64), Failure> {
    let stored = stored.ok_or_else(|| {
        Failure::new(
            ErrorName::InvalidConfiguration,
            format!(
                "{PLATFORM_PARAMETER}: this parameter is missing; it must hold a platform document"
            ),
        )
    })?;
    let platform = read_document(PLATFORM_PARAMETER, &stored.text)?;
    Ok((platform, stored.version))
}

fn read_landing_zone(
    choice: &Choice,
    stored: Option<StoredDocument>,
) -> Result<(LandingZone, i64), Failure> {
    let stored = stored.ok_or_else(|| choice.unknown())?;
    let settings: LandingZone = read_document(&choice.parameter(), &stored.text)?;
    choice.check(&settings)?;
    Ok((settings.of_a_vend(), stored.version))
}

fn vend_request(
    payload: Payload,
    (name, email): (AccountName, Email),
    bindings: Option<(RoleBindings, LeftOut)>,
) -> VendRequest {
    let (role_bindings, left_out) = bindings.unzip();
    VendRequest {
        account_id: payload.account.id().cloned(),
        account_name: name,
        account_email: email,
        product_name: payload.workspace,
        stage: payload.project,
        contact_email: payload.contact,
        cost_center: payload.cost_center,
        tags: payload.tags,
        role_bindings,
        left_out: left_out.unwrap_or_default(),
    }
}

fn key_of(order: &Order) -> ExecutionKey {
    let request = &order.request;
    ExecutionKey::of(
        request.account_id.as_ref(),
        &request.account_email,
        &request.product_name,
        &request.stage,
    )
}

fn order_json(order: &Order) -> Result<Value, Failure> {
    let json = serde_json::to_value(order)
        .map_err(|error| Failure::new(ErrorName::Internal, format!("the order: {error}")))?;
    let (length, longest) = (
        json.to_string().len(),
        LONGEST_STATE_INPUT - ROOM_OF_THE_STEPS,
    );
    if length > longest {
        return Err(Failure::new(
            ErrorName::InvalidRequest,
            format!(
                "tag…, RoleBindings: the order must have at most {longest} bytes, it has {length}; shorten the values \
                 of the tags or name fewer people"
            ),
        ));
    }
    Ok(json)
}

#[cfg(test)]
mod tests;
