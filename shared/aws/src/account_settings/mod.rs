//! The settings of member accounts through AWS Account Management, called with their `AccountId`.
//! That needs trusted access in AWS Organizations. A failure never contains anything of a contact, not even in AWS's words.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_account::Client;
use aws_sdk_account::operation::put_alternate_contact::PutAlternateContactError;
use aws_sdk_account::types::{AlternateContactType, RegionOptStatus};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;

use super::call::{Answered, Called, NO_STATUS, all_pages};
use super::failure::ServiceError;
use avm_core::domain::{AccountId, AlternateContact, Region};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_settings::{AccountSettings, ContactKind, Enabling, RegionStatus};

/// What AWS says of a region that it does not enable because it is, or becomes, enabled: "Unable to switch region status
/// because of its current opt-in status."
const OPTED: &str = "current opt-in status";

/// AWS Account Management for the organization of the configuration's credentials.
pub struct OrganizationAccountSettings {
    client: Client,
}

impl OrganizationAccountSettings {
    /// Of the organization whose management account the configuration's credentials belong to.
    pub fn of(configuration: &SdkConfig) -> Self {
        Self {
            client: Client::new(configuration),
        }
    }
}

/// As many as AWS takes: all regions that there are, in one page.
const REGIONS_OF_A_PAGE: i32 = 50;

impl AccountSettings for OrganizationAccountSettings {
    async fn has_contact(
        &self,
        account: &AccountId,
        kind: ContactKind,
        contact: &AlternateContact,
    ) -> Result<bool, Failure> {
        let call = self
            .client
            .get_alternate_contact()
            .account_id(account.as_str())
            .alternate_contact_type(type_of(kind));
        let found = call
            .send()
            .await
            .of_call("account:GetAlternateContact")
            .unless(&["ResourceNotFoundException"])
            .map_err(|error| without_words(error, account))?
            .and_then(|answer| answer.alternate_contact);
        Ok(found.is_some_and(|found| {
            found.name() == Some(contact.name.expose())
                && found.title() == Some(contact.title.expose())
                && found.email_address() == Some(contact.email.expose())
                && found.phone_number() == Some(contact.phone.expose())
        }))
    }

    async fn set_contact(
        &self,
        account: &AccountId,
        kind: ContactKind,
        contact: &AlternateContact,
    ) -> Result<(), Failure> {
        self.client
            .put_alternate_contact()
            .account_id(account.as_str())
            .alternate_contact_type(type_of(kind))
            .name(contact.name.expose())
            .title(contact.title.expose())
            .email_address(contact.email.expose())
            .phone_number(contact.phone.expose())
            .send()
            .await
            .map(drop)
            .map_err(|error| refused_contact(account, kind, &error))
    }

    async fn list_regions(
        &self,
        account: &AccountId,
    ) -> Result<BTreeMap<Region, RegionStatus>, Failure> {
        let regions = self
            .client
            .list_regions()
            .account_id(account.as_str())
            .max_results(REGIONS_OF_A_PAGE)
            .into_paginator()
            .items()
            .send();
        let regions = all_pages("account:ListRegions", regions)
            .await
            .map_err(|error| refused(error, account))?;
        // Skips names that no landing zone can contain.
        Ok(regions
            .into_iter()
            .filter_map(|region| {
                let name = region.region_name()?.parse().ok()?;
                let status = region.region_opt_status();
                let status = status.map_or(NO_STATUS, RegionOptStatus::as_str);
                Some((name, RegionStatus::from(status)))
            })
            .collect())
    }

    async fn start_enabling(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Enabling, Failure> {
        let answer = self
            .client
            .enable_region()
            .account_id(account.as_str())
            .region_name(region.as_str())
            .send()
            .await
            .of_call("account:EnableRegion");
        let Err(error) = answer else {
            return Ok(Enabling::Started);
        };
        match error.code.as_str() {
            // The region is changing, or as many regions are as AWS lets change at once: 6 of an account, 50 of an
            // organization, one call a second (quotas of AWS Account Management).
            "ConflictException" | "TooManyRequestsException" => {
                Ok(Enabling::NotNow(refused(error, account).cause().to_owned()))
            }
            // The region is enabled or on its way already: another call was faster, or the answer to the first try was
            // lost. The next look shows its status.
            "ValidationException" if error.message.contains(OPTED) => {
                Ok(Enabling::NotNow(refused(error, account).cause().to_owned()))
            }
            "ValidationException" => Err(error
                .into_named(ErrorName::InvalidConfiguration)
                .while_doing(&format!("optInRegions: AWS does not enable {region}"))
                .of_account(account)),
            _ => Err(refused(error, account)),
        }
    }
}

fn type_of(kind: ContactKind) -> AlternateContactType {
    match kind {
        ContactKind::Billing => AlternateContactType::Billing,
        ContactKind::Operations => AlternateContactType::Operations,
        ContactKind::Security => AlternateContactType::Security,
    }
}

/// What AWS refuses about a contact: the names of the fields, never their values.
fn refused_contact(
    account: &AccountId,
    kind: ContactKind,
    error: &SdkError<PutAlternateContactError, Response>,
) -> Failure {
    let fields = match error.as_service_error() {
        Some(PutAlternateContactError::ValidationException(refusal)) => refusal
            .field_list()
            .iter()
            .map(|field| field.name().to_owned())
            .collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let error = ServiceError::of("account:PutAlternateContact", error);
    if error.code != "ValidationException" {
        return without_words(error, account);
    }
    let fields = if fields.is_empty() {
        "the contact".to_owned()
    } else {
        fields.join(", ")
    };
    Failure::new(
        ErrorName::InvalidConfiguration,
        format!("alternateContacts.{kind}: {} refuses {fields}", error.call),
    )
    .of_account(account)
}

/// The failure of a call that carries a contact: AWS repeats what it refuses, except where it says who may not call.
fn without_words(mut error: ServiceError, account: &AccountId) -> Failure {
    if !error.code.is_empty() && error.code != "AccessDeniedException" {
        "its words may hold the contact".clone_into(&mut error.message);
    }
    refused(error, account)
}

fn refused(error: ServiceError, account: &AccountId) -> Failure {
    let failure = error.into_failure().of_account(account);
    if failure.name() != ErrorName::AccessDenied {
        return failure;
    }
    failure.with_remedy(
        "enable trusted access for account.amazonaws.com in AWS Organizations (AWS Account Management), and compare \
         the role of the account settings with the deployed template",
    )
}
