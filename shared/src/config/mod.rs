//! The configuration documents: the platform and its landing zones, as types.
//! Deployed as SSM parameters below `/avm/`; JSON Schemas of the types are checked in.

mod landing_zone;
mod platform;

use serde::de::DeserializeOwned;

pub use landing_zone::{
    AccessStack, AccessStackTemplate, DowngradePolicy, DowngradeSetting, LandingZone,
    StackSetReference,
};
pub use platform::Platform;

use crate::error::{ErrorName, Failure};

/// The SSM parameter of the platform document.
pub const PLATFORM_PARAMETER: &str = "/avm/platform";
/// What the SSM parameter of a landing zone begins with; its name follows.
pub const LANDING_ZONE_PARAMETERS: &str = "/avm/landing-zones/";

/// Reads a document; `source` is the file or parameter that it comes from.
///
/// # Errors
/// `InvalidConfiguration`, with the source, the field and what is expected.
pub fn read_document<Document: DeserializeOwned>(
    source: &str,
    text: &str,
) -> Result<Document, Failure> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let document = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let field = if field == "." {
            "the document".to_owned()
        } else {
            format!("field {field}")
        };
        Failure::new(
            ErrorName::InvalidConfiguration,
            format!("{source}, {field}: {}", error.inner()),
        )
    })?;
    deserializer.end().map_err(|error| {
        Failure::new(
            ErrorName::InvalidConfiguration,
            format!("{source}, after the document: {error}"),
        )
    })?;
    Ok(document)
}
