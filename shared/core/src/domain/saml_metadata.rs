//! The metadata document of a SAML identity provider, of the length that IAM takes.
//! Only the step that compares documents reads its content; nothing prints it.

use std::fmt;

/// IAM: characters of a metadata document.
const LENGTHS: std::ops::RangeInclusive<usize> = 1_000..=10_000_000;

/// A metadata document as text (IAM: 1,000 to 10,000,000 characters).
#[derive(Clone, PartialEq, Eq)]
pub struct SamlMetadata(String);

impl SamlMetadata {
    /// The most bytes of a document that can be taken.
    pub const MOST_BYTES: usize = 10_000_000;

    /// The document as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SamlMetadata {
    type Error = String;

    /// Refuses a document that IAM would refuse for its length, with its length.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.chars().count() {
            length if LENGTHS.contains(&length) => Ok(Self(text)),
            length => Err(format!(
                "has {length} characters, and IAM takes 1,000 to 10,000,000"
            )),
        }
    }
}

impl fmt::Debug for SamlMetadata {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<SAML metadata of {} bytes>", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_the_length_that_iam_takes_and_is_not_printed() {
        let metadata = SamlMetadata::try_from("ä".repeat(1_000)).unwrap();
        assert_eq!(format!("{metadata:?}"), "<SAML metadata of 2000 bytes>");
        let refusal = SamlMetadata::try_from("x".repeat(999)).unwrap_err();
        assert_eq!(
            refusal,
            "has 999 characters, and IAM takes 1,000 to 10,000,000"
        );
        assert!(SamlMetadata::try_from("x".repeat(10_000_001)).is_err());
    }
}
