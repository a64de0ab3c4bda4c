//! What AWS takes from a metadata document: who signs, with which certificates, and where people sign in and out.
//! Ids, signatures, white space and dates change with every download and mean nothing.

use std::collections::{BTreeMap, BTreeSet};

use avm_core::domain::Fingerprint;
use avm_core::error::Failure;
use avm_core::rules::saml_pins::SamlPins;
use roxmltree::{Document, Node, ParsingOptions};

/// SAML 2.0 metadata, and XML signatures.
const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The characters of a UTC time to its whole seconds; SAML allows no other time zone (Core, 1.3.3), so that these compare
/// as texts.
const WHOLE_SECONDS: usize = 19;
/// The most nodes of a document; a real one has some hundred. Millions of empty ones would exhaust the function's memory.
const MOST_NODES: u32 = 50_000;

/// The identity providers of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// By their entity ids.
    providers: BTreeMap<String, Provider>,
    /// Of every certificate that anybody in the document signs or encrypts with.
    certificates: BTreeSet<Fingerprint>,
    /// The first of the ends that the document names, to whole seconds.
    valid_until: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Provider {
    /// Use and base64 text without white space.
    certificates: BTreeSet<(String, String)>,
    /// Element, binding and location.
    addresses: BTreeSet<(String, String, String)>,
    /// How people may be named, and whether requests must be signed.
    terms: BTreeSet<String>,
}

impl Metadata {
    /// Reads a document.
    ///
    /// Fails with why it is no metadata of an identity provider that AWS could use, in words that follow "the document".
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let options = ParsingOptions {
            nodes_limit: MOST_NODES,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(text, options)
            .map_err(|error| format!("is no XML: {error}"))?;
        let mut providers: BTreeMap<String, Provider> = BTreeMap::new();
        let elements = || document.descendants().filter(Node::is_element);
        let entities = elements().filter(|node| node.has_tag_name((METADATA, "EntityDescriptor")));
        for entity in entities {
            let roles = entity
                .children()
                .filter(|node| node.has_tag_name((METADATA, "IDPSSODescriptor")));
            for role in roles {
                let id = entity.attribute("entityID").unwrap_or_default();
                providers.entry(id.to_owned()).or_default().take(role);
            }
        }
        if providers.is_empty() {
            return Err("has no EntityDescriptor with an IDPSSODescriptor: it is no metadata of a SAML 2.0 identity \
                 provider"
                .to_owned());
        }
        for provider in providers.values() {
            provider.check()?;
        }
        let keys = elements().filter(|node| node.has_tag_name((METADATA, "KeyDescriptor")));
        let certificates = keys.map(certificates_of).collect::<Result<Vec<_>, _>>()?;
        let valid_until = elements()
            .filter(|node| node.tag_name().namespace() == Some(METADATA))
            .filter_map(|node| node.attribute("validUntil"))
            .map(|time| time.chars().take(WHOLE_SECONDS).collect())
            .min();
        Ok(Self {
            providers,
            certificates: certificates.into_iter().flatten().collect(),
            valid_until,
        })
    }

    /// Refuses a document of another identity provider than the one that is pinned, or with another certificate.
    pub(crate) fn check(&self, pins: &SamlPins) -> Result<(), Failure> {
        let entity_ids = self.providers.keys().map(String::as_str);
        pins.check(entity_ids, &self.certificates)
    }

    /// In what a stored document differs from this one; empty where AWS knows everything of it already.
    ///
    /// A stored document that ends before `renewal` (RFC 3339, UTC) differs, too, if this one ends later.
    pub(crate) fn differences_of(&self, stored: &str, renewal: &str) -> Vec<&'static str> {
        let Ok(stored) = Self::read(stored) else {
            return vec!["what is stored cannot be read"];
        };
        let ids = |metadata: &Self| metadata.providers.keys().cloned().collect::<Vec<_>>();
        if ids(self) != ids(&stored) {
            return vec!["another entity id"];
        }
        let pairs = || self.providers.values().zip(stored.providers.values());
        let mut differences = Vec::new();
        if pairs().any(|(one, other)| one.certificates != other.certificates) {
            differences.push("other certificates");
        }
        if pairs().any(|(one, other)| one.addresses != other.addresses) {
            differences.push("other addresses");
        }
        if pairs().any(|(one, other)| one.terms != other.terms) {
            differences.push("other name formats or signature rules");
        }
        if self.outlives(&stored, renewal) {
            differences.push("what is stored ends soon");
        }
        differences
    }

    /// When the document has ended, if it has by that time (RFC 3339, UTC).
    pub(crate) fn ended(&self, now: &str) -> Option<&str> {
        let end = self.valid_until.as_deref()?;
        (end < now.get(..WHOLE_SECONDS).unwrap_or(now)).then_some(end)
    }

    fn outlives(&self, stored: &Self, renewal: &str) -> bool {
        stored.valid_until.as_ref().is_some_and(|end| {
            let renewal = renewal.get(..WHOLE_SECONDS).unwrap_or(renewal);
            end.as_str() < renewal && self.valid_until.as_ref().is_none_or(|ours| ours > end)
        })
    }
}

