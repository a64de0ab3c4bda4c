//! Who gets into the accounts: single sign-on, the SAML provider, and Control Tower with its person.
//! The SCIM token is not carried over: a document contains only the ARN of its secret.

use serde_json::{Map, Value, json};

use super::{ABSENT, PLATFORM, Translator};
use crate::source::{Mapping, SingleSignOnSource};

/// What meshStack calls its SAML provider.
const DEFAULT_SAML_PROVIDER: &str = "meshstack-saml-idp";

impl Translator<'_> {
    pub(super) fn single_sign_on(&mut self) {
        let (source, options) = (self.source, self.options);
        let Some(instance) = &source.single_sign_on else {
            self.row("aws-sso", ABSENT);
            return;
        };
        let region = options
            .single_sign_on_region
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| region_of_scim(instance.scim_endpoint.as_deref()?));
        let region = self.need(
            region.as_ref(),
            "--single-sign-on-region",
            "the region of IAM Identity Center cannot be told from the SCIM endpoint",
        );
        let store = self.need(
            options.identity_store_id.as_ref(),
            "--identity-store-id",
            "aws-sso does not have it; `aws sso-admin list-instances` shows it, d-…",
        );
        let mut section = json!({
            "instanceArn": instance.arn,
            "identityStoreId": store,
            "region": region,
            "groupNamePattern": instance.group_name_pattern
        });
        self.row(
            "aws-sso.arn",
            format!("{PLATFORM}: singleSignOn.instanceArn; template parameter SsoInstanceArn"),
        );
        self.row(
            "aws-sso.group-name-pattern",
            format!("{PLATFORM}: singleSignOn.groupNamePattern"),
        );
        if let Some(scim) = self.scim(instance) {
            section["scim"] = scim;
        }
        self.platform.insert("singleSignOn".to_owned(), section);
        let mappings = &instance.role_mappings;
        if mappings.is_empty() {
            self.row(
                "aws-sso.role-mappings",
                "empty: the landing zone gets no singleSignOn",
            );
        } else {
            let mappings = mapped(mappings, Some("permissionSets"));
            self.landing_zone
                .insert("singleSignOn".to_owned(), json!({"roleMappings": mappings}));
            self.zone_row("aws-sso.role-mappings", "singleSignOn.roleMappings");
        }
    }

    /// The SCIM endpoint. Its token goes into no document.
    fn scim(&mut self, instance: &SingleSignOnSource) -> Option<Value> {
        let options = self.options;
        let token = if instance.has_token {
            "not carried over: a secret"
        } else {
            ABSENT
        };
        let without = options.without_scim || instance.scim_endpoint.is_none();
        if without {
            let endpoint = if instance.scim_endpoint.is_some() {
                "not carried over: --without-scim; groups are written through the identity store's own API"
            } else {
                ABSENT
            };
            self.row("aws-sso.scim-endpoint", endpoint);
            self.row("aws-sso.sso-access-token", token);
            return None;
        }
        let secret = self.need(
            options.scim_token_secret_arn.as_ref(),
            "--scim-token-secret-arn",
            "the access token belongs into Secrets Manager, never into a document; store it in the automation account \
             with `aws secretsmanager create-secret --name avm/scim-token --secret-string file://TOKEN` and give the \
             ARN; or say --without-scim to write groups through the identity store's own API",
        );
        self.row(
            "aws-sso.scim-endpoint",
            format!("{PLATFORM}: singleSignOn.scim.endpoint"),
        );
        self.row(
            "aws-sso.sso-access-token",
            format!(
                "{token}; it belongs into the secret of singleSignOn.scim.tokenSecretArn: `aws secretsmanager \
                 put-secret-value --secret-id {} --secret-string file://TOKEN`",
                secret.as_str().unwrap_or_default()
            ),
        );
        Some(json!({"endpoint": instance.scim_endpoint, "tokenSecretArn": secret}))
    }

    pub(super) fn provider(&mut self) {
        let source = self.source;
        let mut mappings = Map::new();
        for (option, given, field, carries) in [
            (
                "roleMappingsManaged",
                &source.managed,
                "roleMappingsManaged",
                Some("policies"),
            ),
            (
                "roleMappingsExternal",
                &source.external,
                "roleMappingsExternal",
                None,
            ),
        ] {
            match given.as_deref() {
                None => self.row(option, ABSENT),
                Some([]) => self.row(option, "empty: nothing to carry over"),
                Some(given) => {
                    mappings.insert(field.to_owned(), mapped(given, carries));
                    self.zone_row(option, &format!("identityProvider.{field}"));
                }
            }
        }
        if mappings.is_empty() {
            return;
        }
        self.landing_zone
            .insert("identityProvider".to_owned(), mappings.into());
        let options = self.options;
        let url = self.need(
            options.metadata_url.as_ref(),
            "--metadata-url",
            "role mappings need a SAML provider, whose metadata document the file does not name",
        );
        let name = options
            .saml_provider_name
            .as_ref()
            .map_or(DEFAULT_SAML_PROVIDER.to_owned(), ToString::to_string);
        let provider = json!({"name": name, "metadataUrl": url});
        self.platform
            .insert("identityProvider".to_owned(), provider);
    }

    pub(super) fn enrollment(&mut self) {
        let (source, options) = (self.source, self.options);
        let Some(enrollment) = &source.enrollment else {
            self.row("control-tower", ABSENT);
            return;
        };
        let why = "the Account Factory asks for it, and meshStack's configuration does not have it";
        let region = self.need(
            options.control_tower_region.as_ref(),
            "--control-tower-region",
            "the home region of AWS Control Tower is not in the file",
        );
        let user = json!({
            "email": self.need(options.control_tower_user_email.as_ref(), "--control-tower-user-email", why),
            "firstName": self.need(options.control_tower_user_first_name.as_ref(), "--control-tower-user-first-name", why),
            "lastName": self.need(options.control_tower_user_last_name.as_ref(), "--control-tower-user-last-name", why)
        });
        self.platform.insert(
            "controlTower".to_owned(),
            json!({
                "region": region,
                "accountFactoryProductId": enrollment.product_id,
                "singleSignOnUser": user
            }),
        );
        self.landing_zone
            .insert("enrollment".to_owned(), "service-catalog".into());
        let product = format!(
            "{PLATFORM}: controlTower.accountFactoryProductId; {}: enrollment is service-catalog",
            self.zone
        );
        self.row("control-tower.account-factory-product-id", product);
        self.row(
            "control-tower.management-account-id",
            if enrollment.management_account_id.is_some() {
                "template parameter ManagementAccountId"
            } else {
                ABSENT
            },
        );
    }
}

fn mapped(mappings: &[Mapping], carries: Option<&str>) -> Value {
    let entries = mappings.iter().map(|mapping| {
        let mut entry = json!({"awsRoleName": mapping.aws_role_name});
        if let Some(field) = carries {
            entry[field] = json!(mapping.carries);
        }
        (mapping.project_role.clone(), entry)
    });
    entries.collect::<Map<String, Value>>().into()
}

/// The region in `https://scim.<region>.amazonaws.com/…`.
fn region_of_scim(endpoint: &str) -> Option<String> {
    let host = endpoint.strip_prefix("https://scim.")?;
    let (region, _) = host.split_once(".amazonaws.com")?;
    Some(region.to_owned())
}
