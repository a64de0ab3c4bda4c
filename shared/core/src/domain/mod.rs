//! The words of account vending as types: ids, names, addresses, targets.
//! A value that exists is valid; the reason why a text is refused is said by the type.

mod account;
mod budget;
mod cloudformation;
mod contacts;
mod day;
mod directory;
mod email;
mod fingerprint;
mod iam_arns;
mod identity;
mod ids;
mod machine;
mod moment;
mod month;
mod network;
mod organizational_unit;
mod parameters;
mod pattern;
mod permissions_boundary;
mod region;
mod role_policy;
mod saml_metadata;
mod service_catalog;
mod single_sign_on_instance;
mod tags;
mod text;
mod wire_enum;
mod words;

pub use account::Account;
pub use budget::{
    Budget, BudgetAmount, BudgetCurrency, MOST_PERCENT, MOST_THRESHOLDS, Spending, Threshold,
    TopicArn,
};
pub use cloudformation::{OperationId, Parameters, StackId, sha256, sha256_of};
pub use contacts::{AccountFactoryUser, AlternateContact};
pub use day::Day;
pub use directory::{AssignmentRequestId, GroupId, MembershipId, PermissionSetArn, UserId};
pub use email::{Email, redact_emails};
pub use fingerprint::Fingerprint;
pub use iam_arns::{PolicyArn, SamlProviderArn};
pub use identity::{
    AccountAlias, ContactEmail, ContactName, ContactTitle, GROUP_PREFIX, GroupName,
    IdentityStoreId, PermissionSetReference, PhoneNumber, PolicyReference, ProductId, ProjectRole,
    STRICT_PROVIDER_PREFIX, SamlProviderName, ScimAddress, SecretArn, SingleSignOnInstanceArn,
    UserName, WebAddress,
};
pub use ids::{
    AccountId, AccountName, ExecutionArn, ExecutionName, LandingZoneName, OrganizationalUnitId,
    ParentId, ProjectIdentifier, RoleArn, RoleName, RootId, StackSetName, StateMachineArn,
    WorkspaceIdentifier,
};
pub use machine::MachineName;
pub use moment::Moment;
pub use month::Month;
pub use network::{DefaultVpc, InternetGatewayId, NetworkInterfaceId, SubnetId, VpcId};
pub use organizational_unit::OrganizationalUnitTarget;
pub use parameters::{CHANGE_PARAMETERS, LANDING_ZONE_PARAMETERS, PLATFORM_PARAMETER};
pub use pattern::{
    Inseparable, LONGEST_PROJECT, LONGEST_WORKSPACE, Pattern, PatternArguments, PatternError,
    Separator,
};
pub use permissions_boundary::PermissionsBoundaryName;
pub use region::{Region, dns_suffix, global_region};
pub use role_policy::{AttachedPolicy, PolicyDocument};
pub use saml_metadata::SamlMetadata;
pub use service_catalog::{ArtifactId, LaunchPathId, ProvisionedProductId, RecordId};
pub use single_sign_on_instance::{ScimEndpoint, SingleSignOnInstance};
pub use tags::{
    COMPLETED_AT_KEY, COMPLETION_KEYS, ContactAddress, EXECUTION_KEY, FAILURE_KEY_PREFIX,
    LANDING_ZONE_KEY, MACHINE_KEY, OWNER_KEYS, OWNER_PROJECT_KEY, OWNER_WORKSPACE_KEY,
    account_tags, altered_tags, clean_tag_value, colliding_tags,
};
pub use text::InvalidText;
pub(crate) use wire_enum::wire_enum;
pub use words::{is_xml_text, one_line};
