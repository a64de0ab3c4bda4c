//! The world in memory: costs by month, accounts with tags, and objects with conditions on their writes.
//! Its faults: costs that do not agree for a while, plans that are not known yet, a death at the n-th write.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::Metering;
use avm_core::domain::{AccountId, Month};
use avm_core::error::{ErrorName, Failure};
use avm_metering::documents::AccountState;
use avm_metering::money::Amount;
use avm_metering::plan::{Plan, PlanKind};
use avm_metering::ports::{
    Costs, ETag, KnownAccount, KnownAccounts, PlanAnswer, Question, ReportStore, Stored, Swap,
};
use avm_metering::read::{Answer, ControlGroup, CostGroup};
use avm_metering::record::RecordType;
use avm_metering::testing::{account, control_of, settings};
use avm_metering::time::Window;

type Write = Box<dyn Fn(&World)>;

/// Everything outside of the metering.
pub(super) struct World {
    pub(super) settings: RefCell<Metering>,
    pub(super) months: RefCell<BTreeMap<Month, Vec<CostGroup>>>,
    pub(super) plans: RefCell<Vec<Plan>>,
    /// Months whose costs may still change.
    pub(super) estimated: RefCell<BTreeSet<Month>>,
    pub(super) has_plan_data: Cell<bool>,
    /// How many controls say more than the accounts have.
    pub(super) disagreements: Cell<u32>,
    pub(super) accounts: RefCell<BTreeMap<AccountId, KnownAccount>>,
    pub(super) objects: RefCell<BTreeMap<String, Stored>>,
    pub(super) printed: RefCell<Vec<String>>,
    /// What was asked in this run.
    pub(super) asked: RefCell<Vec<String>>,
    pub(super) writes: RefCell<Vec<String>>,
    /// The write of this run at which the function dies.
    pub(super) dies_at: Cell<Option<usize>>,
    /// What somebody else does before a pointer is swapped.
    pub(super) before_swap: RefCell<Option<Write>>,
    etags: Cell<u32>,
    requests: Cell<u32>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            settings: RefCell::new(settings()),
            months: RefCell::default(),
            plans: RefCell::default(),
            estimated: RefCell::default(),
            has_plan_data: Cell::new(true),
            disagreements: Cell::new(0),
            accounts: RefCell::default(),
            objects: RefCell::default(),
            printed: RefCell::default(),
            asked: RefCell::default(),
            writes: RefCell::default(),
            dies_at: Cell::new(None),
            before_swap: RefCell::default(),
            etags: Cell::new(0),
            requests: Cell::new(0),
        }
    }

    /// Costs of a month.
    pub(super) fn costs(&self, month: &str, groups: Vec<CostGroup>) {
        let month = month.parse().unwrap();
        self.months.borrow_mut().insert(month, groups);
    }

    pub(super) fn is_estimated(&self, month: &str) {
        let month = month.parse().unwrap();
        self.estimated.borrow_mut().insert(month);
    }

    /// An account with its tags.
    pub(super) fn account(&self, id: &str, state: AccountState, tags: &[(&str, &str)]) {
        let known = KnownAccount {
            name: format!("account-{}", &id[..3]),
            state,
            tags: tags
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        };
        self.accounts.borrow_mut().insert(account(id), known);
    }

    /// A run begins: it has asked and written nothing.
    pub(super) fn begin(&self) {
        self.requests.set(0);
        self.asked.borrow_mut().clear();
        self.writes.borrow_mut().clear();
        self.printed.borrow_mut().clear();
    }

    pub(super) fn writes(&self) -> usize {
        self.writes.borrow().len()
    }

    fn ask(&self, what: String) -> Result<(), Failure> {
        if self.requests.get() >= self.settings.borrow().max_requests_per_run {
            let words = "no more requests";
            return Err(Failure::new(ErrorName::CostExplorerRequestLimit, words));
        }
        self.requests.set(self.requests.get() + 1);
        self.asked.borrow_mut().push(what);
        Ok(())
    }

    fn answer<Group>(&self, month: Month, groups: Vec<Group>) -> Answer<Group> {
        Answer {
            groups,
            is_estimated: self.estimated.borrow().contains(&month),
        }
    }

    fn groups(&self, month: Month) -> Vec<CostGroup> {
        self.months
            .borrow()
            .get(&month)
            .cloned()
            .unwrap_or_default()
    }

    fn write(&self, key: &str, text: &str) -> Result<(), Failure> {
        let number = self.writes.borrow().len();
        if self.dies_at.get() == Some(number) {
            return Err(Failure::new(ErrorName::ServiceUnavailable, "dead"));
        }
        self.writes.borrow_mut().push(key.to_owned());
        self.place(key, text);
        Ok(())
    }

    /// Puts an object, as anybody may.
    pub(super) fn place(&self, key: &str, text: &str) {
        self.etags.set(self.etags.get() + 1);
        let stored = Stored {
            text: text.to_owned(),
            etag: ETag(self.etags.get().to_string()),
        };
        self.objects.borrow_mut().insert(key.to_owned(), stored);
    }
}

