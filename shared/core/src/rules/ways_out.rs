//! Where documents may lead out of the organization: the hosts of SAML metadata, the addresses of access stack templates.
//! Parameters of the template say it, and no document: who may write documents must not choose whom the accounts trust.

use std::str::FromStr;

use crate::config::{AccessStack, AccessStackTemplate, LandingZone, Platform, Problem};
use crate::domain::{PLATFORM_PARAMETER, WebAddress};
use crate::error::{ErrorName, Failure};

use super::saml_pins::SamlPins;

/// What the template lets documents name, and whose SAML metadata it expects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaysOut {
    pub metadata_hosts: MetadataHosts,
    pub templates: TemplateAddresses,
    pub saml_pins: SamlPins,
}

/// Names of hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetadataHosts(Vec<String>);

/// What the addresses of templates begin with; each ends with a slash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateAddresses(Vec<String>);

impl FromStr for MetadataHosts {
    type Err = &'static str;

    /// Names with commas between; an empty text is none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hosts = items(text).map(|host| {
            if is_host(host) {
                Ok(host.to_ascii_lowercase())
            } else {
                Err("must be names of hosts with commas between")
            }
        });
        hosts.collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for TemplateAddresses {
    type Err = &'static str;

    /// Addresses with commas between; an empty text is none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let addresses = items(text).map(|address| {
            let is_folder = address.starts_with("https://") && address.ends_with('/');
            if is_folder && host_of(address).is_some() && is_plain(address) {
                Ok(address.to_owned())
            } else {
                Err("must be https:// addresses that end with a slash, with commas between")
            }
        });
        addresses.collect::<Result<_, _>>().map(Self)
    }
}

impl WaysOut {
    /// What of a platform document leads elsewhere.
    pub fn problem_of_platform(&self, platform: &Platform) -> Option<Problem> {
        let address = &platform.identity_provider.as_ref()?.metadata_url;
        self.problem_of_metadata(address)
    }

    /// What of a landing zone document leads elsewhere.
    pub fn problem_of_landing_zone(&self, zone: &LandingZone) -> Option<Problem> {
        self.problem_of_template(zone.access_stack.as_ref()?)
    }

    fn problem_of_metadata(&self, address: &WebAddress) -> Option<Problem> {
        let host = host_of(address.as_str());
        let is_known = |host: &str| self.metadata_hosts.0.contains(&host.to_ascii_lowercase());
        let expected = match host {
            Some(host) if is_known(host) => return None,
            Some(host) => format!(
                "must be at a host that SamlMetadataHosts of template.yaml names, and {host} is none"
            ),
            None => "must name its host plainly: no user, no password".to_owned(),
        };
        Some(Problem::new("identityProvider.metadataUrl", expected))
    }

    fn problem_of_template(&self, stack: &AccessStack) -> Option<Problem> {
        let AccessStackTemplate::Url(url) = &stack.template else {
            return None;
        };
        let mut allowed = self.templates.0.iter();
        let is_below = |folder: &String| url.starts_with(folder) && is_plain(url);
        if allowed.any(is_below) {
            return None;
        }
        let expected = "must be shipped, or begin with an address that AccessStackTemplates of template.yaml names";
        Some(Problem::new("accessStack.template", expected))
    }

    /// Refuses an address of metadata.
    ///
    /// # Errors
    /// `AddressNotAllowed`.
    pub fn check_metadata(&self, address: &WebAddress) -> Result<(), Failure> {
        refuse(PLATFORM_PARAMETER, self.problem_of_metadata(address))
    }

    /// Refuses a template of a landing zone; `source` is the parameter of its document.
    ///
    /// # Errors
    /// `AddressNotAllowed`.
    pub fn check_template(&self, stack: &AccessStack, source: &str) -> Result<(), Failure> {
        refuse(source, self.problem_of_template(stack))
    }
}

fn refuse(source: &str, problem: Option<Problem>) -> Result<(), Failure> {
    problem.map_or(Ok(()), |problem| {
        let words = format!("{source}, {problem}");
        Err(Failure::new(ErrorName::AddressNotAllowed, words))
    })
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|item| !item.is_empty())
}

