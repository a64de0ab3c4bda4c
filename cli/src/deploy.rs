//! `avm config deploy`: read, compare, show, apply. Only documents that differ are put.
//! Landing zones go first, so that the platform never names one that is not there yet.

use std::collections::BTreeMap;
use std::fmt;

use avm_core::domain::CHANGE_PARAMETERS;
use avm_core::ports::documents::DocumentStore;
use avm_documents::File;

use crate::Outcome;
use crate::answer::Answer;
use crate::ask::Consent;
use crate::exit::Stop;
use crate::report::BUCKET_PARAMETER;

/// The path of all parameters of the account vending machine.
const PARAMETERS: &str = "/avm";

/// What happens to one parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Create,
    Update,
    Keep,
    /// It has no document. It stays, because it may still be in use.
    LeaveAlone,
}

impl Change {
    const fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }

    const fn words(self, dry_run: bool) -> &'static str {
        match (self, dry_run) {
            (Self::Create, false) => "created",
            (Self::Create, true) => "would be created",
            (Self::Update, false) => "updated",
            (Self::Update, true) => "would be updated",
            (Self::Keep, _) => "unchanged",
            (Self::LeaveAlone, _) => "has no document; left alone",
        }
    }
}

/// One line of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    parameter: String,
    text: String,
    change: Change,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {:?}", self.parameter, self.change)
    }
}

/// Brings the parameters to what the documents say, and answers what was done.
///
/// # Errors
/// The store refuses, or does not answer; what the answer has then has been done.
pub async fn run(
    documents: Vec<File>,
    consent: Consent,
    store: &impl DocumentStore,
    answer: &mut Answer,
) -> Result<Outcome, Stop> {
    let dry_run = consent.dry_run;
    let steps = plan(documents, store.list_documents(PARAMETERS).await?);
    if !dry_run && !wanted(&steps, consent)? {
        answer.note("nothing was written");
        return Ok(Outcome::Declined);
    }
    for step in steps {
        if step.change.writes() && !dry_run {
            store.put_document(&step.parameter, &step.text).await?;
        }
        let words = step.change.words(dry_run);
        answer.add(
            format!("{}: {words}", step.parameter),
            [("parameter", step.parameter), ("change", words.to_owned())],
        );
    }
    Ok(Outcome::Done)
}

/// Whether the operator wants it, or there is nothing to want.
fn wanted(steps: &[Step], consent: Consent) -> Result<bool, Stop> {
    let steps = steps.iter().filter(|step| step.change.writes());
    let lines: Vec<String> = steps
        .map(|step| format!("{}: {}", step.parameter, step.change.words(true)))
        .collect();
    if lines.is_empty() {
        return Ok(true);
    }
    let question = format!("Write {} parameters that the next vends use?", lines.len());
    consent.to(&question, &lines)
}

