//! Patterns as they are read and filled, and where each of their arguments ends.
//! What is refused names its position.

use super::*;

fn format(pattern: &str) -> Result<String, PatternError> {
    Pattern::try_from(pattern.to_owned())?.format(PatternArguments {
        workspace: "space",
        project: "shop",
        project_id: Some("42"),
        role: None,
    })
}

#[test]
fn the_forms_that_meshstack_uses_are_filled() {
    for (pattern, filled) in [
        ("aws+%s@example.com", "aws+space.shop@example.com"),
        ("%s-%s", "space-shop"),
        ("%2$s.%1$s", "shop.space"),
        ("p%3$d", "p42"),
        ("%s.%s.%3$s", "space.shop.42"),
        ("100%%-%s-%s", "100%-space-shop"),
        ("%1$s", "space"),
        ("%2$s-%5$s", "shop-3f41e7b752d96cc0"),
        ("fixed", "fixed"),
        (
            "aws+#{workspaceIdentifier}.#{projectIdentifier}@example.com",
            "aws+space.shop@example.com",
        ),
        ("#{customerIdentifier}", "space"),
        ("p#{meshProjectId}-%5$s", "p42-3f41e7b752d96cc0"),
        ("#1 {of} 100%%", "#1 {of} 100%"),
    ] {
        assert_eq!(format(pattern).as_deref(), Ok(filled), "{pattern}");
    }
}

#[test]
fn anything_else_is_refused_with_its_position() {
    for (pattern, position) in [
        ("a%d", 2),
        ("%", 1),
        ("ab%", 3),
        ("%5s", 1),
        ("%-3s", 1),
        ("ü%x", 2),
        ("%0$s", 1),
        ("%1$", 1),
    ] {
        assert_eq!(
            format(pattern),
            Err(PatternError::Unsupported { position }),
            "{pattern}"
        );
    }
    assert_eq!(
        format("%9$s"),
        Err(PatternError::NoSuchArgument {
            number: 9,
            position: 1
        })
    );
    assert_eq!(
        format("%3$s%s%s%s%s%s%s"),
        Err(PatternError::NoSuchArgument {
            number: 6,
            position: 15
        })
    );
}

#[test]
fn a_placeholder_that_no_request_fills_is_refused_with_those_that_there_are() {
    for (pattern, position) in [
        ("#{rand}", 1),
        ("ü-#{tenantPlatformNumber:%03d}", 3),
        ("#{projectIdentifier:%.7s}", 1),
        ("#{tagCostCenter}", 1),
        ("#{ProjectIdentifier}", 1),
        ("#{projectIdentifier", 1),
        ("#{}", 1),
        ("#{projectIdentifier}#{#{projectIdentifier}}", 21),
    ] {
        assert_eq!(
            format(pattern),
            Err(PatternError::UnknownPlaceholder { position }),
            "{pattern}"
        );
    }
    assert_eq!(
        PatternError::UnknownPlaceholder { position: 1 }.to_string(),
        "pattern: the placeholder at character 1 is not one of #{workspaceIdentifier}, #{projectIdentifier}, \
         #{meshProjectId}, #{platformGroupAlias}, #{customerIdentifier}, each without a format"
    );
}

#[test]
fn an_argument_ends_where_what_follows_it_stands_first() {
    let separators = |pattern: &str, of_roles| {
        let pattern = Pattern::try_from(pattern.to_owned()).unwrap();
        let separators = pattern.separators(of_roles)?;
        let separators = separators.iter().map(|one| (one.argument, one.character));
        Ok(separators.collect::<Vec<_>>())
    };
    for (pattern, of_roles, expected) in [
        ("aws+%s@example.com", false, Ok(vec![(1, '.')])),
        ("acme-%s-%s", false, Ok(vec![(1, '-')])),
        ("%s.%s.%4$s", true, Ok(vec![(1, '.'), (2, '.')])),
        ("%4$s of %1$s/%2$s", true, Ok(vec![(4, ' '), (1, '/')])),
        (
            "#{workspaceIdentifier}.#{projectIdentifier}.#{platformGroupAlias}",
            true,
            Ok(vec![(1, '.'), (2, '.')]),
        ),
        ("%3$d-%s%s", false, Ok(vec![(3, '-')])),
        ("%5$s-%s-%s", false, Ok(vec![(5, '-')])),
        ("%2$s-%5$s", false, Ok(vec![(2, '-')])),
        ("%s%s", false, Err(Inseparable(1))),
        ("%sx%s", false, Err(Inseparable(1))),
        ("%s.%sä%4$s", true, Err(Inseparable(2))),
        ("%s-%s%3$d", false, Err(Inseparable(2))),
    ] {
        assert_eq!(separators(pattern, of_roles), expected, "{pattern}");
    }
}

#[test]
fn an_argument_that_is_missing_or_no_number_is_named() {
    assert_eq!(
        format("%4$s"),
        Err(PatternError::MissingArgument { number: 4 })
    );
    assert_eq!(format("%1$d"), Err(PatternError::NotANumber { number: 1 }));
}