/// The name of the host of an address, without its port; none where there is more than that, such as a user's name.
fn host_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = match authority.split_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) => return None,
        None => authority,
    };
    is_host(host).then_some(host)
}

fn is_host(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    !text.is_empty() && text.bytes().all(is_letter)
}

/// Whether nothing in the path of an address leads out of the folder that it begins with.
fn is_plain(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let has_dots = path.split('/').any(|part| [".", ".."].contains(&part));
    !has_dots && !path.contains('\\') && !path.to_ascii_lowercase().contains("%2e")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways() -> WaysOut {
        WaysOut {
            metadata_hosts: "idp.example.com,127.0.0.1".parse().unwrap(),
            templates: "https://bucket.s3.eu-central-1.amazonaws.com/avm/"
                .parse()
                .unwrap(),
            saml_pins: SamlPins::default(),
        }
    }

    #[test]
    fn metadata_are_fetched_from_named_hosts_only() {
        let check = |address: &str| ways().check_metadata(&address.parse().unwrap());
        for address in [
            "https://idp.example.com/descriptor",
            "https://IDP.example.com:8443/a?b=c@d",
            "http://127.0.0.1:4566/local-aws/saml/descriptor",
        ] {
            assert_eq!(check(address), Ok(()), "{address}");
        }
        for address in [
            "https://idp.example.org/descriptor",
            "https://idp.example.com.evil.org/",
            "https://evil.org/idp.example.com",
            "https://idp.example.com@evil.org/",
            "https://idp.example.com:x@evil.org/",
            "https://evil.org#idp.example.com",
            "https://evil.org\\.idp.example.com/",
        ] {
            let failure = check(address).unwrap_err();
            assert_eq!(failure.name(), ErrorName::AddressNotAllowed, "{address}");
            let cause = failure.cause();
            assert!(
                cause.starts_with("/avm/platform, field identityProvider.metadataUrl: "),
                "{cause}"
            );
        }
        let none = WaysOut::default().check_metadata(&"https://idp.example.com/".parse().unwrap());
        assert!(none.is_err());
    }

    #[test]
    fn templates_come_from_named_folders_only() {
        let check = |template: &str| {
            let template = template.to_owned().try_into().unwrap();
            ways().check_template(&AccessStack { template }, "/avm/landing-zones/a")
        };
        for template in [
            "shipped",
            "https://bucket.s3.eu-central-1.amazonaws.com/avm/access.yaml",
            "https://bucket.s3.eu-central-1.amazonaws.com/avm/a/access.yaml?versionId=..",
        ] {
            assert_eq!(check(template), Ok(()), "{template}");
        }
        for template in [
            "https://bucket.s3.eu-central-1.amazonaws.com/access.yaml",
            "https://bucket.s3.eu-central-1.amazonaws.com.evil.org/avm/access.yaml",
            "https://other.s3.eu-central-1.amazonaws.com/avm/access.yaml",
            "https://bucket.s3.eu-central-1.amazonaws.com/avm/../access.yaml",
            "https://bucket.s3.eu-central-1.amazonaws.com/avm/%2E./access.yaml",
            "https://bucket.s3.eu-central-1.amazonaws.com/avm/..\\access.yaml",
        ] {
            let failure = check(template).unwrap_err();
            assert_eq!(failure.name(), ErrorName::AddressNotAllowed, "{template}");
            let cause = failure.cause();
            assert!(
                cause.starts_with("/avm/landing-zones/a, field accessStack.template: "),
                "{cause}"
            );
        }
    }

    #[test]
    fn what_is_no_host_or_no_folder_stops_the_function() {
        for text in ["https://idp.example.com", "idp example", "*.example.com"] {
            assert!(text.parse::<MetadataHosts>().is_err(), "{text}");
        }
        for text in [
            "https://bucket",
            "http://bucket/",
            "https://a@bucket/",
            "https://bucket/../",
        ] {
            assert!(text.parse::<TemplateAddresses>().is_err(), "{text}");
        }
        assert_eq!("".parse(), Ok(MetadataHosts::default()));
        assert_eq!("".parse(), Ok(TemplateAddresses::default()));
    }
}
