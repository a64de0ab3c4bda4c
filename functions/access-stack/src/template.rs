//! The template of the access stack: the one that ships with the project, or one at an address.
//! What a stack was made of is written down on it, short enough and in the alphabet of a tag's value.

use std::collections::BTreeSet;

use avm_core::config::AccessStackTemplate;
use avm_core::domain::{clean_tag_value, sha256};
use avm_core::error::Failure;
use avm_core::ports::stacks::{Stacks, Template};

const SHIPPED: &str = include_str!("../../../templates/access-stack.yaml");

/// What the machine writes down for a template: its address, or a digest where an address is no tag value.
pub(crate) fn mark(template: &AccessStackTemplate) -> String {
    match template {
        AccessStackTemplate::Shipped => format!("sha256:{}", sha256(&essence(SHIPPED))),
        AccessStackTemplate::Url(url) if clean_tag_value(url) == *url => url.clone(),
        AccessStackTemplate::Url(url) => format!("sha256-of-address:{}", sha256(url)),
    }
}

/// The lines of a template that say something: another comment or blank line is no reason to update a stack, and a
/// downgraded role could not update it.
///
/// A line of a block scalar that begins with `#` would be taken for a comment; the shipped template has none.
fn essence(template: &str) -> String {
    let lines = template.lines().map(str::trim_end);
    let telling: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.trim_start().starts_with('#'))
        .collect();
    telling.join("\n")
}

/// The template with the keys of the parameters that it declares.
pub(crate) async fn read(
    template: &AccessStackTemplate,
    stacks: &impl Stacks,
) -> Result<(Template, BTreeSet<String>), Failure> {
    Ok(match template {
        AccessStackTemplate::Shipped => (Template::Body(SHIPPED), declared_by(SHIPPED)),
        AccessStackTemplate::Url(url) => {
            (Template::Url(url.clone()), stacks.declared_by(url).await?)
        }
    })
}

/// The keys below `Parameters:` of a template in block style, as the shipped one is.
fn declared_by(template: &str) -> BTreeSet<String> {
    template
        .lines()
        .skip_while(|line| *line != "Parameters:")
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with(' '))
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|key| key.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_template_declares_what_the_machine_has() {
        let declared: Vec<String> = declared_by(SHIPPED).into_iter().collect();
        assert_eq!(declared, ["AutomationAccountId", "PermissionsBoundaryName"]);
    }

    #[test]
    fn comments_blank_lines_and_trailing_blanks_do_not_count() {
        let template = "# One\nA: 1  \r\n\n  # Two\n  B: \"#2\"\n";
        assert_eq!(essence(template), "A: 1\n  B: \"#2\"");
        assert_eq!(essence(&essence(template)), essence(template));
        for other in ["A: 2\n  B: \"#2\"", "A: 1\nB: \"#2\"", "A: 1"] {
            assert_ne!(essence(template), essence(other));
        }
    }

    #[test]
    fn the_shipped_template_is_short_enough_to_be_sent() {
        assert!(SHIPPED.len() <= 51_200);
    }

    #[test]
    fn only_the_keys_of_the_section_are_parameters() {
        let template = "A: 1\nParameters:\n  One:\n    Type: String\n\n  # A note:\n  Two:\n    Type: String\n\nResources:\n  Three:\n";
        assert_eq!(
            declared_by(template),
            ["One", "Two"].map(str::to_owned).into()
        );
        assert_eq!(declared_by("Resources:\n  Three:\n"), BTreeSet::new());
    }

    #[test]
    fn a_mark_fits_into_a_tag() {
        let url = |text: &str| AccessStackTemplate::Url(text.to_owned());
        let plain = "https://bucket.s3.eu-central-1.amazonaws.com/access.yaml";
        assert_eq!(mark(&url(plain)), plain);
        for template in [
            AccessStackTemplate::Shipped,
            url("https://bucket.s3.amazonaws.com/a.yaml?versionId=1&x=%20"),
            url(&format!("https://{}", "x".repeat(300))),
        ] {
            let mark = mark(&template);
            assert!(mark.starts_with("sha256") && mark.len() <= 256, "{mark}");
            assert_eq!(clean_tag_value(&mark), mark);
        }
    }
}
