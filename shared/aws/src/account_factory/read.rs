//! From Service Catalog's answers to the words of the port.
//! Refuses an answer without an id, which AWS never sends.

use aws_sdk_servicecatalog::types::{
    LaunchPathSummary, ProvisionedProductAttribute, ProvisionedProductDetail,
    ProvisionedProductStatus, ProvisioningArtifactDetail, ProvisioningArtifactGuidance,
    RecordDetail, RecordStatus as FoundStatus,
};

use super::{
    Artifact, Failure, LaunchPath, ProvisionedProduct, Record, RecordStatus, incomplete,
    record_error,
};
use crate::call::NO_STATUS;
use avm_core::ports::account_factory::ProductStatus;

pub(super) fn artifact(
    call: &str,
    detail: &ProvisioningArtifactDetail,
) -> Result<Artifact, Failure> {
    Ok(Artifact {
        id: id(call, detail.id())?,
        is_active: detail.active() == Some(true),
        is_deprecated: detail.guidance() == Some(&ProvisioningArtifactGuidance::Deprecated),
        made_at: detail
            .created_time()
            .map_or(0, aws_smithy_types::DateTime::secs),
    })
}

pub(super) fn launch_path(call: &str, summary: LaunchPathSummary) -> Result<LaunchPath, Failure> {
    Ok(LaunchPath {
        id: id(call, summary.id.as_deref())?,
        name: summary.name.unwrap_or_default(),
    })
}

/// A product as a search shows it.
pub(super) fn found(
    call: &str,
    product: ProvisionedProductAttribute,
) -> Result<ProvisionedProduct, Failure> {
    Ok(ProvisionedProduct {
        id: id(call, product.id.as_deref())?,
        name: product.name.unwrap_or_default(),
        status: status(product.status.as_ref()),
        message: product.status_message.filter(|text| !text.is_empty()),
        last_record: product.last_record_id.and_then(|id| id.parse().ok()),
        has_succeeded: product.last_successful_provisioning_record_id.is_some(),
        token: product.idempotency_token,
    })
}

/// A product as it is described by its name.
pub(super) fn described(
    call: &str,
    product: ProvisionedProductDetail,
) -> Result<ProvisionedProduct, Failure> {
    Ok(ProvisionedProduct {
        id: id(call, product.id.as_deref())?,
        name: product.name.unwrap_or_default(),
        status: status(product.status.as_ref()),
        message: product.status_message.filter(|text| !text.is_empty()),
        last_record: product.last_record_id.and_then(|id| id.parse().ok()),
        has_succeeded: product.last_successful_provisioning_record_id.is_some(),
        token: product.idempotency_token,
    })
}

/// Of several products of an account one that runs or has succeeded counts, then the name, so that every look finds the same.
pub(super) fn rank(product: &ProvisionedProduct) -> (bool, bool, String) {
    (
        product.status == ProductStatus::UnderChange,
        product.has_succeeded,
        product.name.clone(),
    )
}

pub(super) fn record(detail: &RecordDetail) -> Record {
    Record {
        status: match detail.status() {
            Some(FoundStatus::Succeeded) => RecordStatus::Succeeded,
            Some(FoundStatus::Failed) => RecordStatus::Failed,
            // CREATED, IN_PROGRESS, IN_PROGRESS_IN_ERROR (its rollback runs).
            _ => RecordStatus::Running,
        },
        errors: detail
            .record_errors()
            .iter()
            .map(|error| {
                record_error(
                    error.code().unwrap_or_default(),
                    error.description().unwrap_or_default(),
                )
            })
            .collect(),
    }
}

fn status(status: Option<&ProvisionedProductStatus>) -> ProductStatus {
    ProductStatus::from(status.map_or(NO_STATUS, ProvisionedProductStatus::as_str))
}

fn id<Id: std::str::FromStr>(call: &str, text: Option<&str>) -> Result<Id, Failure> {
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| incomplete(call, "an id"))
}
