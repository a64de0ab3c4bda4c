//! The Account Factory in Service Catalog: its product, what accounts have of it, and the operations on that.
//! A start under a token that is known starts nothing and answers the same record.

use std::collections::{BTreeMap, VecDeque};

use avm_core::domain::{
    AccountId, OperationId, ParentId, ProductId, ProvisionedProductId, RecordId, RoleName,
};
use avm_core::error::Failure;
use avm_core::ports::account_factory::{
    AccountFactory, Artifact, Enrollment, LaunchPath, Offer, Problem, ProductStatus,
    ProvisionedProduct, Record, RecordError, RecordStatus, Start, Unit,
};
use avm_core::ports::control_tower::BaselineStatus;

use crate::control_tower::child_of;
use crate::iam;
use crate::in_call::Behind;
use crate::state::State as Whole;

/// Where provisioned products show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shows {
    /// In searches for their account and by their name.
    #[default]
    Everywhere,
    /// By their name only.
    ByName,
    /// Nowhere yet, though there are some.
    Nowhere,
    /// Everywhere still, though there are none any more.
    Still,
}

/// What an operation does when it ends well.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Effect {
    Enroll(ParentId),
    Update(ParentId),
    Remove,
}

/// An operation on the provisioned product of an account.
#[derive(Clone, Debug)]
pub struct Operation {
    pub id: RecordId,
    pub token: OperationId,
    pub record: Record,
    account: AccountId,
    effect: Effect,
    left: u32,
}

/// The Account Factory; its product has no version until a test says so.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The provisioned products of accounts.
    pub products: BTreeMap<AccountId, ProvisionedProduct>,
    pub operations: Vec<Operation>,
    /// The versions of the product; none: there is no such product.
    pub artifacts: Option<Vec<Artifact>>,
    pub paths: Vec<LaunchPath>,

    pub shows: Shows,
    /// For so many looks more than one an operation runs.
    pub operations_last: u32,
    /// How the next operations end, badly or well; none left: as the rules say.
    pub ends: VecDeque<Option<(RecordError, ProductStatus)>>,
    /// How many of the next starts meet too many operations.
    pub refused_starts: usize,
    /// So many operations run on other accounts.
    pub under_change_elsewhere: usize,
}

/// A provisioned product of an earlier vend.
pub fn product(status: ProductStatus, has_succeeded: bool) -> ProvisionedProduct {
    ProvisionedProduct {
        id: "pp-1".parse().unwrap(),
        name: "avm-111111111111".to_owned(),
        status,
        message: None,
        last_record: Some("rec-of-earlier".parse().unwrap()),
        has_succeeded,
        token: Some("earlier".to_owned()),
    }
}

pub fn artifact(id: &str, is_active: bool, is_deprecated: bool, made_at: i64) -> Artifact {
    Artifact {
        id: id.parse().unwrap(),
        is_active,
        is_deprecated,
        made_at,
    }
}

pub fn path(id: &str, name: &str) -> LaunchPath {
    LaunchPath {
        id: id.parse().unwrap(),
        name: name.to_owned(),
    }
}

pub fn error(problem: Problem, words: &str) -> RecordError {
    RecordError {
        problem,
        words: words.to_owned(),
    }
}

impl State {
    /// What two worlds must have in common: products by what they are.
    pub fn essence(&self) -> String {
        let products = self.products.iter();
        let products = products.map(|(account, one)| (account, &one.status, one.has_succeeded));
        format!("{:?}", products.collect::<Vec<_>>())
    }

    /// Sets up the Account Factory: a version of its product, and one path to it.
    pub fn set_up(&mut self) {
        self.artifacts = Some(vec![artifact("pa-1", true, false, 1)]);
        self.paths = vec![path("lpv2-1", "Account Factory")];
    }

    /// The next operation fails, and leaves its product so.
    pub fn fail_next(&mut self, problem: Problem, words: &str, left: ProductStatus) {
        self.ends.push_back(Some((error(problem, words), left)));
    }

    fn under_change(&self) -> usize {
        let products = self.products.values();
        let own = products.filter(|one| one.status == ProductStatus::UnderChange);
        self.under_change_elsewhere + own.count()
    }