fn plan(documents: Vec<File>, mut found: BTreeMap<String, String>) -> Vec<Step> {
    let mut steps: Vec<Step> = documents
        .into_iter()
        .rev()
        .filter_map(|document| {
            let parameter = document.parameter()?;
            let change = match found.remove(&parameter) {
                None => Change::Create,
                Some(text) if text == document.text => Change::Keep,
                Some(_) => Change::Update,
            };
            Some(Step {
                parameter,
                text: document.text,
                change,
            })
        })
        .collect();
    // An operator's word on an account is no document of the folder, nor is what the templates make.
    found.retain(|parameter, _| {
        !parameter.starts_with(CHANGE_PARAMETERS) && parameter != BUCKET_PARAMETER
    });
    steps.extend(found.into_iter().map(|(parameter, text)| Step {
        parameter,
        text,
        change: Change::LeaveAlone,
    }));
    steps
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Mutex;

    use avm_core::error::{ErrorName, Failure};

    use super::*;
    use avm_documents::Kind;

    async fn run(
        documents: Vec<File>,
        dry_run: bool,
        store: &impl DocumentStore,
    ) -> Result<Outcome, Stop> {
        let consent = Consent {
            dry_run,
            yes: !dry_run,
        };
        super::run(documents, consent, store, &mut Answer::default()).await
    }

    #[derive(Default)]
    struct World {
        parameters: Mutex<BTreeMap<String, String>>,
        puts: Mutex<Vec<String>>,
        refuses: Option<&'static str>,
    }

    impl DocumentStore for World {
        async fn list_documents(&self, path: &str) -> Result<BTreeMap<String, String>, Failure> {
            assert_eq!(path, "/avm");
            Ok(self.parameters.lock().unwrap().clone())
        }

        async fn put_document(&self, name: &str, text: &str) -> Result<(), Failure> {
            if self.refuses == Some(name) {
                return Err(Failure::new(ErrorName::AccessDenied, "no"));
            }
            self.puts.lock().unwrap().push(name.to_owned());
            let mut parameters = self.parameters.lock().unwrap();
            parameters.insert(name.to_owned(), text.to_owned());
            Ok(())
        }
    }

    impl World {
        fn puts(&self) -> Vec<String> {
            std::mem::take(&mut self.puts.lock().unwrap())
        }
    }

    fn documents() -> Vec<File> {
        let file = |kind, text: &str| File {
            path: PathBuf::new(),
            kind,
            text: text.to_owned(),
        };
        vec![
            file(Kind::Platform, "platform"),
            file(Kind::LandingZone(Ok("production".parse().unwrap())), "p"),
            file(Kind::LandingZone(Ok("sandbox".parse().unwrap())), "s"),
        ]
    }

    #[tokio::test]
    async fn the_platform_goes_last_and_a_second_run_puts_nothing() {
        let world = World::default();
        run(documents(), false, &world).await.unwrap();
        let expected = [
            "/avm/landing-zones/sandbox",
            "/avm/landing-zones/production",
            "/avm/platform",
        ];
        assert_eq!(world.puts(), expected);
        run(documents(), false, &world).await.unwrap();
        assert_eq!(world.puts(), [""; 0]);
    }

    #[tokio::test]
    async fn only_what_differs_is_put_and_what_is_not_ours_stays() {
        let world = World::default();
        run(documents(), false, &world).await.unwrap();
        world.puts();
        for (name, text) in [
            ("/avm/platform", "old"),
            ("/avm/landing-zones/retired", "r"),
            ("/avm/changes/444455556666", "c"),
            ("/avm/metering/bucket", "b"),
        ] {
            world
                .parameters
                .lock()
                .unwrap()
                .insert(name.to_owned(), text.to_owned());
        }
        let found = world.parameters.lock().unwrap().clone();
        let lines: Vec<String> = plan(documents(), found)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            lines,
            [
                "/avm/landing-zones/sandbox: Keep",
                "/avm/landing-zones/production: Keep",
                "/avm/platform: Update",
                "/avm/landing-zones/retired: LeaveAlone"
            ]
        );
        run(documents(), false, &world).await.unwrap();
        assert_eq!(world.puts(), ["/avm/platform"]);
        assert_eq!(
            world.parameters.lock().unwrap()["/avm/landing-zones/retired"],
            "r"
        );
    }

    #[tokio::test]
    async fn a_dry_run_puts_nothing() {
        let world = World::default();
        run(documents(), true, &world).await.unwrap();
        assert_eq!(world.puts(), [""; 0]);
    }

    #[tokio::test]
    async fn a_refusal_ends_the_run_before_the_platform_names_what_is_missing() {
        let world = World {
            refuses: Some("/avm/landing-zones/production"),
            ..World::default()
        };
        let Stop::Service(reason) = run(documents(), false, &world).await.unwrap_err() else {
            panic!("AWS has not been asked");
        };
        assert!(reason.starts_with("no. Remedy: "), "{reason}");
        assert_eq!(world.puts(), ["/avm/landing-zones/sandbox"]);
    }
}