impl Provider {
    /// Adds what one role descriptor says.
    fn take(&mut self, role: Node<'_, '_>) {
        let signed = role.attribute("WantAuthnRequestsSigned");
        if signed.is_some_and(|signed| ["true", "1"].contains(&signed.trim())) {
            self.terms.insert("signed requests".to_owned());
        }
        for child in role.children().filter(Node::is_element) {
            if child.tag_name().namespace() != Some(METADATA) {
                continue;
            }
            match child.tag_name().name() {
                "KeyDescriptor" => self.take_certificates(child),
                "NameIDFormat" => {
                    self.terms.insert(without_white_space(child));
                }
                name @ ("SingleSignOnService" | "SingleLogoutService") => {
                    let attribute = |name| child.attribute(name).unwrap_or_default().to_owned();
                    self.addresses.insert((
                        name.to_owned(),
                        attribute("Binding"),
                        attribute("Location"),
                    ));
                }
                _ => {}
            }
        }
    }

    fn take_certificates(&mut self, key: Node<'_, '_>) {
        let usage = key.attribute("use").unwrap_or_default();
        for node in key.descendants() {
            if node.has_tag_name((SIGNATURE, "X509Certificate")) {
                let certificate = without_white_space(node);
                self.certificates.insert((usage.to_owned(), certificate));
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        let signs = |(usage, certificate): &(String, String)| {
            usage != "encryption" && !certificate.is_empty()
        };
        if !self.certificates.iter().any(signs) {
            return Err("has no X.509 certificate of the identity provider".to_owned());
        }
        let is_sign_on = |(element, _, _): &(String, _, _)| element == "SingleSignOnService";
        if !self.addresses.iter().any(is_sign_on) {
            return Err("has no SingleSignOnService of the identity provider".to_owned());
        }
        Ok(())
    }
}

/// A key without a certificate could not be pinned.
fn certificates_of(key: Node<'_, '_>) -> Result<Vec<Fingerprint>, String> {
    let is_signature = |node: &Node<'_, '_>, name| node.has_tag_name((SIGNATURE, name));
    let bare =
        |node: Node<'_, '_>| is_signature(&node, "KeyValue") || is_signature(&node, "X509SKI");
    if key.descendants().any(bare) {
        return Err("has a key without its X.509 certificate".to_owned());
    }
    key.descendants()
        .filter(|node| is_signature(node, "X509Certificate"))
        .map(|node| {
            let certificate = Fingerprint::of_certificate(&without_white_space(node));
            certificate.ok_or_else(|| "has an X.509 certificate that is no base64".to_owned())
        })
        .collect()
}

fn without_white_space(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text);
    texts
        .filter_map(|node| node.text())
        .flat_map(str::split_whitespace)
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use avm_core::testing::PINNED_CERTIFICATES;

    use super::*;

    pub(crate) const CERTIFICATE: &str = PINNED_CERTIFICATES[0];

    /// A document as Keycloak writes it, with what changes at every download.
    pub(crate) fn keycloak(certificate: &str, id: &str, attributes: &str) -> String {
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.com/realms/meshfed" ID="{id}" {attributes}>
  <ds:Signature><ds:SignatureValue>{id}</ds:SignatureValue></ds:Signature>
  <!-- {padding} -->
  <md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:KeyName>{id}</ds:KeyName>
      <ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/saml"/>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/saml"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"#,
            padding = "x".repeat(1_000)
        )
    }

    #[test]
    fn a_document_of_very_many_elements_is_not_read_to_its_end() {
        let many = "<a/>".repeat(2 * MOST_NODES as usize);
        let text = keycloak(CERTIFICATE, "id", "").replace(
            "</md:EntityDescriptor>",
            &format!("{many}</md:EntityDescriptor>"),
        );
        let words = Metadata::read(&text).unwrap_err();
        assert!(words.contains("nodes limit"), "{words}");
    }

    const RENEWAL: &str = "2026-12-01T00:00:00Z";

