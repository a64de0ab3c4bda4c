//! What is told: each stack with what would become of it, and, in the end, what meshStack has to know.
//! No ExternalId is ever among it: its secret is named.

use avm_aws::installation::{Action, Change};
use avm_core::domain::{AccountId, Region};

use super::plan::{AUTOMATION, MACHINE, MANAGEMENT, PRINCIPAL, Whose, Wish};
use super::standing::{self, Standing, Taken};
use crate::answer::Answer;

/// What becomes of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    Nothing,
    Creates,
    Updates,
}

/// One stack.
pub struct Row {
    pub stack: String,
    pub of: Whose,
    pub account: AccountId,
    pub region: Region,
    pub does: Does,
    pub changes: Vec<Change>,
    /// At most so many resources, where no change set can be made before something else is there.
    pub later: usize,
}

impl Does {
    pub const fn of(is_new: bool) -> Self {
        if is_new { Self::Creates } else { Self::Updates }
    }

    const fn words(self, done: bool) -> &'static str {
        match (self, done) {
            (Self::Nothing, _) => "no changes",
            (Self::Creates, false) => "would be created",
            (Self::Creates, true) => "created",
            (Self::Updates, false) => "would be updated",
            (Self::Updates, true) => "updated",
        }
    }
}

impl Row {
    pub fn what(&self) -> String {
        let (stack, of, account, region) =
            (&self.stack, self.of.as_str(), &self.account, &self.region);
        format!("stack {stack} of the {of} account {account} in {region}")
    }

    fn count(&self, action: Action) -> usize {
        let of_action = self.changes.iter().filter(|change| change.action == action);
        of_action.count()
            + if action == Action::Added {
                self.later
            } else {
                0
            }
    }

    /// What is not only added, one by one.
    fn touched(&self) -> Vec<String> {
        let mut touched: Vec<&Change> = self.changes.iter().collect();
        touched.retain(|change| change.action != Action::Added || self.does == Does::Updates);
        touched.sort_by_key(|change| change.action);
        let words = touched.iter().map(|change| {
            let (action, resource, kind) = (words(change.action), &change.resource, &change.kind);
            format!("{action} {resource} ({kind})")
        });
        words.collect()
    }

    pub fn sentence(&self, done: bool) -> String {
        let counts = ACTIONS.map(|action| (self.count(action), words(action)));
        let counts = counts.into_iter().filter(|(number, _)| *number > 0);
        let counts = counts.map(|(number, word)| format!("{number} {word}"));
        let counts: Vec<String> = counts.collect();
        let mut sentence = format!("{}: {}", self.what(), self.does.words(done));
        if !counts.is_empty() {
            let most = if self.later > 0 { "at most " } else { "" };
            sentence = format!("{sentence}: {most}{}", counts.join(", "));
        }
        for touched in self.touched() {
            sentence = format!("{sentence}\n  {touched}");
        }
        sentence
    }

    pub fn tell(&self, done: bool, answer: &mut Answer) {
        let number = |action| self.count(action).to_string();
        answer.add(
            self.sentence(done),
            [
                ("what", format!("stack {}", self.stack)),
                ("account", self.account.to_string()),
                ("region", self.region.to_string()),
                ("is", self.does.words(done).to_owned()),
                ("added", number(Action::Added)),
                ("changed", number(Action::Changed)),
                ("removed", number(Action::Removed)),
                ("replaced", number(Action::Replaced)),
                ("resources", self.touched().join(", ")),
            ],
        );
    }
}

/// A user, role or policy that is not made.
pub fn is_used(found: &Taken, standing: &Standing, region: &Region, answer: &mut Answer) {
    let account = &standing.ids[&standing::whose(found.stack)];
    let what = &found.what;
    let used = "is there and stays as it is";
    let remedy =
        "compare its trust and its ExternalId with those of the template (templates/README.md)";
    fact(
        format!("{what} {used}: {remedy}"),
        [what, used],
        (account, region),
        answer,
    );
}

