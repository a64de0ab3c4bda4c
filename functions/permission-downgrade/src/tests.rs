//! The downgrade against a role with state: it refuses removals before the minimum is there, and answers late.
//! Every write is also made to fail, before and after its effect, and the step is run again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use avm_core::domain::{AccountId, AttachedPolicy, RoleName};
use avm_core::ports::role_policies::RolePolicies;
use avm_core::rules::minimum_policy::{MINIMUM_POLICY, document};
use avm_core::testing::execution;

use super::*;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Role {
    inline: BTreeMap<String, PolicyDocument>,
    attached: BTreeSet<AttachedPolicy>,
}

/// One account with one role.
#[derive(Default)]
struct World {
    role: Mutex<Role>,
    writes: Mutex<Vec<String>>,
    /// The write, counted from one, that answers with an error; whether it has its effect nevertheless.
    fails_at: Option<(usize, bool)>,
    /// How often the document is read as missing after it was put.
    late_reads: Mutex<usize>,
    /// What cannot be removed although the call succeeds.
    sticky: Option<&'static str>,
    missing: bool,
}

impl World {
    fn of(role: Role) -> Self {
        Self {
            role: Mutex::new(role),
            ..Self::default()
        }
    }

    fn role(&self) -> Role {
        self.role.lock().unwrap().clone()
    }

    fn writes(&self) -> Vec<String> {
        self.writes.lock().unwrap().clone()
    }

    fn write(&self, words: String, effect: impl FnOnce(&mut Role)) -> Result<(), Failure> {
        let mut writes = self.writes.lock().unwrap();
        writes.push(words);
        let failing = self.fails_at.filter(|(at, _)| *at == writes.len());
        if failing.is_none_or(|(_, has_effect)| has_effect) {
            effect(&mut self.role.lock().unwrap());
        }
        match failing {
            Some(_) => Err(Failure::new(ErrorName::ServiceUnavailable, "lost answer")),
            None => Ok(()),
        }
    }

    fn remove(
        &self,
        words: String,
        name: &str,
        effect: impl FnOnce(&mut Role),
    ) -> Result<(), Failure> {
        assert!(
            self.role().inline.contains_key(MINIMUM_POLICY),
            "{words} before the minimum is there"
        );
        if self.sticky == Some(name) {
            return self.write(words, |_| ());
        }
        self.write(words, effect)
    }

    fn there(&self) -> Result<Role, Failure> {
        if self.missing {
            return Err(Failure::new(
                ErrorName::DowngradeFailed,
                "role does not exist",
            ));
        }
        Ok(self.role())
    }
}

impl RolePolicies for World {
    async fn list_inline(&self, _: &RoleName) -> Result<BTreeSet<String>, Failure> {
        Ok(self.there()?.inline.into_keys().collect())
    }