    fn known(&self, token: &OperationId) -> Option<Start> {
        let mut operations = self.operations.iter();
        let known = operations.find(|one| one.token == *token)?;
        Some(Start::Started(known.id.clone()))
    }

    fn owner(&self, product: &ProvisionedProductId) -> Option<AccountId> {
        let mut products = self.products.iter();
        let found = products.find(|(_, one)| one.id == *product);
        found
            .filter(|_| self.shows != Shows::Still)
            .map(|(account, _)| account.clone())
    }

    fn enroll(&mut self, enrollment: &Enrollment<'_>, token: &OperationId) -> Start {
        if let Some(known) = self.known(token) {
            return known;
        }
        if self
            .products
            .values()
            .any(|one| one.name == enrollment.name)
        {
            return Start::NameTaken;
        }
        let made = ProvisionedProduct {
            id: format!("pp-made-{}", self.operations.len())
                .parse()
                .unwrap(),
            name: enrollment.name.to_owned(),
            status: ProductStatus::UnderChange,
            message: None,
            last_record: None,
            has_succeeded: false,
            token: Some(token.as_str().to_owned()),
        };
        let effect = Effect::Enroll(enrollment.unit.id.clone());
        self.start(&enrollment.account.account_id, token, effect, Some(made))
    }

    fn change(
        &mut self,
        product: &ProvisionedProductId,
        token: &OperationId,
        effect: Effect,
    ) -> Start {
        match (self.owner(product), self.known(token)) {
            (None, _) => Start::Gone,
            (Some(_), Some(known)) => known,
            (Some(account), None) => self.start(&account, token, effect, None),
        }
    }

    fn start(
        &mut self,
        account: &AccountId,
        token: &OperationId,
        effect: Effect,
        made: Option<ProvisionedProduct>,
    ) -> Start {
        if self.refused_starts > 0 {
            self.refused_starts -= 1;
            return Start::Busy("the allowed maximum of 5 is exceeded".to_owned());
        }
        let number = self.operations.len() + 1;
        let id: RecordId = format!("rec-{number}").parse().unwrap();
        if let Some(made) = made {
            self.products.insert(account.clone(), made);
        }
        let product = self.products.get_mut(account).unwrap();
        product.status = ProductStatus::UnderChange;
        product.last_record = Some(id.clone());
        self.operations.push(Operation {
            id: id.clone(),
            token: token.clone(),
            record: Record {
                status: RecordStatus::Running,
                errors: Vec::new(),
            },
            account: account.clone(),
            effect,
            left: self.operations_last,
        });
        Start::Started(id)
    }
}

/// The operations go on: they end as the test wants, else as Control Tower's rules say.
pub(crate) fn tick(state: &mut Whole) {
    for number in 0..state.service_catalog.operations.len() {
        let operation = &mut state.service_catalog.operations[number];
        if operation.record.status != RecordStatus::Running {
            continue;
        }
        if operation.left > 0 {
            operation.left -= 1;
            continue;
        }
        let (account, effect) = (operation.account.clone(), operation.effect.clone());
        let wanted = state.service_catalog.ends.pop_front();
        let end = wanted.unwrap_or_else(|| refused_by_rules(state, &account, &effect));
        let record = &mut state.service_catalog.operations[number].record;
        match end {
            None => {
                record.status = RecordStatus::Succeeded;
                take_effect(state, &account, effect);
            }
            Some((error, left)) => {
                record.status = RecordStatus::Failed;
                record.errors.push(error);
                let product = state.service_catalog.products.get_mut(&account);
                product.unwrap().status = left;
            }
        }
    }
}

/// Control Tower enrolls an account through its execution role, and none that sits where it governs already.
fn refused_by_rules(
    state: &Whole,
    account: &AccountId,
    effect: &Effect,
) -> Option<(RecordError, ProductStatus)> {
    let Effect::Enroll(_) = effect else {
        return None;
    };
    let role = state.iam.find(account, RoleName::CONTROL_TOWER_EXECUTION);
    let can_work = role.is_some_and(|role| {
        role.trust.to_string().contains("333333333333")
            && role.attached.contains(&iam::attached(iam::OF_AWS[0]))
    });
    let problem = if !can_work {
        Problem::ExecutionRole
    } else if state.is_governed(account) {
        Problem::Unknown
    } else {
        return None;
    };
    Some((error(problem, "against the rules"), ProductStatus::Error))
}