    fn differences(stored: &str, fetched: &str) -> Vec<&'static str> {
        let fetched = Metadata::read(fetched).unwrap();
        fetched.differences_of(stored, RENEWAL)
    }

    #[test]
    fn another_download_of_the_same_document_does_not_differ() {
        let stored = keycloak(CERTIFICATE, "ID_1", "");
        let fetched = keycloak(
            "\n    MIICmzCC\n    AYMCBgF\n",
            "ID_2",
            r#"cacheDuration="PT1H""#,
        )
        .replace("md:", "")
        .replace("xmlns:md=", "xmlns:other=");
        assert!(differences(&stored, &fetched).is_empty());
    }

    #[test]
    fn what_aws_takes_from_a_document_differs_by_name() {
        let stored = keycloak(CERTIFICATE, "ID_1", "");
        for (from, to, difference) in [
            (CERTIFICATE, "MIIother", "other certificates"),
            ("realms/meshfed", "realms/other", "another entity id"),
            ("/saml\"", "/saml2\"", "other addresses"),
            (
                "persistent",
                "transient",
                "other name formats or signature rules",
            ),
            (
                r#"Signed="true""#,
                r#"Signed="false""#,
                "other name formats or signature rules",
            ),
        ] {
            let fetched = stored.replace(from, to);
            assert_eq!(differences(&stored, &fetched), [difference]);
        }
        assert_eq!(
            differences("<a/>", &stored),
            ["what is stored cannot be read"]
        );
    }

    #[test]
    fn a_second_certificate_makes_a_difference() {
        let stored = keycloak(CERTIFICATE, "ID_1", "");
        let second = "</ds:X509Certificate><ds:X509Certificate>MIIseconds</ds:X509Certificate>";
        let fetched = stored.replacen("</ds:X509Certificate>", second, 1);
        assert_eq!(differences(&stored, &fetched), ["other certificates"]);
    }

    #[test]
    fn a_document_that_ends_soon_is_renewed_by_one_that_ends_later() {
        let until = |time: &str| keycloak(CERTIFICATE, "ID_1", &format!(r#"validUntil="{time}""#));
        let soon = until("2026-11-30T23:59:59.500Z");
        for (stored, fetched, renewed) in [
            (&soon, until("2027-01-01T00:00:00Z"), true),
            (&soon, keycloak(CERTIFICATE, "ID_1", ""), true),
            (&soon, soon.clone(), false),
            (
                &until("2026-12-02T00:00:00Z"),
                until("2027-01-01T00:00:00Z"),
                false,
            ),
            (&keycloak(CERTIFICATE, "ID_1", ""), soon.clone(), false),
        ] {
            let expected: &[&str] = if renewed {
                &["what is stored ends soon"]
            } else {
                &[]
            };
            assert_eq!(differences(stored, &fetched), expected);
        }
    }

    #[test]
    fn what_is_no_metadata_of_an_identity_provider_is_refused_with_the_reason() {
        let whole = keycloak(CERTIFICATE, "ID_1", "");
        for (text, reason) in [
            ("<html>".to_owned(), "is no XML"),
            ("<html/>".to_owned(), "has no EntityDescriptor"),
            (whole.replace("IDPSSO", "SPSSO"), "has no EntityDescriptor"),
            (whole.replace(CERTIFICATE, " "), "has no X.509 certificate"),
            (
                whole.replace("\"signing\"", "\"encryption\""),
                "has no X.509 certificate",
            ),
            (
                whole.replace("SingleSignOnService", "ManageNameIDService"),
                "has no SingleSignOnService",
            ),
            (
                format!(
                    "<!DOCTYPE a [<!ENTITY b \"c\">]>{}",
                    whole.split_once("?>").unwrap().1
                ),
                "is no XML",
            ),
        ] {
            let refusal = Metadata::read(&text).unwrap_err();
            assert!(refusal.starts_with(reason), "{refusal}");
        }
    }

    #[test]
    fn a_key_that_cannot_be_pinned_is_refused_wherever_it_stands() {
        let whole = keycloak(CERTIFICATE, "ID_1", "");
        let key = |content: &str| {
            let role = format!(
                "<md:SPSSODescriptor><md:KeyDescriptor><ds:KeyInfo>{content}</ds:KeyInfo></md:KeyDescriptor></md:SPSSODescriptor>"
            );
            Metadata::read(&whole.replace(
                "</md:EntityDescriptor>",
                &format!("{role}</md:EntityDescriptor>"),
            ))
        };
        let refusal = key("<ds:KeyValue/>").unwrap_err();
        assert!(refusal.starts_with("has a key without"), "{refusal}");
        let refusal = key("<ds:X509Certificate>MII-</ds:X509Certificate>").unwrap_err();
        assert!(refusal.contains("is no base64"), "{refusal}");
        let other = key("<ds:X509Certificate>MIIthird</ds:X509Certificate>").unwrap();
        assert_eq!(other.certificates.len(), 2);
    }

    #[test]
    fn a_document_of_several_entities_is_read_as_a_whole() {
        let entity = keycloak(CERTIFICATE, "ID_1", "");
        let (_, entity) = entity.split_once("?>").unwrap();
        let of = |entity: &str| {
            format!(
                r#"<EntitiesDescriptor xmlns="{METADATA}" Name="urn:keycloak">{entity}</EntitiesDescriptor>"#
            )
        };
        assert!(differences(entity, &of(entity)).is_empty());
        let two = format!("{entity}{}", entity.replace("realms/meshfed", "realms/b"));
        assert_eq!(differences(&of(entity), &of(&two)), ["another entity id"]);
    }
}
