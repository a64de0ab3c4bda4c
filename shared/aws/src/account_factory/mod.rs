//! The Account Factory through Service Catalog, in the home region of Control Tower, with a role of the management account.
//! The role must be a principal of the Account Factory's portfolio; otherwise Service Catalog shows it no launch path.

mod errors;
mod read;
#[cfg(test)]
mod tests;

use aws_config::SdkConfig;
use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::types::{
    AccessLevelFilter, AccessLevelFilterKey, ProvisionedProductAttribute, ProvisionedProductStatus,
    ProvisionedProductViewFilterBy, ProvisioningParameter, RecordDetail,
    UpdateProvisioningParameter,
};

use self::errors::{NO_LAUNCH_PATH, record_error, refused_look, refused_start};
use self::read::{artifact, described, found, launch_path, rank};
use super::call::{Answered, Called, all_pages, in_region};
use super::failure::ServiceError;
use super::organizations::incomplete;
use avm_core::domain::{AccountId, OperationId, ProductId, ProvisionedProductId, RecordId, Region};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::{
    AccountFactory, Artifact, Enrollment, LaunchPath, Offer, ProvisionedProduct, Record,
    RecordStatus, Start, Unit,
};

const LIST_ARTIFACTS: &str = "servicecatalog:ListProvisioningArtifacts";
const LIST_PATHS: &str = "servicecatalog:ListLaunchPaths";
const SEARCH: &str = "servicecatalog:SearchProvisionedProducts";
const DESCRIBE: &str = "servicecatalog:DescribeProvisionedProduct";
const DESCRIBE_RECORD: &str = "servicecatalog:DescribeRecord";
const PROVISION: &str = "servicecatalog:ProvisionProduct";
const UPDATE: &str = "servicecatalog:UpdateProvisionedProduct";
const TERMINATE: &str = "servicecatalog:TerminateProvisionedProduct";

const MISSING: &str = "ResourceNotFoundException";
/// The type of the products that the Account Factory provisions.
const ACCOUNT_TYPE: &str = "CONTROL_TOWER_ACCOUNT";

/// Parameters of the Account Factory (Control Tower User Guide, automated account provisioning).
const UNIT: &str = "ManagedOrganizationalUnit";
const OF_THE_ACCOUNT: [&str; 5] = [
    "AccountEmail",
    "AccountName",
    "SSOUserEmail",
    "SSOUserFirstName",
    "SSOUserLastName",
];

/// The Account Factory that the client's role can see.
#[derive(Clone, Debug)]
pub struct ServiceCatalogAccountFactory {
    client: Client,
}

impl ServiceCatalogAccountFactory {
    /// Calls with this configuration, credentials of a role in the management account, in this region.
    pub fn in_region(configuration: &SdkConfig, region: &Region) -> Self {
        Self {
            client: Client::new(&in_region(configuration, region)),
        }
    }
}

impl ServiceCatalogAccountFactory {
    /// The accounts among the provisioned products that a search finds, made by anyone.
    async fn search(&self, query: String) -> Result<Vec<ProvisionedProductAttribute>, Failure> {
        let whole_account = AccessLevelFilter::builder()
            .key(AccessLevelFilterKey::Account)
            .value("self")
            .build();
        let pages = self
            .client
            .search_provisioned_products()
            .access_level_filter(whole_account)
            .filters(ProvisionedProductViewFilterBy::SearchQuery, vec![query])
            .into_paginator()
            .send();
        let pages = all_pages(SEARCH, pages).await?;
        let is_account = |product: &ProvisionedProductAttribute| {
            let kind = product.r#type.as_deref();
            kind.is_none_or(|kind| kind == ACCOUNT_TYPE)
        };
        Ok(pages
            .into_iter()
            .flat_map(|page| page.provisioned_products.unwrap_or_default())
            .filter(is_account)
            .collect())
    }
}

impl AccountFactory for ServiceCatalogAccountFactory {
    async fn find_artifacts(&self, product: &ProductId) -> Result<Option<Vec<Artifact>>, Failure> {
        // One page: the call takes no page token.
        let answer = self
            .client
            .list_provisioning_artifacts()
            .product_id(product.as_str())
            .send()
            .await
            .of_call(LIST_ARTIFACTS)
            .unless(&[MISSING])
            .map_err(refused_look)?;
        let Some(answer) = answer else {
            return Ok(None);
        };
        let details = answer.provisioning_artifact_details().iter();
        let artifacts = details.map(|detail| artifact(LIST_ARTIFACTS, detail));
        artifacts.collect::<Result<_, _>>().map(Some)
    }

    async fn list_launch_paths(&self, product: &ProductId) -> Result<Vec<LaunchPath>, Failure> {
        let pages = self
            .client
            .list_launch_paths()
            .product_id(product.as_str())
            .into_paginator()
            .send();
        let pages = match all_pages(LIST_PATHS, pages).await.unless(&[MISSING]) {
            Ok(pages) => pages.unwrap_or_default(),
            Err(error) if error.message.contains(NO_LAUNCH_PATH) => Vec::new(),
            Err(error) => return Err(refused_look(error)),
        };
        pages
            .into_iter()
            .flat_map(|page| page.launch_path_summaries.unwrap_or_default())
            .map(|path| launch_path(LIST_PATHS, path))
            .collect()
    }

