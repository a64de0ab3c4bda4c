//! What an operator asks the machine for by the same request as meshStack, and the documents that it answers by.
//! One function takes all requests.

use std::path::PathBuf;

use avm_aws::SdkConfig;
use avm_aws::invocation::invoke;
use avm_core::domain::{LANDING_ZONE_PARAMETERS, PLATFORM_PARAMETER, Region};
use avm_core::error::Failure;
use avm_core::ports::documents::DocumentStore;
use avm_documents::{File, Kind};
use serde_json::Value;

const ENTRY_POINT: &str = "AVMEntryPoint";

/// What the function has answered.
pub struct Reply {
    /// `started`, `running`, `already done`, `busy`.
    pub status: String,
    /// The ARN of the execution that it is about.
    pub execution: String,
    pub message: String,
}

/// Sends a request as meshStack sends it.
///
/// # Errors
/// Lambda refuses; the request or the configuration is wrong, under the name of that error.
pub async fn send(own: SdkConfig, region: &Region, request: &Value) -> Result<Reply, Failure> {
    let said = invoke(own, region, ENTRY_POINT, request).await?;
    let text = |field: &str| said[field].as_str().unwrap_or_default().to_owned();
    Ok(Reply {
        status: text("status"),
        execution: text("executionArn"),
        message: text("message"),
    })
}

/// The deployed documents, as the files that `config deploy` made them of; a document is named by its parameter.
pub async fn documents(store: &impl DocumentStore) -> Result<Vec<File>, Failure> {
    let parameters = store.list_documents("/avm").await?;
    let files = parameters.into_iter().filter_map(|(name, text)| {
        let kind = if name == PLATFORM_PARAMETER {
            Kind::Platform
        } else {
            let zone = name.strip_prefix(LANDING_ZONE_PARAMETERS)?;
            Kind::LandingZone(zone.parse().map_err(|error| format!("{error}")))
        };
        let path = PathBuf::from(name);
        Some(File { path, kind, text })
    });
    Ok(files.collect())
}
