//! What stands in the three accounts before anything is deployed: stacks, secrets, and names that somebody else has taken.
//! A name that is taken would end a deployment half way; so it is said before anything is done.

use std::collections::{BTreeMap, BTreeSet};

use avm_aws::external_id::ExternalId;
use avm_aws::installation::{Installation, Stack};
use avm_core::domain::AccountId;
use avm_core::error::Failure;

use super::plan::{
    ALL, AUTOMATION, Deployment, MANAGEMENT, MESHCLOUD, PERMISSIONS_BOUNDARY, SECRETS, Whose, Wish,
};
use crate::exit::Stop;

const ONLY_LOOKED_AT: &str = "REVIEW_IN_PROGRESS";

/// The account, and the one who is signed in to it.
pub type Accounts = BTreeMap<Whose, Installation>;

/// What is there.
pub struct Standing {
    pub ids: BTreeMap<Whose, AccountId>,
    pub stacks: BTreeMap<Whose, BTreeMap<String, Stack>>,
    pub external_ids: BTreeMap<&'static str, ExternalId>,
    pub taken: Vec<Taken>,
}

impl Standing {
    /// Reads the stacks of an account again: a deployment has changed them.
    pub async fn read_stacks(&mut self, of: Whose, account: &Installation) -> Result<(), Failure> {
        self.stacks.insert(of, stacks_of(account).await?);
        Ok(())
    }

    /// The value that a stack has of a parameter.
    pub fn parameter(&self, of: Whose, stack: &str, key: &str) -> Option<&str> {
        let parameters = &self.stacks[&of].get(stack)?.parameters;
        parameters.get(key).map(String::as_str)
    }

    /// An output of a stack of the automation account.
    pub fn output(&self, stack: &str, name: &str) -> Option<String> {
        let stack = self.stacks[&Whose::Automation].get(stack)?;
        stack.outputs.get(name).cloned()
    }
}

/// A name that a stack would make, and that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub stack: &'static str,
    pub what: String,
    /// The parameter that says that it is not to be made; empty if there is none.
    pub makes: &'static str,
}

#[derive(Clone, Copy)]
enum Kind {
    Role,
    User,
    Policy,
}

/// A name that a stack makes.
struct Name {
    stack: &'static str,
    kind: Kind,
    usual: &'static str,
    /// The parameter that gives it another name, and the one that says that it is there already.
    parameters: [&'static str; 2],
}

/// What others make by hand after meshStack's documents, or by meshcloud's Terraform module.
const NAMES: [Name; 5] = [
    Name {
        stack: MESHCLOUD,
        kind: Kind::User,
        usual: "meshfed-service-user",
        parameters: ["", "MakesServiceUser"],
    },
    Name {
        stack: MANAGEMENT,
        kind: Kind::Role,
        usual: "MeshfedServiceRole",
        parameters: ["MeshfedServiceRoleName", "MakesServiceRole"],
    },
    Name {
        stack: AUTOMATION,
        kind: Kind::Role,
        usual: "MeshfedAutomationRole",
        parameters: ["MeshfedAutomationRoleName", "MakesAutomationRole"],
    },
    Name {
        stack: AUTOMATION,
        kind: Kind::Role,
        usual: "AWSCloudFormationStackSetAdministrationRole",
        parameters: ["", "MakesStackSetAdministrationRole"],
    },
    Name {
        stack: AUTOMATION,
        kind: Kind::Policy,
        usual: "AVMFunctionsBoundary",
        parameters: ["", ""],
    },
];

/// Looks at the three accounts.
///
/// # Errors
/// The profiles lead to other accounts than they should; AWS refuses.
pub async fn look(accounts: &Accounts, wishes: &[Wish]) -> Result<Standing, Stop> {
    let mut ids = BTreeMap::new();
    let mut stacks = BTreeMap::new();
    for (of, account) in accounts {
        ids.insert(*of, account.account().await?);
        stacks.insert(*of, stacks_of(account).await?);
    }
    let manages = accounts[&Whose::Management].management_account().await?;
    if let Some(reason) = wrong_accounts(&ids, &manages) {
        return Err(Stop::Usage(reason));
    }
    let mut external_ids = BTreeMap::new();
    for secret in SECRETS {
        if let Some(id) = accounts[&Whose::Automation].external_id(secret).await? {
            external_ids.insert(secret, id);
        }
    }
    let mut taken = Vec::new();
    for Name {
        stack,
        kind,
        usual,
        parameters: [renames, makes],
    } in NAMES
    {
        let of = whose(stack);
        let name = named(wishes, stack, renames).unwrap_or(usual);
        let is_ours = stacks[&of].contains_key(stack);
        if !is_ours && has(&accounts[&of], kind, name).await? {
            let kind = kind.as_str();
            let what = format!("the {kind} {name} of the {} account", of.as_str());
            taken.push(Taken { stack, what, makes });
        }
    }
    Ok(Standing {
        ids,
        stacks,
        external_ids,
        taken,
    })
}

/// The stacks of an account. One that was only looked at is none: it has a change set, and nothing is in it.
async fn stacks_of(account: &Installation) -> Result<BTreeMap<String, Stack>, Failure> {
    let mut stacks = account.stacks().await?;
    stacks.retain(|_, stack| stack.status != ONLY_LOOKED_AT);
    Ok(stacks)
}

pub fn whose(stack: &str) -> Whose {
    let found = ALL.iter().find(|one| one.stack == stack);
    found.map_or(Whose::Automation, |one| one.of)
}

/// The value that the operator gives a parameter of a stack.
pub fn named<'a>(wishes: &'a [Wish], stack: &str, parameter: &str) -> Option<&'a str> {
    let mut wishes = wishes.iter().rev().filter(|wish| wish.of_stack(stack));
    let wish = wishes.find(|wish| wish.key == parameter);
    wish.map(|wish| wish.value.as_str())
}

