//! The Account Factory: the product of Service Catalog through which AWS Control Tower enrolls, moves and releases accounts.
//! An operation begins at once and ends much later: its record tells how.

use crate::domain::{
    Account, AccountFactoryUser, AccountId, ArtifactId, LaunchPathId, OperationId, ParentId,
    ProductId, ProvisionedProductId, RecordId, wire_enum,
};
use crate::error::Failure;

/// A version of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    pub id: ArtifactId,
    /// Whether it may be provisioned.
    pub is_active: bool,
    /// Whether it is no longer recommended.
    pub is_deprecated: bool,
    /// When it was made, in seconds since 1970.
    pub made_at: i64,
}

/// A way on which the calling role is offered the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchPath {
    pub id: LaunchPathId,
    /// The name of its portfolio.
    pub name: String,
}

/// What is provisioned: the product, in a version, on a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub product: ProductId,
    /// The version.
    pub artifact: ArtifactId,
    pub path: LaunchPathId,
}

wire_enum! {
    /// The state of a provisioned product (Service Catalog: `ProvisionedProductStatus`).
    ProductStatus {
        /// Stable, as it was asked for.
        Available = "AVAILABLE",
        /// An operation runs.
        UnderChange = "UNDER_CHANGE",
        /// Stable, but not as it was asked for.
        Tainted = "TAINTED",
        /// The operation has failed and left nothing that can be used.
        Error = "ERROR",
    }
}

/// An account as Service Catalog sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvisionedProduct {
    pub id: ProvisionedProductId,
    pub name: String,
    pub status: ProductStatus,
    /// Why, in Service Catalog's words.
    pub message: Option<String>,
    /// The record of its last operation.
    pub last_record: Option<RecordId>,
    /// Whether an operation has ever made it what it should be.
    pub has_succeeded: bool,
    /// The token under which it was provisioned.
    pub token: Option<String>,
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordStatus {
    Running,
    /// It has ended well.
    Succeeded,
    /// It has ended badly.
    Failed,
}

/// The record of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// How far the operation is.
    pub status: RecordStatus,
    /// What went wrong, the first cause first.
    pub errors: Vec<RecordError>,
}

/// What went wrong in an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Its kind, as far as it is known.
    pub problem: Problem,
    /// Code and description, in AWS's words.
    pub words: String,
}

/// The known reasons why Control Tower gives an account operation up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There are too many account operations at once, or another one of the same account: only a matter of time.
    Busy,
    /// The execution role is missing, does not trust the management account, or is not visible everywhere yet.
    ExecutionRole,
    /// The account has a recorder or a delivery channel of AWS Config.
    ConfigRecorder,
    /// A stack that Control Tower makes exists already: an earlier provisioned product has left it.
    StackExists,
    /// A role that Control Tower makes exists already.
    RoleExists,
    /// The default VPC of a region could not be taken away.
    DefaultVpc,
    /// A stack set of Control Tower has not reached the account.
    StackInstances,
    /// AWS has not activated the account yet.
    NotActivated,
    /// Anything else.
    Unknown,
}

/// What an account is enrolled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrollment<'a> {
    pub offer: &'a Offer,
    /// The name of the provisioned product.
    pub name: &'a str,
    pub account: &'a Account,
    /// Whom the Account Factory gives access.
    pub user: &'a AccountFactoryUser,
    /// Where the account is to sit.
    pub unit: &'a Unit,
}

/// An organizational unit with its name, as the Account Factory wants it named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub id: ParentId,
    pub name: String,
}

/// How Service Catalog takes the start of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// It runs; a repetition under the same token answers the same record.
    Started(RecordId),
    /// There is a provisioned product of that name.
    NameTaken,
    /// There is no such provisioned product, or no longer one.
    Gone,
    /// Too many operations run; nothing was started. With AWS's words.
    Busy(String),
}

/// The Account Factory of an organization.
///
/// All calls fail with what means the same in every service. A look at the product fails with `EnrolmentNotPossible` where the
/// role may not use it, a start where the role is not offered it, and with `EnrolmentFailed` where the parameters are refused.
pub trait AccountFactory {
    /// The versions of the product, all pages; none if there is no such product.
    async fn find_artifacts(&self, product: &ProductId) -> Result<Option<Vec<Artifact>>, Failure>;

    /// The ways on which the calling role is offered the product; empty: it is not.
    async fn list_launch_paths(&self, product: &ProductId) -> Result<Vec<LaunchPath>, Failure>;

    /// The provisioned product of an account, made by anyone; of several the one that is in use.
    async fn find_of_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<ProvisionedProduct>, Failure>;

    /// A provisioned product by its name: it may have failed before it came to know its account.
    async fn find_named(&self, name: &str) -> Result<Option<ProvisionedProduct>, Failure>;

    /// How many accounts have a running operation, started by anyone.
    async fn count_under_change(&self) -> Result<usize, Failure>;

    /// The record of an operation; none if it is not visible (yet).
    async fn find_record(&self, record: &RecordId) -> Result<Option<Record>, Failure>;

    /// Starts enrolling an account that exists.
    async fn start_enrollment(
        &self,
        enrollment: &Enrollment<'_>,
        token: &OperationId,
    ) -> Result<Start, Failure>;

    /// Starts applying a provisioned product again, in a unit; nothing else of it changes.
    async fn start_update(
        &self,
        product: &ProvisionedProductId,
        offer: &Offer,
        unit: &Unit,
        token: &OperationId,
    ) -> Result<Start, Failure>;

    /// Starts terminating a provisioned product: Control Tower releases the account, which stays.
    async fn start_removal(
        &self,
        product: &ProvisionedProductId,
        token: &OperationId,
    ) -> Result<Start, Failure>;
}
