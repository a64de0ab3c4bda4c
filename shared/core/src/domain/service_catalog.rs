//! The ids of Service Catalog: what is offered, what was provisioned of it, and the records of the operations.
//! Service Catalog gives them a prefix (`pa-`, `lpv2-`, `pp-`, `rec-`) and promises only their characters and length.

use super::text::text_type;

text_type!(
    /// The id of a version of a product, its provisioning artifact.
    ArtifactId,
    "provisioning artifact id",
    "1 to 100 letters, digits, '_' or '-'",
    "^[A-Za-z0-9_-]{1,100}$",
    is_id
);

text_type!(
    /// The id of a launch path: the way through a portfolio on which a role is offered a product.
    LaunchPathId,
    "launch path id",
    "1 to 100 letters, digits, '_' or '-'",
    "^[A-Za-z0-9_-]{1,100}$",
    is_id
);

text_type!(
    /// The id of a provisioned product.
    ProvisionedProductId,
    "provisioned product id",
    "1 to 100 letters, digits, '_' or '-'",
    "^[A-Za-z0-9_-]{1,100}$",
    is_id
);

text_type!(
    /// The id of the record of an operation.
    RecordId,
    "record id",
    "1 to 100 letters, digits, '_' or '-'",
    "^[A-Za-z0-9_-]{1,100}$",
    is_id
);

fn is_id(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_right_form_are_taken_and_others_refused() {
        assert!("pp-abc_1".parse::<ProvisionedProductId>().is_ok());
        for text in ["", "rec 1", "rec/1", &"r".repeat(101)] {
            assert!(text.parse::<RecordId>().is_err(), "{text}");
        }
    }
}
