//! Whose an account is, as its tags tell: the workspace and project that it was made or vended for.
//! The completion tags go when a vend fails; the owner's, written at the creation, stay.

use std::collections::BTreeMap;

use shared::domain::{COMPLETION_KEYS, OWNER_KEYS, clean_tag_value};
use shared::order::VendRequest;

/// The tags that name the owner, written with those of the request when the account is created.
pub(crate) fn owner_tags(wanted: &VendRequest) -> BTreeMap<String, String> {
    let values = identifiers(wanted);
    OWNER_KEYS
        .map(str::to_owned)
        .into_iter()
        .zip(values)
        .collect()
}

/// The tags that name another workspace or project than the order's, `key (value)`; none on an account that may be
/// adopted, which is one without such tags, too: meshStack makes accounts without any.
pub(crate) fn tags_of_another_owner(
    wanted: &VendRequest,
    tags: &BTreeMap<String, String>,
) -> Option<String> {
    let values = identifiers(wanted);
    let others: Vec<String> = [COMPLETION_KEYS, OWNER_KEYS]
        .into_iter()
        .flat_map(|keys| keys.into_iter().zip(&values))
        .filter_map(|(key, ours)| {
            let present = tags.get(key)?;
            (clean_tag_value(present) != *ours).then(|| format!("{key} ({present})"))
        })
        .collect();
    (!others.is_empty()).then(|| others.join(", "))
}

/// Workspace and project of the order, as a tag holds them.
fn identifiers(wanted: &VendRequest) -> [String; 2] {
    [wanted.product_name.as_str(), wanted.stage.as_str()].map(clean_tag_value)
}

#[cfg(test)]
mod tests {
    use shared::testing::order;

    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn an_account_without_tags_or_with_our_own_belongs_to_nobody_else() {
        let wanted = order().request;
        for pairs in [
            &[][..],
            &[("Environment", "dev"), ("avm:failed-step", "PlaceAccount")],
            &[("ProductName", "space"), ("Stage", "shop")],
            &[("avm:workspace", "space")],
        ] {
            assert_eq!(tags_of_another_owner(&wanted, &tags(pairs)), None);
        }
        assert_eq!(tags_of_another_owner(&wanted, &owner_tags(&wanted)), None);
    }

    #[test]
    fn every_tag_that_differs_is_named() {
        let wanted = order().request;
        for (pairs, words) in [
            (
                &[("ProductName", "moon"), ("Stage", "shop")][..],
                "ProductName (moon)",
            ),
            (&[("Stage", "bank")], "Stage (bank)"),
            (&[("avm:workspace", "moon")], "avm:workspace (moon)"),
            (
                &[
                    ("Stage", "bank"),
                    ("avm:workspace", "space"),
                    ("avm:project", "bank"),
                ],
                "Stage (bank), avm:project (bank)",
            ),
            (&[("ProductName", "Space")], "ProductName (Space)"),
            (&[("ProductName", "")], "ProductName ()"),
        ] {
            let others = tags_of_another_owner(&wanted, &tags(pairs));
            assert_eq!(others.as_deref(), Some(words));
        }
    }

    #[test]
    fn identifiers_are_written_and_compared_as_they_are() {
        let mut wanted = order().request;
        wanted.product_name = "Wörk/space @1".parse().unwrap();
        let written = owner_tags(&wanted);
        assert_eq!(written["avm:workspace"], "Wörk/space @1");
        assert_eq!(tags_of_another_owner(&wanted, &written), None);
    }
}
