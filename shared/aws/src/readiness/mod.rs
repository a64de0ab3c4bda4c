//! Proves that an account can be used: the access role, then one cheap read in each service that later steps need.
//! Every read is one that the access role may still make after its downgrade (meshStack's minimum policy).

#[cfg(test)]
mod tests;

use aws_config::SdkConfig;

use super::call::{Answered, Called, in_region};
use super::failure::ServiceError;
use super::sessions::{Hop, Sessions};
use avm_core::domain::Region;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::readiness::{Obstacle, Probe, Readiness};

/// The stack that the access-stack step asks for: `DescribeStacks` of a named stack needs no right to see others.
const STACK: &str = "meshstack-cf-access";

/// The readiness of accounts, through the management account's member-access role and the access role behind it.
pub struct AccessRoleReadiness<'a> {
    sessions: &'a Sessions,
    member_access: Hop,
    session_name: String,
}

/// What a refused signature of the management account takes.
const REGION: &str = "AWS STS does not know the management account's credentials in the machine's region: enable the region in the \
     management account, where it has to be opted into, and send the request again";

/// How STS refuses the credentials of an account that has not enabled the region: the account of the caller counts, not that of the
/// role (awsdocs/iam-user-guide#283; the answer in hashicorp/terraform-provider-aws#32549). A role that is not there yet is
/// `AccessDenied`.
const UNKNOWN_CALLER: [&str; 2] = ["InvalidClientTokenId", "UnrecognizedClientException"];

impl<'a> AccessRoleReadiness<'a> {
    /// Probes in sessions of that name, by way of `member_access`.
    pub const fn new(sessions: &'a Sessions, member_access: Hop, session_name: String) -> Self {
        Self {
            sessions,
            member_access,
            session_name,
        }
    }

    /// A session of the access role, or what keeps it from being assumed.
    async fn enter(&self, probe: &Probe<'_>) -> Result<Result<SdkConfig, Obstacle>, Failure> {
        let way = std::slice::from_ref(&self.member_access);
        // On its own first: a refusal here is one of the management account, not of a new account.
        self.sessions.through(way, &self.session_name).await?;
        let partition = self.member_access.role.partition();
        let role = probe.account.role_arn(partition, probe.access_role);
        let access = Hop {
            role,
            asks_for_external_id: false,
        };
        let hops = [self.member_access.clone(), access];
        match self.sessions.through(&hops, &self.session_name).await {
            Ok(configuration) => Ok(Ok(configuration)),
            Err(failure) if is_of_the_caller(&failure) => {
                Err(Failure::new(ErrorName::AccessDenied, failure.cause()).with_remedy(REGION))
            }
            Err(failure) if means_not_ready(failure.name()) => {
                Ok(Err(not_ready("the access role", failure)))
            }
            Err(failure) => Err(failure.of_account(probe.account)),
        }
    }
}

impl Readiness for AccessRoleReadiness<'_> {
    async fn find_obstacle(&self, probe: &Probe<'_>) -> Result<Option<Obstacle>, Failure> {
        let configuration = match self.enter(probe).await? {
            Ok(configuration) => configuration,
            Err(obstacle) => return Ok(Some(obstacle)),
        };
        // The later one first: nothing else is asked before it answers. A region that has to be opted into is enabled for a
        // ready account, by account-settings, and the access stack comes later.
        let ready = async {
            if !probe.region.has_to_be_opted_into()
                && let Some(obstacle) = probe_cloudformation(&configuration, probe.region).await?
            {
                return Ok(Some(obstacle));
            }
            probe_iam(&configuration).await
        };
        ready
            .await
            .map_err(|failure: Failure| failure.of_account(probe.account))
    }
}

async fn probe_iam(configuration: &SdkConfig) -> Result<Option<Obstacle>, Failure> {
    let client = aws_sdk_iam::Client::new(configuration);
    let answer = client.list_account_aliases().send().await;
    obstacle("IAM", answer.of_call("iam:ListAccountAliases").map(drop))
}

async fn probe_cloudformation(
    configuration: &SdkConfig,
    region: &Region,
) -> Result<Option<Obstacle>, Failure> {
    let client = aws_sdk_cloudformation::Client::new(&in_region(configuration, region));
    let answer = client.describe_stacks().stack_name(STACK).send().await;
    let answer = answer
        .of_call("cloudformation:DescribeStacks")
        // "Stack … does not exist": the service works, and the role may ask it.
        .outcome((), [("ValidationError", ())]);
    obstacle(&format!("CloudFormation in {region}"), answer)
}

fn obstacle(service: &str, answer: Result<(), ServiceError>) -> Result<Option<Obstacle>, Failure> {
    let Err(error) = answer else {
        return Ok(None);
    };
    // Codes of new accounts that no other place gives this meaning.
    let is_new = matches!(
        error.code.as_str(),
        "AuthFailure" | "SubscriptionRequired" | "NotSignedUp" | "InvalidAccessKeyId"
    );
    let failure = error.into_failure();
    if is_new || means_not_ready(failure.name()) {
        Ok(Some(not_ready(service, failure)))
    } else {
        Err(failure)
    }
}

fn not_ready(what: &str, failure: Failure) -> Obstacle {
    let failure = failure.while_doing(what);
    Obstacle {
        words: failure.cause().to_owned(),
        is_denial: failure.name() == ErrorName::AccessDenied,
    }
}

/// Whether STS refuses who asks, not the role that is asked for: no time changes that.
fn is_of_the_caller(failure: &Failure) -> bool {
    UNKNOWN_CALLER
        .iter()
        .any(|code| failure.cause().contains(code))
}

/// Inside a new account even `AccessDenied` only says: not yet.
fn means_not_ready(name: ErrorName) -> bool {
    matches!(name, ErrorName::AccessDenied | ErrorName::AccountNotReady)
}
