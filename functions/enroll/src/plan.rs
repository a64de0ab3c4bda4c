//! What has to happen with an account of the Account Factory, as plain data: made from what was read, shown, then applied.
//! A product that has never succeeded is taken away and made anew, any other one is applied again.

use std::fmt;

use avm_core::domain::{OperationId, ParentId, RecordId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::{ProductStatus, ProvisionedProduct};
use avm_core::ports::control_tower::{BaselineStatus, EnabledBaseline};

use crate::{Purpose, product_in_words};

/// What was read of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its provisioned product.
    pub(crate) product: Option<ProvisionedProduct>,
    /// What it sits in.
    pub(crate) parent: ParentId,
    /// Its baseline; only asked for where there is no product.
    pub(crate) baseline: Option<EnabledBaseline>,
}

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing: the account is enrolled, and where it should be.
    Nothing,
    /// It was enrolled by this execution, which has not heard of it.
    Finish,
    /// Its enrollment was started by this execution: its record tells.
    Follow(RecordId),
    /// Somebody's operation runs.
    Wait(String),
    /// It is enrolled.
    Enroll,
    /// Its product is applied again, in the unit where it should be.
    Update(ProvisionedProduct, Purpose),
    /// What a failed try has left behind is taken away; the enrollment follows.
    Remove(ProvisionedProduct),
}

impl Plan {
    /// Decides, by the token under which this execution would enroll the account next.
    ///
    /// # Errors
    /// `EnrolmentNotPossible` for an account that is enrolled elsewhere without a product, `EnrolmentFailed` for a product
    /// about which somebody has to decide.
    pub(crate) fn new(
        found: &Found,
        wanted: &ParentId,
        token: &OperationId,
    ) -> Result<Self, Failure> {
        let is_in_place = found.parent == *wanted;
        match &found.product {
            None => Self::without_product(found, is_in_place, wanted),
            Some(product) => Self::with_product(product, is_in_place, token),
        }
    }

    fn without_product(
        found: &Found,
        is_in_place: bool,
        wanted: &ParentId,
    ) -> Result<Self, Failure> {
        match found.baseline.as_ref().map(|baseline| &baseline.status) {
            Some(BaselineStatus::Succeeded) if is_in_place => Ok(Self::Nothing),
            Some(BaselineStatus::Succeeded) => Err(Failure::new(
                ErrorName::EnrolmentNotPossible,
                format!(
                    "the account is enrolled without a provisioned product and sits in {} instead of {wanted}",
                    found.parent
                ),
            )
            .with_remedy(
                "move the account in the console of AWS Control Tower, or set the landing zone's enrollment to auto, \
                 then send the request again",
            )),
            Some(BaselineStatus::UnderChange) => Ok(Self::Wait(
                "the baseline of the account, which is UNDER_CHANGE".to_owned(),
            )),
            Some(BaselineStatus::Failed | BaselineStatus::Other(_)) | None => Ok(Self::Enroll),
        }
    }

    fn with_product(
        product: &ProvisionedProduct,
        is_in_place: bool,
        token: &OperationId,
    ) -> Result<Self, Failure> {
        let is_own = product.token.as_deref() == Some(token.as_str());
        let again = if is_in_place {
            Purpose::Repair
        } else {
            Purpose::Move
        };
        Ok(match (&product.status, &product.last_record) {
            (ProductStatus::Available, _) if !product.has_succeeded || !is_in_place => {
                Self::Update(product.clone(), again)
            }
            (ProductStatus::Available, _) if is_own => Self::Finish,
            (ProductStatus::Available, _) => Self::Nothing,
            (
                ProductStatus::UnderChange | ProductStatus::Tainted | ProductStatus::Error,
                Some(record),
            ) if is_own && !product.has_succeeded => Self::Follow(record.clone()),
            (ProductStatus::UnderChange, _) => Self::Wait(format!(
                "{}, which is UNDER_CHANGE",
                product_in_words(&product.name, &product.id)
            )),
            (ProductStatus::Tainted | ProductStatus::Error, _) if product.has_succeeded => {
                Self::Update(product.clone(), again)
            }
            (ProductStatus::Tainted | ProductStatus::Error, _) => Self::Remove(product.clone()),
            (ProductStatus::Other(status), _) => return Err(undecided(product, status)),
        })
    }

    /// Whether nothing is to do and nothing to wait for.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Nothing)
    }
}

fn undecided(product: &ProvisionedProduct, status: &str) -> Failure {
    let reason = product
        .message
        .as_deref()
        .map_or(String::new(), |text| format!(": {text}"));
    Failure::new(
        ErrorName::EnrolmentFailed,
        format!("{} is {status}{reason}", product_in_words(&product.name, &product.id)),
    )
    .with_remedy(
        "bring the provisioned product to AVAILABLE in Service Catalog or terminate it, then send the request again",
    )
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |product: &ProvisionedProduct| product_in_words(&product.name, &product.id);
        match self {
            Self::Nothing => {
                formatter.write_str("nothing to do: the account is enrolled where it should be")
            }
            Self::Finish => formatter.write_str("finish: this execution has enrolled the account"),
            Self::Follow(record) => write!(formatter, "follow record {record} of this execution"),
            Self::Wait(what) => write!(formatter, "wait for {what}"),
            Self::Enroll => formatter.write_str("enroll the account"),
            Self::Update(product, Purpose::Move) => write!(formatter, "move {}", named(product)),
            Self::Update(product, _) => write!(formatter, "apply {} again", named(product)),
            Self::Remove(product) => {
                write!(
                    formatter,
                    "terminate {}, then enroll the account",
                    named(product)
                )
            }
        }
    }
}