    async fn find_inline(
        &self,
        _: &RoleName,
        policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure> {
        let mut late = self.late_reads.lock().unwrap();
        if *late > 0 && !self.writes().is_empty() {
            *late -= 1;
            return Ok(None);
        }
        Ok(self.role().inline.get(policy).cloned())
    }

    async fn list_attached(&self, _: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure> {
        Ok(self.there()?.attached)
    }
}

impl RolePolicyChanges for World {
    async fn put_inline(
        &self,
        _: &RoleName,
        policy: &str,
        document: &PolicyDocument,
    ) -> Result<(), Failure> {
        self.write(format!("put {policy}"), |role| {
            role.inline.insert(policy.to_owned(), document.clone());
        })
    }

    async fn delete_inline(&self, _: &RoleName, policy: &str) -> Result<(), Failure> {
        self.remove(format!("delete {policy}"), policy, |role| {
            role.inline.remove(policy);
        })
    }

    async fn detach(&self, _: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure> {
        self.remove(format!("detach {}", policy.name), &policy.name, |role| {
            role.attached.remove(policy);
        })
    }
}

fn account() -> AccountId {
    "111111111111".parse().unwrap()
}

fn access_role() -> RoleName {
    "MeshstackAccountAccessRole".parse().unwrap()
}

fn target(wanted: Wanted) -> Target {
    Target {
        account: account(),
        access_role: access_role(),
        wanted,
        execution: None,
    }
}

fn minimum(policy: DowngradePolicy) -> PolicyDocument {
    document(policy, "aws", &account(), &access_role())
}

fn administration() -> PolicyDocument {
    PolicyDocument::of_text(r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#)
}

fn managed(name: &str) -> AttachedPolicy {
    AttachedPolicy {
        name: name.to_owned(),
        arn: format!("arn:aws:iam::aws:policy/{name}"),
    }
}

/// As CreateAccount makes it, in both forms that have been seen, and with something left over.
fn powerful() -> Role {
    Role {
        inline: [
            ("AdministratorAccess", administration()),
            ("Leftover", administration()),
        ]
        .map(|(name, document)| (name.to_owned(), document))
        .into(),
        attached: [managed("AdministratorAccess"), managed("IAMFullAccess")].into(),
    }
}

fn downgraded(policy: DowngradePolicy) -> Role {
    Role {
        inline: [(MINIMUM_POLICY.to_owned(), minimum(policy))].into(),
        attached: BTreeSet::new(),
    }
}

async fn run(world: &World, wanted: Wanted) -> Result<Response, Failure> {
    handle(&target(wanted), "aws", world).await
}

const STANDARD: Wanted = Wanted::Exactly(DowngradePolicy::Standard);

#[tokio::test]
async fn a_powerful_role_loses_everything_but_the_minimum() {
    let world = World::of(powerful());
    let response = run(&world, STANDARD).await.unwrap();
    assert_eq!(world.role(), downgraded(DowngradePolicy::Standard));
    insta::assert_json_snapshot!(response, @r#"
    {
      "statusCode": 200,
      "body": "Successfully downgraded",
      "Policy": "standard",
      "Found": {
        "Inline": [
          "AdministratorAccess",
          "Leftover"
        ],
        "Attached": [
          "arn:aws:iam::aws:policy/AdministratorAccess",
          "arn:aws:iam::aws:policy/IAMFullAccess"
        ],
        "Minimum": "none"
      },
      "Changed": [
        "put inline policy MeshstackAccountAccessPolicy, which was missing",
        "delete inline policy AdministratorAccess",
        "delete inline policy Leftover",
        "detach managed policy arn:aws:iam::aws:policy/AdministratorAccess",
        "detach managed policy arn:aws:iam::aws:policy/IAMFullAccess"
      ],
      "Verified": {
        "Inline": [
          "MeshstackAccountAccessPolicy"
        ],
        "Attached": [],
        "Minimum": "standard"
      }
    }
    "#);
}

#[tokio::test]
async fn the_minimum_is_put_before_anything_is_removed() {
    let world = World::of(powerful());
    run(&world, STANDARD).await.unwrap();
    assert_eq!(
        world.writes(),
        [
            "put MeshstackAccountAccessPolicy",
            "delete AdministratorAccess",
            "delete Leftover",
            "detach AdministratorAccess",
            "detach IAMFullAccess",
        ]
    );
}

#[tokio::test]
async fn the_second_run_writes_nothing_for_every_policy() {
    for policy in DowngradePolicy::ALL {
        for wanted in [Wanted::Exactly(policy), Wanted::AtMost(policy)] {
            let world = World::of(powerful());
            run(&world, wanted).await.unwrap();
            let writes = world.writes().len();
            let second = run(&world, wanted).await.unwrap();
            assert_eq!(world.writes().len(), writes, "{policy}");
            assert!(second.changed.is_empty());
            assert_eq!(second.found, second.verified);
        }
    }
}

#[tokio::test]
async fn a_write_that_fails_before_or_after_its_effect_leads_to_the_same_role_when_run_again() {
    for write in 1..=5 {
        for has_effect in [false, true] {
            let mut world = World::of(powerful());
            world.fails_at = Some((write, has_effect));
            let failure = run(&world, STANDARD).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
            assert_eq!(failure.account(), Some(&account()));
            world.fails_at = None;
            run(&world, STANDARD).await.unwrap();
            assert_eq!(
                world.role(),
                downgraded(DowngradePolicy::Standard),
                "write {write}, effect {has_effect}"
            );
        }
    }
}

#[tokio::test]
async fn a_changed_minimum_is_put_again_and_told_as_different() {
    let mut role = downgraded(DowngradePolicy::Standard);
    role.inline
        .insert(MINIMUM_POLICY.to_owned(), administration());
    let world = World::of(role);
    let response = run(&world, STANDARD).await.unwrap();
    assert_eq!(response.found.minimum, "other");
    assert_eq!(
        response.changed,
        ["put inline policy MeshstackAccountAccessPolicy, which was different"]
    );
    assert_eq!(world.role(), downgraded(DowngradePolicy::Standard));
}

#[tokio::test]
async fn the_landing_zone_may_change_its_policy_in_both_directions() {
    for from in DowngradePolicy::ALL {
        for to in DowngradePolicy::ALL {
            let world = World::of(downgraded(from));
            let response = run(&world, Wanted::Exactly(to)).await.unwrap();
            assert_eq!(response.policy, to);
            assert_eq!(world.role(), downgraded(to));
        }
    }
}

#[tokio::test]
async fn a_call_alone_never_widens() {
    for from in DowngradePolicy::ALL {
        for default in DowngradePolicy::ALL {
            let world = World::of(downgraded(from));
            let response = run(&world, Wanted::AtMost(default)).await.unwrap();
            assert_eq!(response.policy, from.min(default));
            assert_eq!(world.role(), downgraded(from.min(default)));
        }
    }
}

#[tokio::test]
async fn a_call_alone_keeps_the_narrower_policy_and_removes_what_was_added_to_it() {
    let mut role = downgraded(DowngradePolicy::Strict);
    role.attached.insert(managed("AdministratorAccess"));
    let world = World::of(role);
    let response = run(&world, Wanted::AtMost(DowngradePolicy::Standard))
        .await
        .unwrap();
    assert_eq!(response.policy, DowngradePolicy::Strict);
    assert_eq!(world.role(), downgraded(DowngradePolicy::Strict));
}

#[tokio::test(start_paused = true)]
async fn a_minimum_that_is_visible_late_is_waited_for() {
    let world = World::of(powerful());
    *world.late_reads.lock().unwrap() = 4;
    run(&world, STANDARD).await.unwrap();
    assert_eq!(world.role(), downgraded(DowngradePolicy::Standard));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_removed_while_the_minimum_cannot_be_read_back() {
    let world = World::of(powerful());
    *world.late_reads.lock().unwrap() = 1000;
    let failure = run(&world, STANDARD).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::VerificationPending);
    assert_eq!(world.writes(), ["put MeshstackAccountAccessPolicy"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_in_the_end_is_a_failure_that_names_it_and_that_the_state_machine_retries() {
    for (sticky, words) in [
        ("Leftover", "inline policy Leftover is there"),
        ("IAMFullAccess", "managed policy IAMFullAccess is attached"),
    ] {
        for (execution, name) in [
            (None, ErrorName::DowngradeFailed),
            (Some(execution()), ErrorName::VerificationPending),
        ] {
            let mut world = World::of(powerful());
            world.sticky = Some(sticky);
            let target = Target {
                execution,
                ..target(STANDARD)
            };
            let failure = handle(&target, "aws", &world).await.unwrap_err();
            assert_eq!(failure.name(), name);
            assert!(failure.cause().contains(words), "{failure}");
            assert!(failure.remedy().contains("may still be powerful"));
            world.sticky = None;
            handle(&target, "aws", &world).await.unwrap();
            assert_eq!(world.role(), downgraded(DowngradePolicy::Standard));
        }
    }
}

#[tokio::test]
async fn a_missing_role_is_a_failure_and_nothing_is_written() {
    let world = World {
        missing: true,
        ..World::default()
    };
    let failure = run(&world, STANDARD).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::DowngradeFailed);
    assert!(world.writes().is_empty());
}
