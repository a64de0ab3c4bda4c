//! Whose SAML metadata are taken: one entity id and the fingerprints of its certificates, parameters of the template.
//! Whoever holds the server of the metadata, its name or its TLS must not be able to let people into accounts.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::domain::{Fingerprint, PLATFORM_PARAMETER};
use crate::error::{ErrorName, Failure};

/// Longer entity ids are cut off in words (SAML 2.0 metadata: 1,024 characters).
const MOST_SHOWN: usize = 200;

/// What metadata must say; nothing fits where nothing is pinned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamlPins {
    pub entity_id: String,
    pub certificates: Fingerprints,
}

/// Fingerprints of certificates; two of them while one replaces the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprints(BTreeSet<Fingerprint>);

impl FromStr for Fingerprints {
    type Err = <Fingerprint as FromStr>::Err;

    /// Fingerprints with commas between; an empty text is none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let items = text.split(',').filter(|item| !item.is_empty());
        items.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl SamlPins {
    /// Refuses metadata of these entity ids with these certificates.
    ///
    /// # Errors
    /// `MetadataNotPinned`, with what is not pinned: it is no secret, and an operator has to compare it.
    pub fn check<'a>(
        &self,
        entity_ids: impl IntoIterator<Item = &'a str>,
        certificates: impl IntoIterator<Item = &'a Fingerprint>,
    ) -> Result<(), Failure> {
        let others = entity_ids.into_iter().filter(|id| *id != self.entity_id);
        let mut words: Vec<String> = others
            .map(|id| {
                let id: String = id.chars().take(MOST_SHOWN).collect();
                format!("the entity id {id:?} is not SamlEntityId of template.yaml")
            })
            .collect();
        let pinned = &self.certificates.0;
        let others = certificates
            .into_iter()
            .filter(|found| !pinned.contains(found));
        words.extend(others.map(|found| {
            format!(
                "the certificate {found} is not among SamlCertificateFingerprints of template.yaml"
            )
        }));
        if words.is_empty() {
            return Ok(());
        }
        let words = format!(
            "{PLATFORM_PARAMETER}, field identityProvider.metadataUrl: in the document {}",
            words.join("; ")
        );
        Err(Failure::new(ErrorName::MetadataNotPinned, words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(certificate: &str) -> Fingerprint {
        Fingerprint::of_certificate(certificate).unwrap()
    }

    fn check(pinned: &[&str], entity_id: &str, found: &[&str]) -> Result<(), Failure> {
        let pinned: Vec<String> = pinned
            .iter()
            .map(|certificate| fingerprint(certificate).to_string())
            .collect();
        let pins = SamlPins {
            entity_id: "https://idp.example.com/a".to_owned(),
            certificates: pinned.join(",").parse().unwrap(),
        };
        let found: Vec<Fingerprint> = found.iter().map(|text| fingerprint(text)).collect();
        pins.check([entity_id], &found)
    }

    #[test]
    fn every_certificate_and_the_entity_must_be_pinned() {
        let ours = "https://idp.example.com/a";
        assert_eq!(check(&["Zm9v"], ours, &["Zm9v"]), Ok(()));
        assert_eq!(check(&["Zm9v", "YmFy"], ours, &["YmFy"]), Ok(()));
        for (pinned, entity, found, words) in [
            (
                &["Zm9v"][..],
                "https://idp.example.com/A",
                "Zm9v",
                "the entity id \"https://idp.example.com/A\" is not",
            ),
            (
                &["Zm9v"],
                ours,
                "YmFy",
                "the certificate fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9 is not",
            ),
            (&[], ours, "Zm9v", "the certificate"),
        ] {
            let failure = check(pinned, entity, &[found]).unwrap_err();
            assert_eq!(failure.name(), ErrorName::MetadataNotPinned);
            assert!(failure.cause().contains(words), "{failure}");
        }
        assert!(check(&["Zm9v"], ours, &["Zm9v", "YmFy"]).is_err());
        assert!(
            SamlPins::default()
                .check(["https://idp.example.com/a"], [])
                .is_err()
        );
    }
}
