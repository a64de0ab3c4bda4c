//! Every problem of every document, and of how the documents fit together.
//! A line reads `file: field …: what is expected`.

use std::fmt;

use avm_core::config::{LandingZone, Platform, Problem, check_document};
use avm_core::domain::LandingZoneName;
use avm_core::rules::ways_out::WaysOut;
use avm_core::rules::zone_change;

use crate::folder::{File, Kind};

/// SSM: the longest value of an advanced parameter, in bytes; `config deploy` makes one of what a standard one cannot hold.
const LONGEST_PARAMETER: usize = 8192;

/// A problem, and the file that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub file: String,
    pub problem: Problem,
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.file, self.problem)
    }
}

/// Every problem of every document, and of how they fit together; with `ways_out` also what leads elsewhere
/// than the template's parameters say.
pub fn problems(documents: &[File], ways_out: Option<&WaysOut>) -> Vec<Found> {
    let platform = documents
        .iter()
        .filter(|document| document.kind == Kind::Platform)
        .find_map(|document| check_document::<Platform>(&document.text).ok());
    documents
        .iter()
        .flat_map(|document| {
            let mut found = problems_of(document, platform.as_ref(), documents);
            found.extend(ways_out.and_then(|ways_out| leads_elsewhere(document, ways_out)));
            let file = document.path.display().to_string();
            found.into_iter().map(move |problem| Found {
                file: file.clone(),
                problem,
            })
        })
        .collect()
}

/// `platform` is the valid platform document, if there is one: landing zones can only be compared with that.
fn problems_of(document: &File, platform: Option<&Platform>, all: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if document.text.len() > LONGEST_PARAMETER {
        problems.push(Problem::new("", too_long(&document.text)));
    }
    match &document.kind {
        Kind::Platform => match check_document::<Platform>(&document.text) {
            Ok(platform) => {
                problems.extend(platform.default_problem(|name| exists(name, all)));
                let mut zones = zones(all);
                problems
                    .extend(platform.tag_problem(zones.any(|(_, zone)| zone.selectable_by_tag)));
            }
            Err(found) => problems.extend(found),
        },
        Kind::LandingZone(name) => {
            if let Err(reason) = name {
                let expected = format!("the file's name is the landing zone's: {reason}");
                problems.push(Problem::new("", expected));
            }
            match check_document::<LandingZone>(&document.text) {
                Ok(zone) => {
                    problems.extend(platform.iter().flat_map(|on| zone.problems_on(on)));
                    problems.extend(rules_that_allow_nothing(&zone, all));
                }
                Err(found) => problems.extend(found),
            }
        }
    }
    problems
}

/// What does not fit, and the way out: white space first, then another document.
fn too_long(text: &str) -> String {
    let compact = avm_core::json::read(text).map_or(text.len(), |value| value.to_string().len());
    let way_out = if compact <= LONGEST_PARAMETER {
        format!("without white space it would have {compact}")
    } else {
        format!(
            "without white space it would still have {compact}: make several landing zones of it, with a part of the role \
             mappings each"
        )
    };
    format!(
        "must have at most {LONGEST_PARAMETER} bytes, the length of an advanced SSM parameter; it has {}; {way_out}",
        text.len()
    )
}

fn leads_elsewhere(document: &File, ways_out: &WaysOut) -> Option<Problem> {
    match &document.kind {
        Kind::Platform => ways_out.problem_of_platform(&check_document(&document.text).ok()?),
        Kind::LandingZone(_) => {
            ways_out.problem_of_landing_zone(&check_document(&document.text).ok()?)
        }
    }
}

/// The entries of `mayBecome` that would let no account go: an operator who wrote one meant to allow something.
fn rules_that_allow_nothing(zone: &LandingZone, all: &[File]) -> Vec<Problem> {
    let names = zone.may_become.keys();
    let problems = names.flat_map(|name| {
        let field = format!("mayBecome.{name}");
        if !exists(name, all) {
            let expected =
                format!("must name a landing zone: there is no landing-zones/{name}.json");
            return vec![Problem::new(field, expected)];
        }
        let target = zones(all).find(|(found, _)| *found == name);
        let lacking = target.map_or_else(Vec::new, |(_, new)| zone_change::lacks(zone, name, &new));
        let problem = |words| Problem::new(field.clone(), format!("allows nothing: {words}"));
        lacking.into_iter().map(problem).collect()
    });
    problems.collect()
}

