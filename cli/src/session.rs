//! Signing in as the AWS CLI does: variables, profiles with keys, roles, SSO, `aws login` or a process, web identity, machines.
//! Before the first call it is known who calls and where; otherwise it is said what to do.

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use avm_aws::failure::with_causes;
use avm_core::domain::Region;
use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{ConfigLoader, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{
    ProvideCredentials, Result as Provided, SharedCredentialsProvider, future,
};

use crate::exit::Stop;
use crate::options::Options;

/// The configuration of AWS's clients.
///
/// # Errors
/// No region, or no credentials.
pub async fn configuration(options: &Options) -> Result<SdkConfig, Stop> {
    sign_in(avm_aws::loader(), options).await
}

/// The same, with the patience of that loader.
pub async fn sign_in(mut loader: ConfigLoader, options: &Options) -> Result<SdkConfig, Stop> {
    if let Some(region) = &options.region {
        loader = loader.region(aws_config::Region::new(region.clone()));
    }
    if let Some(address) = &options.endpoint_url {
        loader = loader.endpoint_url(address);
    }
    if let Some(profile) = &options.profile {
        loader = loader
            .profile_name(profile)
            .credentials_provider(of_profile(profile, options).await);
    }
    let configuration = loader.load().await;
    if configuration.region().is_none() {
        return Err(Stop::Credentials(format!(
            "no region. Remedy: give --region, set AWS_REGION, or write `region = …` into {}",
            the_profile(options)
        )));
    }
    let provider = configuration
        .credentials_provider()
        .ok_or_else(|| signed_out(options, "there is no provider of them"))?;
    let found = provider.provide_credentials().await;
    let first = found.map_err(|error| signed_out(options, &cause(&error, options)))?;
    let known = Known {
        first: Mutex::new(Some(first)),
        provider,
    };
    let configuration = configuration.into_builder();
    let known = SharedCredentialsProvider::new(known);
    Ok(configuration.credentials_provider(known).build())
}

/// The configuration for another account, whose profile that is.
///
/// # Errors
/// No region, or no credentials.
pub async fn configuration_of(profile: String, options: &Options) -> Result<SdkConfig, Stop> {
    let profile = Some(profile);
    configuration(&Options {
        profile,
        ..options.clone()
    })
    .await
}

/// The region of a configuration that somebody has signed in with.
pub fn region(configuration: &SdkConfig) -> Result<Region, Stop> {
    let region = configuration.region().map_or("", AsRef::as_ref);
    let problem = |problem| Stop::Usage(format!("the region {region:?}: {problem}"));
    region.parse().map_err(problem)
}

/// Only that profile, as the AWS CLI has it: who names one does not mean the keys that variables hold.
async fn of_profile(profile: &str, options: &Options) -> ProfileFileCredentialsProvider {
    let region = if let Some(region) = &options.region {
        Some(aws_config::Region::new(region.clone()))
    } else {
        let chain = DefaultRegionChain::builder().profile_name(profile);
        chain.build().region().await
    };
    let configuration = ProviderConfig::without_region().with_region(region);
    ProfileFileCredentialsProvider::builder()
        .configure(&configuration)
        .profile_name(profile)
        .build()
}

fn cause(error: &CredentialsError, options: &Options) -> String {
    match (error, &options.profile) {
        (CredentialsError::CredentialsNotLoaded(_), Some(profile)) => {
            format!("there is no profile {profile}, or it has none")
        }
        (CredentialsError::CredentialsNotLoaded(_), None) => {
            "neither variables nor a profile have any".to_owned()
        }
        // The error itself says no more than that there is one.
        _ => error
            .source()
            .map_or_else(|| error.to_string(), with_causes),
    }
}

fn signed_out(options: &Options, cause: &str) -> Stop {
    let profile = options.profile.as_deref();
    let named = profile.map_or_else(String::new, |name| format!(" --profile {name}"));
    Stop::Credentials(format!(
        "no credentials: {cause}. Remedy: sign in (`aws sso login{named}` or `aws login{named}`), name a profile that has \
         credentials (--profile, AWS_PROFILE), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    ))
}

fn the_profile(options: &Options) -> String {
    let profile = options.profile.as_deref();
    let named = profile.map(|name| format!("the profile {name} of ~/.aws/config"));
    named.unwrap_or_else(|| "the profile in ~/.aws/config".to_owned())
}

/// Gives away the credentials that have been asked for already before it asks again: a process may ask for a code each time.
#[derive(Debug)]
struct Known {
    first: Mutex<Option<Credentials>>,
    provider: SharedCredentialsProvider,
}

impl Known {
    async fn next(&self) -> Provided {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match first {
            Some(credentials) => Ok(credentials),
            None => self.provider.provide_credentials().await,
        }
    }
}

impl ProvideCredentials for Known {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.next())
    }
}
