//! Where the configuration documents are kept: parameters of AWS Systems Manager.
//! Failures name a document by its parameter, so that a reader finds it.

/// The SSM parameter of the platform document.
pub const PLATFORM_PARAMETER: &str = "/avm/platform";
/// What the SSM parameter of a landing zone begins with; its name follows.
pub const LANDING_ZONE_PARAMETERS: &str = "/avm/landing-zones/";

/// What the name of the parameter begins with that holds an operator's word on an account's landing zone; its id follows.
pub const CHANGE_PARAMETERS: &str = "/avm/changes/";
