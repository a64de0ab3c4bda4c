//! One account with its SAML provider, its roles and the policies that there are, and a web server with the metadata.
//! It allows what a minimum policy allows, knows new principals late, and can lose an answer before or after the effect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use avm_core::domain::{
    AttachedPolicy, PolicyArn, PolicyDocument, RoleName, SamlMetadata, SamlProviderArn,
    SamlProviderName, WebAddress,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::roles::{Attachment, NewRole, Role, RoleCreation, RoleDeletion, Roles};
use avm_core::ports::saml_metadata::SamlMetadataSource;
use avm_core::ports::saml_providers::{ProviderCreation, SamlProviders};
use serde_json::Value;

pub const PROVIDER: &str = "arn:aws:iam::111111111111:saml-provider/meshstack-saml-idp";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldRole {
    pub trust: PolicyDocument,
    pub attached: BTreeSet<AttachedPolicy>,
    pub description: Option<String>,
}

#[derive(Default)]
pub struct State {
    pub metadata: String,
    pub is_unreachable: bool,
    pub provider: Option<String>,
    pub roles: BTreeMap<String, WorldRole>,
    /// The policies that exist.
    pub policies: BTreeSet<String>,
    /// What the access role may do; none: everything.
    pub allowed: Option<PolicyDocument>,
    /// What the role may do that looks after the provider, where that is not the access role.
    pub keeper: Option<PolicyDocument>,
    pub calls: Vec<String>,
    pub writes: Vec<String>,
    /// The write (from 0) whose answer is lost; whether it has its effect nevertheless.
    pub lost: Option<(usize, bool)>,
    /// How many trusts that name the provider are refused after it was made.
    pub late_principal: usize,
    /// How many looks do not show a role that is there.
    pub late_role: usize,
    /// How many attachments do not see the role yet.
    pub late_attachments: usize,
}

#[derive(Default)]
pub struct World(Mutex<State>);

impl World {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// What is there, for comparisons.
    pub fn settled(&self) -> (Option<String>, BTreeMap<String, WorldRole>) {
        let state = self.state();
        (state.provider.clone(), state.roles.clone())
    }

    fn call(&self, action: &str, resource: &str) -> Result<MutexGuard<'_, State>, Failure> {
        let mut state = self.state();
        let words = format!("{action} {resource}");
        state.calls.push(words.clone());
        let of_provider = state
            .keeper
            .as_ref()
            .filter(|_| action.ends_with("SAMLProvider"));
        match of_provider.or(state.allowed.as_ref()) {
            Some(policy) if !allows(policy, action, resource) => {
                Err(Failure::new(ErrorName::AccessDenied, words))
            }
            _ => Ok(state),
        }
    }

    fn write<T>(
        &self,
        action: &str,
        resource: &str,
        effect: impl FnOnce(&mut State) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut state = self.call(action, resource)?;
        let number = state.writes.len();
        state.writes.push(format!("{action} {resource}"));
        let no_answer = Failure::new(ErrorName::ServiceUnavailable, "the connection was cut");
        match state.lost.take_if(|(at, _)| *at == number) {
            None => effect(&mut state),
            Some((_, false)) => Err(no_answer),
            Some((_, true)) => {
                effect(&mut state)?;
                Err(no_answer)
            }
        }
    }
}

fn allows(policy: &PolicyDocument, action: &str, resource: &str) -> bool {
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(values) => values
                .iter()
                .map(|text| text.as_str().unwrap().to_owned())
                .collect(),
            single => vec![single.as_str().unwrap().to_owned()],
        }
    };
    let statements = policy.as_value()["Statement"].as_array().unwrap();
    statements.iter().any(|statement| {
        texts(&statement["Action"])
            .iter()
            .any(|allowed| allowed == action)
            && texts(&statement["Resource"])
                .iter()
                .any(|pattern| fits(pattern, resource))
    })
}

/// A pattern with at most one `*`, at its end.
fn fits(pattern: &str, resource: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => resource.starts_with(prefix),
        None => pattern == resource,
    }
}

fn role_arn(role: &RoleName) -> String {
    format!("arn:aws:iam::111111111111:role/{role}")
}

/// IAM refuses a trust in a principal that it does not know (yet).
fn take_trust(state: &mut State, trust: &PolicyDocument) -> Result<(), Failure> {
    let names_provider = trust.to_string().contains(PROVIDER);
    if names_provider && (state.provider.is_none() || state.late_principal > 0) {
        state.late_principal = state.late_principal.saturating_sub(1);
        return Err(Failure::new(
            ErrorName::ServiceUnavailable,
            "invalid principal",
        ));
    }
    Ok(())
}