fn take_effect(state: &mut Whole, account: &AccountId, effect: Effect) {
    match effect {
        Effect::Enroll(unit) | Effect::Update(unit) => {
            let product = state.service_catalog.products.get_mut(account).unwrap();
            product.status = ProductStatus::Available;
            product.has_succeeded = true;
            let baseline = child_of(&unit, BaselineStatus::Succeeded);
            let baselines = &mut state.control_tower.of_accounts;
            baselines.insert(account.clone(), baseline);
            state.organizations.put_into(account, &unit);
        }
        Effect::Remove => {
            state.service_catalog.products.remove(account);
            state.control_tower.of_accounts.remove(account);
        }
    }
}

impl AccountFactory for Behind<'_> {
    async fn find_artifacts(&self, product: &ProductId) -> Result<Option<Vec<Artifact>>, Failure> {
        let words = format!("servicecatalog:ListProvisioningArtifacts {product}");
        self.read(words, |state| Ok(state.service_catalog.artifacts.clone()))
    }

    async fn list_launch_paths(&self, product: &ProductId) -> Result<Vec<LaunchPath>, Failure> {
        let words = format!("servicecatalog:ListLaunchPaths {product}");
        self.read(words, |state| Ok(state.service_catalog.paths.clone()))
    }

    async fn find_of_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<ProvisionedProduct>, Failure> {
        let words = format!("servicecatalog:SearchProvisionedProducts {account}");
        self.read(words, |state| {
            let state = &state.service_catalog;
            let is_shown = matches!(state.shows, Shows::Everywhere | Shows::Still);
            let found = state.products.get(account);
            Ok(found.filter(|_| is_shown).cloned())
        })
    }

    async fn find_named(&self, name: &str) -> Result<Option<ProvisionedProduct>, Failure> {
        let words = format!("servicecatalog:DescribeProvisionedProduct {name}");
        self.read(words, |state| {
            let state = &state.service_catalog;
            let mut products = state.products.values();
            let found = products.find(|product| product.name == name);
            Ok(found.filter(|_| state.shows != Shows::Nowhere).cloned())
        })
    }

    async fn count_under_change(&self) -> Result<usize, Failure> {
        let words = "servicecatalog:SearchProvisionedProducts UNDER_CHANGE";
        self.read(words, |state| Ok(state.service_catalog.under_change()))
    }

    async fn find_record(&self, record: &RecordId) -> Result<Option<Record>, Failure> {
        let words = format!("servicecatalog:DescribeRecord {record}");
        self.read(words, |state| {
            let mut operations = state.service_catalog.operations.iter();
            let found = operations.find(|one| one.id == *record);
            Ok(found.map(|one| one.record.clone()))
        })
    }

    async fn start_enrollment(
        &self,
        enrollment: &Enrollment<'_>,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        let words = format!(
            "servicecatalog:ProvisionProduct {} into {} ({}) by {}",
            enrollment.name, enrollment.unit.name, enrollment.unit.id, enrollment.offer.artifact
        );
        self.write(words, |state| {
            Ok(state.service_catalog.enroll(enrollment, token))
        })
    }

    async fn start_update(
        &self,
        product: &ProvisionedProductId,
        offer: &Offer,
        unit: &Unit,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        let words = format!(
            "servicecatalog:UpdateProvisionedProduct {product} into {} ({}) by {}",
            unit.name, unit.id, offer.artifact
        );
        self.write(words, |state| {
            let effect = Effect::Update(unit.id.clone());
            Ok(state.service_catalog.change(product, token, effect))
        })
    }

    async fn start_removal(
        &self,
        product: &ProvisionedProductId,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        let words = format!("servicecatalog:TerminateProvisionedProduct {product}");
        self.write(words, |state| {
            Ok(state.service_catalog.change(product, token, Effect::Remove))
        })
    }
}