impl Costs for World {
    async fn control(&self, of: Question) -> Result<Answer<ControlGroup>, Failure> {
        self.ask(format!("control {}", of.month))?;
        let mut groups = control_of(&self.groups(of.month));
        if self.disagreements.get() > 0 {
            self.disagreements.set(self.disagreements.get() - 1);
            for group in &mut groups {
                group.cost.amortized += Amount::CENT.times(60);
                group.cost.unblended += Amount::CENT.times(60);
            }
        }
        Ok(self.answer(of.month, groups))
    }

    async fn by_service(
        &self,
        of: Question,
        record_type: &RecordType,
    ) -> Result<Answer<CostGroup>, Failure> {
        self.ask(format!("{record_type} {}", of.month))?;
        let mut groups = self.groups(of.month);
        groups.retain(|group| group.record_type == *record_type);
        Ok(self.answer(of.month, groups))
    }

    async fn rest(
        &self,
        of: Question,
        except: &BTreeSet<&RecordType>,
    ) -> Result<Answer<CostGroup>, Failure> {
        self.ask(format!("rest {}", of.month))?;
        let mut groups = self.groups(of.month);
        groups.retain(|group| !except.contains(&group.record_type));
        Ok(self.answer(of.month, groups))
    }

    async fn reservations(&self, window: Window, service: &str) -> Result<PlanAnswer, Failure> {
        self.ask(format!("{service} until {}", window.end.day()))?;
        let of_service = |plan: &Plan| plan.service.as_deref() == Some(service);
        Ok(self.plan_answer(of_service))
    }

    async fn savings_plans(&self, window: Window) -> Result<PlanAnswer, Failure> {
        self.ask(format!("Savings Plans until {}", window.end.day()))?;
        Ok(self.plan_answer(|plan| plan.kind == PlanKind::SavingsPlan))
    }

    fn requests(&self) -> u32 {
        self.requests.get()
    }
}

impl World {
    fn plan_answer(&self, is_asked: impl Fn(&Plan) -> bool) -> PlanAnswer {
        if !self.has_plan_data.get() {
            return PlanAnswer::NotYet;
        }
        let plans = self.plans.borrow();
        PlanAnswer::Plans(
            plans
                .iter()
                .filter(|plan| is_asked(plan))
                .cloned()
                .collect(),
        )
    }
}

impl KnownAccounts for World {
    async fn list(&self) -> Result<BTreeMap<AccountId, KnownAccount>, Failure> {
        Ok(self.accounts.borrow().clone())
    }
}

impl ReportStore for World {
    async fn find(&self, key: &str) -> Result<Option<Stored>, Failure> {
        Ok(self.objects.borrow().get(key).cloned())
    }

    async fn put(&self, key: &str, text: &str) -> Result<(), Failure> {
        self.write(key, text)
    }

    async fn swap(&self, key: &str, text: &str, was: Option<&ETag>) -> Result<Swap, Failure> {
        let other = self.before_swap.borrow_mut().take();
        if let Some(other) = other {
            other(self);
        }
        let found = self
            .objects
            .borrow()
            .get(key)
            .map(|stored| stored.etag.clone());
        if found.as_ref() != was {
            return Ok(Swap::Changed);
        }
        self.write(key, text)?;
        Ok(Swap::Done)
    }
}