impl SamlMetadataSource for World {
    async fn read(&self, address: &WebAddress) -> Result<SamlMetadata, Failure> {
        assert_eq!(address.as_str(), "https://idp.example.com/descriptor");
        let state = self.state();
        if state.is_unreachable {
            return Err(Failure::new(
                ErrorName::ServiceUnavailable,
                "nobody answers",
            ));
        }
        Ok(state.metadata.clone().try_into().unwrap())
    }
}

impl SamlProviders for World {
    async fn find_metadata(&self, provider: &SamlProviderArn) -> Result<Option<String>, Failure> {
        let state = self.call("iam:GetSAMLProvider", provider.as_str())?;
        Ok(state.provider.clone())
    }

    async fn create(
        &self,
        name: &SamlProviderName,
        metadata: &SamlMetadata,
    ) -> Result<ProviderCreation, Failure> {
        let arn = format!("arn:aws:iam::111111111111:saml-provider/{name}");
        self.write("iam:CreateSAMLProvider", &arn, |state| {
            if state.provider.is_some() {
                return Ok(ProviderCreation::AlreadyThere);
            }
            state.provider = Some(metadata.as_str().to_owned());
            Ok(ProviderCreation::Made)
        })
    }

    async fn update(
        &self,
        provider: &SamlProviderArn,
        metadata: &SamlMetadata,
    ) -> Result<(), Failure> {
        self.write("iam:UpdateSAMLProvider", provider.as_str(), |state| {
            state.provider = Some(metadata.as_str().to_owned());
            Ok(())
        })
    }
}

impl Roles for World {
    async fn find_role(&self, role: &RoleName) -> Result<Option<Role>, Failure> {
        let mut state = self.call("iam:GetRole", &role_arn(role))?;
        if state.late_role > 0 {
            state.late_role -= 1;
            return Ok(None);
        }
        let found = state.roles.get(role.as_str());
        Ok(found.map(|found| Role {
            arn: role_arn(role).parse().unwrap(),
            trust: found.trust.clone(),
            description: found.description.clone(),
        }))
    }

    async fn create_role(&self, role: &NewRole<'_>) -> Result<RoleCreation, Failure> {
        self.write("iam:CreateRole", &role_arn(role.name), |state| {
            if state.roles.contains_key(role.name.as_str()) {
                return Ok(RoleCreation::AlreadyThere);
            }
            take_trust(state, role.trust)?;
            state.roles.insert(
                role.name.to_string(),
                WorldRole {
                    trust: role.trust.clone(),
                    attached: BTreeSet::new(),
                    description: Some(role.description.to_owned()),
                },
            );
            Ok(RoleCreation::Made)
        })
    }

    async fn update_trust(&self, role: &RoleName, trust: &PolicyDocument) -> Result<(), Failure> {
        self.write("iam:UpdateAssumeRolePolicy", &role_arn(role), |state| {
            take_trust(state, trust)?;
            state.roles.get_mut(role.as_str()).unwrap().trust = trust.clone();
            Ok(())
        })
    }

    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        let state = self.call("iam:ListAttachedRolePolicies", &role_arn(role))?;
        let found = state.roles.get(role.as_str());
        Ok(found.map(|role| role.attached.clone()).unwrap_or_default())
    }

    async fn attach(&self, role: &RoleName, policy: &PolicyArn) -> Result<Attachment, Failure> {
        self.write("iam:AttachRolePolicy", &role_arn(role), |state| {
            let is_late = state.late_attachments > 0;
            state.late_attachments = state.late_attachments.saturating_sub(1);
            if is_late || !state.policies.contains(policy.as_str()) {
                return Ok(Attachment::Missing);
            }
            let Some(role) = state.roles.get_mut(role.as_str()) else {
                return Ok(Attachment::Missing);
            };
            role.attached.insert(attached(policy.as_str()));
            Ok(Attachment::Attached)
        })
    }

    async fn detach(&self, role: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure> {
        self.write("iam:DetachRolePolicy", &role_arn(role), |state| {
            state
                .roles
                .get_mut(role.as_str())
                .unwrap()
                .attached
                .remove(policy);
            Ok(())
        })
    }

    async fn delete_role(&self, role: &RoleName) -> Result<RoleDeletion, Failure> {
        panic!("this step deletes no role, and {role} neither")
    }
}

/// A policy as the list of a role shows it.
pub fn attached(arn: &str) -> AttachedPolicy {
    AttachedPolicy {
        name: arn.rsplit('/').next().unwrap().to_owned(),
        arn: arn.to_owned(),
    }
}