/// The landing zones that can be read.
fn zones(all: &[File]) -> impl Iterator<Item = (&LandingZoneName, LandingZone)> {
    all.iter().filter_map(|file| match &file.kind {
        Kind::LandingZone(Ok(name)) => Some((name, check_document(&file.text).ok()?)),
        Kind::LandingZone(Err(_)) | Kind::Platform => None,
    })
}

fn exists(name: &LandingZoneName, all: &[File]) -> bool {
    all.iter()
        .any(|file| matches!(&file.kind, Kind::LandingZone(Ok(found)) if found == name))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use avm_core::config::Document;

    use super::*;

    fn problems(documents: &[File], ways_out: Option<&WaysOut>) -> Vec<String> {
        let found = super::problems(documents, ways_out);
        found.iter().map(ToString::to_string).collect()
    }

    fn zone(name: &str, text: &str) -> File {
        File {
            path: PathBuf::from(format!("configuration/landing-zones/{name}.json")),
            kind: Kind::LandingZone(
                name.parse()
                    .map_err(|error: avm_core::domain::InvalidText| error.to_string()),
            ),
            text: text.to_owned(),
        }
    }

    fn platform(default: &str) -> File {
        let mut document = Platform::sample();
        document["defaultLandingZone"] = default.into();
        File {
            path: PathBuf::from("configuration/platform.json"),
            kind: Kind::Platform,
            text: document.to_string(),
        }
    }

    #[test]
    fn documents_that_fit_together_have_no_problems() {
        let sample = LandingZone::sample().to_string();
        let documents = [platform("sandbox"), zone("sandbox", &sample)];
        assert_eq!(problems(&documents, None), [""; 0]);
    }

    #[test]
    fn every_problem_is_a_line_with_file_field_and_expectation() {
        let documents = [
            platform("nowhere"),
            zone("a b", &LandingZone::sample().to_string()),
            zone("bad", r#"{"downgrade": "x", "stackSets": {}}"#),
            zone("empty", ""),
        ];
        insta::assert_snapshot!(problems(&documents, None).join("\n"), @r"
        configuration/platform.json: field defaultLandingZone: must name a landing zone: there is no landing-zones/nowhere.json
        configuration/landing-zones/a b.json: the document: the file's name is the landing zone's: landing zone name must be 1 to 64 letters, digits, '.', '_' or '-'
        configuration/landing-zones/bad.json: field organizationalUnit: is missing
        configuration/landing-zones/bad.json: field downgrade: unknown variant `x`, expected one of `none`, `strict`, `standard`, `self-upgradable`
        configuration/landing-zones/bad.json: field stackSets: invalid type: map, expected a sequence
        configuration/landing-zones/empty.json: the document: is not JSON: EOF while parsing a value at line 1 column 0
        ");
    }

    #[test]
    fn a_landing_zone_must_fit_to_the_platform() {
        let zone_text = r#"{"organizationalUnit": "a", "downgrade": "none", "accountAlias": true, "enrollment": "auto"}"#;
        let documents = [platform("sandbox"), zone("sandbox", zone_text)];
        insta::assert_snapshot!(problems(&documents, None).join("\n"), @r"
        configuration/landing-zones/sandbox.json: field accountAlias: needs accountAliasPattern in the platform document, which does not have it
        configuration/landing-zones/sandbox.json: field enrollment: needs controlTower in the platform document, which does not have it
        ");
    }

    #[test]
    fn a_tag_that_can_choose_nothing_is_a_problem() {
        let mut tagged = platform("sandbox");
        let mut document = Platform::sample();
        document["landingZoneTag"] = "tagLandingZone".into();
        tagged.text = document.to_string();
        let mut sandbox = LandingZone::sample();
        insta::assert_snapshot!(
            problems(&[tagged.clone(), zone("sandbox", &sandbox.to_string())], None).join("\n"),
            @"configuration/platform.json: field landingZoneTag: needs a landing zone with selectableByTag: every request with tagLandingZone would be refused"
        );
        sandbox["selectableByTag"] = true.into();
        assert_eq!(
            problems(&[tagged, zone("sandbox", &sandbox.to_string())], None),
            [""; 0]
        );
    }

    #[test]
    fn a_rule_that_would_let_no_account_go_is_a_problem() {
        let old = r#"{"organizationalUnit": "a", "downgrade": "strict", "mayBecome": {"wide": {}, "said": {"widensDowngrade": true}, "gone": {}}}"#;
        let new = r#"{"organizationalUnit": "a/b", "downgrade": "none"}"#;
        let documents = [
            platform("old"),
            zone("old", old),
            zone("said", new),
            zone("wide", new),
        ];
        insta::assert_snapshot!(problems(&documents, None).join("\n"), @r"
        configuration/landing-zones/old.json: field mayBecome.gone: must name a landing zone: there is no landing-zones/gone.json
        configuration/landing-zones/old.json: field mayBecome.wide: allows nothing: mayBecome.wide does not say widensDowngrade, and the downgrade widens from strict to none
        ");
    }

    #[test]
    fn landing_zones_are_not_compared_with_a_platform_that_is_wrong_itself() {
        let mut wrong = platform("sandbox");
        wrong.text = "{}".to_owned();
        let zone_text = r#"{"organizationalUnit": "", "downgrade": "none", "accountAlias": true}"#;
        let found = problems(&[wrong, zone("sandbox", zone_text)], None);
        assert!(!found.is_empty());
        assert!(
            found
                .iter()
                .all(|problem| problem.starts_with("configuration/platform.json: ")),
            "{found:?}"
        );
    }

    #[test]
    fn what_leads_elsewhere_than_the_template_says_is_a_problem_where_that_is_known() {
        let mut platform = platform("sandbox");
        let provider =
            r#""identityProvider": {"name": "mesh", "metadataUrl": "https://idp.example.org/a"}, "#;
        platform.text = platform.text.replacen('{', &format!("{{{provider}"), 1);
        let sandbox = r#"{"organizationalUnit": "", "downgrade": "none", "accessStack": {"template": "https://bucket/a.yaml"}}"#;
        let documents = [platform, zone("sandbox", sandbox)];
        assert_eq!(problems(&documents, None), [""; 0]);
        let mut ways_out = WaysOut::default();
        insta::assert_snapshot!(problems(&documents, Some(&ways_out)).join("\n"), @r"
        configuration/platform.json: field identityProvider.metadataUrl: must be at a host that SamlMetadataHosts of template.yaml names, and idp.example.org is none
        configuration/landing-zones/sandbox.json: field accessStack.template: must be shipped, or begin with an address that AccessStackTemplates of template.yaml names
        ");
        ways_out.metadata_hosts = "idp.example.org".parse().unwrap();
        ways_out.templates = "https://bucket/".parse().unwrap();
        assert_eq!(problems(&documents, Some(&ways_out)), [""; 0]);
    }

    #[test]
    fn a_document_that_is_no_parameter_is_refused() {
        let mut document = LandingZone::sample();
        document["$schema"] = "x".repeat(5000).into();
        assert_eq!(
            problems(&[zone("long", &document.to_string())], None),
            [""; 0]
        );
        for (text, way_out) in [
            (
                format!("{document}{}", " ".repeat(5000)),
                "without white space it would have 50",
            ),
            (
                document.to_string().replace("xx", "xxxx"),
                "make several landing zones of it",
            ),
        ] {
            let found = problems(&[zone("long", &text)], None);
            assert_eq!(found.len(), 1);
            assert!(
                found[0].contains("the document: must have at most 8192 bytes"),
                "{found:?}"
            );
            assert!(found[0].contains(way_out), "{found:?}");
        }
    }
}