/// Something that is no stack, in the columns of stacks.
pub fn fact(
    sentence: String,
    [what, is]: [&str; 2],
    (account, region): (&AccountId, &Region),
    answer: &mut Answer,
) {
    let none = String::new;
    answer.add(
        sentence,
        [
            ("what", what.to_owned()),
            ("account", account.to_string()),
            ("region", region.to_string()),
            ("is", is.to_owned()),
            ("added", none()),
            ("changed", none()),
            ("removed", none()),
            ("replaced", none()),
            ("resources", none()),
        ],
    );
}

const ACTIONS: [Action; 4] = [
    Action::Added,
    Action::Changed,
    Action::Removed,
    Action::Replaced,
];

const fn words(action: Action) -> &'static str {
    match action {
        Action::Added => "added",
        Action::Changed => "changed",
        Action::Removed => "removed",
        Action::Replaced => "replaced",
    }
}

/// Where the ExternalId is: a role that was there before keeps the one that its trust has.
fn external_id(found: &Standing) -> &'static str {
    let roles = [
        (Whose::Management, MANAGEMENT, "MakesServiceRole"),
        (Whose::Automation, AUTOMATION, "MakesAutomationRole"),
    ];
    let mut roles = roles.into_iter();
    if roles.any(|(of, stack, makes)| found.parameter(of, stack, makes) == Some("false")) {
        "that of its trust for a role that was there before, else in the secret avm/external-id/meshstack of the automation account"
    } else {
        "in the secret avm/external-id/meshstack of the automation account"
    }
}

/// What is typed into meshStack.
pub fn what_meshstack_wants(
    found: &Standing,
    wishes: &[Wish],
    region: &Region,
    answer: &mut Answer,
) {
    let role = |of: Whose, stack: &str, parameter: &str, usual: &str| {
        let kept = found.parameter(of, stack, parameter);
        let name = kept.or_else(|| standing::named(wishes, stack, parameter));
        let name = name.unwrap_or(usual);
        let (partition, id) = (region.partition(), &found.ids[&of]);
        format!("arn:{partition}:iam::{id}:role/{name}")
    };
    let (management, automation) = (Whose::Management, Whose::Automation);
    let access_role = found.parameter(automation, MACHINE, "AccountAccessRoleName");
    let access_role = access_role.unwrap_or("MeshstackAccountAccessRole");
    let principal = found.parameter(management, MANAGEMENT, PRINCIPAL);
    let principal = principal.unwrap_or("user/meshfed-service-user");
    let id = &found.ids[&Whose::Meshcloud];
    let key = match principal.split_once('/') {
        Some(("user", user)) => format!(
            "user {user} of account {id}; make a key: aws iam create-access-key --user-name {user}"
        ),
        _ => format!("{principal} of account {id}, by workload identity federation"),
    };
    let rows = [
        (Whose::Meshcloud, "signs in as", key),
        (
            management,
            "role of the management account",
            role(
                management,
                MANAGEMENT,
                "MeshfedServiceRoleName",
                "MeshfedServiceRole",
            ),
        ),
        (
            automation,
            "role of the automation account",
            role(
                automation,
                AUTOMATION,
                "MeshfedAutomationRoleName",
                "MeshfedAutomationRole",
            ),
        ),
        (
            automation,
            "ExternalId of both roles",
            external_id(found).to_owned(),
        ),
        (
            automation,
            "Lambda function of landing zones",
            format!("AVMEntryPoint in {region}"),
        ),
        (automation, "account access role", access_role.to_owned()),
    ];
    for (of, what, value) in rows {
        let what = format!("meshStack: {what}");
        let place = (&found.ids[&of], region);
        fact(format!("{what}: {value}"), [&what, &value], place, answer);
    }
    answer.note(
        "next: `avm config deploy` writes the configuration (docs/DEPLOY.md, step 7), `avm doctor` looks at all of it, and \
         docs/OPERATION.md has the rest of what meshStack is told (\"Connect meshStack\")",
    );
}