/// What is missing of the boundary that roles and users are to have: CloudFormation would tell it in the middle of a stack.
///
/// # Errors
/// AWS refuses.
pub async fn missing_boundary(
    accounts: &Accounts,
    chosen: &[Deployment],
    wishes: &[Wish],
) -> Result<Option<String>, Failure> {
    let wanted = chosen.iter().filter_map(|one| {
        let name = named(wishes, one.stack, PERMISSIONS_BOUNDARY)?;
        (one.of != Whose::Management && !name.is_empty()).then_some((one.of, name))
    });
    let mut missing = Vec::new();
    for (of, name) in wanted.collect::<BTreeSet<_>>() {
        if !accounts[&of].has_policy(name).await? {
            missing.push(format!("the {} account has no policy {name}", of.as_str()));
        }
    }
    Ok((!missing.is_empty()).then(|| {
        format!(
            "{}. Remedy: bring the permissions boundary there, with this path and name, and into the accounts that are vended \
             (docs/DEPLOY.md, \"A permissions boundary of yours\")",
            missing.join(", ")
        )
    }))
}

async fn has(account: &Installation, kind: Kind, name: &str) -> Result<bool, Failure> {
    match kind {
        Kind::User => account.has_user(name).await,
        Kind::Policy => account.has_policy(name).await,
        Kind::Role => match name.parse() {
            Ok(name) => account.has_role(&name).await,
            // CloudFormation says what is wrong with it.
            Err(_) => Ok(false),
        },
    }
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Policy => "policy",
        }
    }
}

/// Three accounts, of which one manages the organization.
pub fn wrong_accounts(ids: &BTreeMap<Whose, AccountId>, manages: &AccountId) -> Option<String> {
    let management = &ids[&Whose::Management];
    if management != manages {
        return Some(format!(
            "--management-profile leads to account {management}, and the organization's management account is {manages}"
        ));
    }
    let others = [Whose::Automation, Whose::Meshcloud];
    if others.iter().any(|of| ids[of] == *management) {
        return Some(
            "the automation and the meshcloud account must not be the management account: vended accounts trust the one, and a \
             user of meshStack's lives in the other"
                .to_owned(),
        );
    }
    None
}
