//! The look into every region, through the role that can only look.
//! Where the account has no such role, or an older one without the rights, the access role looks instead.

use std::collections::BTreeMap;

use avm_aws::sessions::VERIFICATION_ROLE;
use avm_core::domain::Region;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::default_vpcs::{DefaultVpcs, Look};
use futures_util::{StreamExt, stream};

use crate::{AT_ONCE, Request};

/// What each region shows; what goes wrong in one is that one's own.
pub(crate) type Looks = BTreeMap<Region, Result<Look, Failure>>;

/// Looks into every region, or into those that are still open.
///
/// # Errors
/// `AccessDenied` where neither role may look, with the remedy; those of the roles and of the list of regions.
pub(crate) async fn survey<Verification: DefaultVpcs, Access: DefaultVpcs>(
    request: &Request,
    open_look: impl AsyncFnOnce() -> Result<Verification, Failure>,
    open_access: &impl AsyncFn() -> Result<Access, Failure>,
) -> Result<Looks, Failure> {
    let refused = match through(request, open_look).await {
        Ok(looks) => return Ok(looks),
        Err(failure) if failure.name() == ErrorName::AccessDenied => failure,
        Err(failure) => return Err(failure),
    };
    tracing::warn!(
        execution = request.execution.name(),
        cause = refused.cause(),
        "the access role looks, because the verification role cannot"
    );
    through(request, open_access).await.map_err(|failure| {
        if failure.name() != ErrorName::AccessDenied {
            return failure;
        }
        Failure::new(
            ErrorName::AccessDenied,
            format!(
                "nobody may look for default VPCs: {}; {}",
                refused.cause(),
                failure.cause()
            ),
        )
        .with_remedy(format!(
            "deploy the landing zone's StackSet as it ships, with a role {VERIFICATION_ROLE} that may call \
             ec2:DescribeRegions and ec2:DescribeVpcs, and send the request again"
        ))
    })
}

/// Looks with one role; a role that is refused in every region is refused altogether.
async fn through<Looking: DefaultVpcs>(
    request: &Request,
    open: impl AsyncFnOnce() -> Result<Looking, Failure>,
) -> Result<Looks, Failure> {
    let vpcs = open().await?;
    let regions = match &request.progress {
        Some(progress) => progress.regions.clone(),
        None => vpcs.list_regions().await?,
    };
    let vpcs = &vpcs;
    let looks: Looks = stream::iter(regions)
        .map(async |region| {
            let look = vpcs.look(&region).await;
            (region, look)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let is_refused = |look: &Result<Look, Failure>| {
        look.as_ref()
            .is_err_and(|failure| failure.name() == ErrorName::AccessDenied)
    };
    match looks.values().next() {
        Some(Err(refused)) if looks.values().all(is_refused) => Err(refused.clone()),
        _ => Ok(looks),
    }
}