    async fn find_of_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<ProvisionedProduct>, Failure> {
        let mut products = Vec::new();
        for product in self.search(format!("physicalId:{account}")).await? {
            // The search matches words, so it may find other products as well.
            let is_this = product
                .physical_id
                .as_deref()
                .is_none_or(|id| id == account.as_str());
            if is_this {
                products.push(found(SEARCH, product)?);
            }
        }
        Ok(products.into_iter().max_by_key(rank))
    }

    async fn count_under_change(&self) -> Result<usize, Failure> {
        let wanted = ProvisionedProductStatus::UnderChange;
        let found = self.search(format!("status:{wanted}")).await?;
        let is_wanted = |one: &&ProvisionedProductAttribute| one.status.as_ref() == Some(&wanted);
        Ok(found.iter().filter(is_wanted).count())
    }

    async fn find_named(&self, name: &str) -> Result<Option<ProvisionedProduct>, Failure> {
        self.client
            .describe_provisioned_product()
            .name(name)
            .send()
            .await
            .of_call(DESCRIBE)
            .unless(&[MISSING])?
            .and_then(|answer| answer.provisioned_product_detail)
            .map(|detail| described(DESCRIBE, detail))
            .transpose()
    }

    async fn find_record(&self, record: &RecordId) -> Result<Option<Record>, Failure> {
        let answer = self
            .client
            .describe_record()
            .id(record.as_str())
            .send()
            .await
            .of_call(DESCRIBE_RECORD)
            .unless(&[MISSING])?;
        let detail = answer.and_then(|answer| answer.record_detail);
        Ok(detail.as_ref().map(read::record))
    }

    async fn start_enrollment(
        &self,
        enrollment: &Enrollment<'_>,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        let Enrollment {
            offer,
            name,
            account,
            user,
            unit,
        } = enrollment;
        let values = [
            account.account_email.expose(),
            &account.account_name,
            user.email.expose(),
            user.first_name.expose(),
            user.last_name.expose(),
        ];
        let unit = named(unit);
        let parameters = OF_THE_ACCOUNT
            .into_iter()
            .zip(values)
            .chain([(UNIT, unit.as_str())]);
        let answer = self
            .client
            .provision_product()
            .product_id(offer.product.as_str())
            .provisioning_artifact_id(offer.artifact.as_str())
            .path_id(offer.path.as_str())
            .provisioned_product_name(*name)
            .set_provisioning_parameters(Some(
                parameters
                    .map(|(key, value)| {
                        ProvisioningParameter::builder()
                            .key(key)
                            .value(value)
                            .build()
                    })
                    .collect(),
            ))
            .provision_token(token.as_str())
            .send()
            .await
            .of_call(PROVISION)
            .unless(&["DuplicateResourceException"]);
        match answer {
            Ok(Some(answer)) => started(PROVISION, answer.record_detail),
            Ok(None) => Ok(Start::NameTaken),
            Err(error) => refused_start(error),
        }
    }

    async fn start_update(
        &self,
        product: &ProvisionedProductId,
        offer: &Offer,
        unit: &Unit,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        let same = |key: &str| {
            UpdateProvisioningParameter::builder()
                .key(key)
                .use_previous_value(true)
                .build()
        };
        let other = UpdateProvisioningParameter::builder()
            .key(UNIT)
            .value(named(unit))
            .build();
        let parameters = OF_THE_ACCOUNT
            .into_iter()
            .map(same)
            .chain([other])
            .collect();
        let answer = self
            .client
            .update_provisioned_product()
            .provisioned_product_id(product.as_str())
            .product_id(offer.product.as_str())
            .provisioning_artifact_id(offer.artifact.as_str())
            .path_id(offer.path.as_str())
            .set_provisioning_parameters(Some(parameters))
            .update_token(token.as_str())
            .send()
            .await
            .of_call(UPDATE);
        match answer {
            Ok(answer) => started(UPDATE, answer.record_detail),
            Err(error) => gone_or_refused(error),
        }
    }

    async fn start_removal(
        &self,
        product: &ProvisionedProductId,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        let answer = self
            .client
            .terminate_provisioned_product()
            .provisioned_product_id(product.as_str())
            .terminate_token(token.as_str())
            .send()
            .await
            .of_call(TERMINATE);
        match answer {
            Ok(answer) => started(TERMINATE, answer.record_detail),
            Err(error) => gone_or_refused(error),
        }
    }
}

/// `Sandbox (ou-ab12-12345678)`: the name alone would not tell units of the same name apart.
fn named(unit: &Unit) -> String {
    format!("{} ({})", unit.name, unit.id)
}

fn gone_or_refused(error: ServiceError) -> Result<Start, Failure> {
    if error.code == MISSING && !error.message.contains(NO_LAUNCH_PATH) {
        Ok(Start::Gone)
    } else {
        refused_start(error)
    }
}

fn started(call: &str, record: Option<RecordDetail>) -> Result<Start, Failure> {
    let id = record.and_then(|record| record.record_id);
    id.and_then(|id| id.parse().ok())
        .map(Start::Started)
        .ok_or_else(|| incomplete(call, "the id of the record"))
}
