//! The services of the world in memory, behind the ports of the step.
//! A start under a token that is known starts nothing and answers the same record.

use std::collections::BTreeMap;

use avm_core::domain::{
    AccountId, OperationId, ParentId, ProductId, ProvisionedProductId, RecordId,
};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::{
    AccountFactory, Artifact, Enrollment, LaunchPath, Offer, ProductStatus, ProvisionedProduct,
    Record, RecordStatus, Start, Unit,
};
use avm_core::ports::control_tower::{
    BaselineStatus, ControlTower, EnabledBaseline, LandingZoneState,
};
use avm_core::ports::organizational_units::{
    Child, Move, OrganizationTree, OrganizationalUnit, OrganizationalUnits, UnitCreation,
    UnitDirectory,
};
use avm_core::testing::account;

use super::world::{
    DEEP, Effect, Operation, ROOT, Shows, State, WORKLOADS, World, child_of, parent, unit_arn,
};

impl World {
    fn start(
        &self,
        words: String,
        token: &OperationId,
        effect: Effect,
        made: Option<ProvisionedProduct>,
    ) -> Result<Start, Failure> {
        if let Some(known) = self
            .state()
            .operations
            .iter()
            .find(|one| one.token == *token)
        {
            return Ok(Start::Started(known.id.clone()));
        }
        self.write(words, |state| {
            if let Some(refusal) = state.refusal.clone() {
                return Err(refusal);
            }
            if state.refused_starts > 0 {
                state.refused_starts -= 1;
                return Ok(Start::Busy(
                    "the allowed maximum of 5 is exceeded".to_owned(),
                ));
            }
            let id: RecordId = format!("rec-{}", state.operations.len() + 1)
                .parse()
                .unwrap();
            let product = made.or_else(|| state.product.take()).unwrap();
            let product = state.product.insert(product);
            product.status = ProductStatus::UnderChange;
            product.last_record = Some(id.clone());
            state.operations.push(Operation {
                id: id.clone(),
                token: token.clone(),
                effect,
                record: Record {
                    status: RecordStatus::Running,
                    errors: Vec::new(),
                },
            });
            Ok(Start::Started(id))
        })
    }

    fn has(&self, id: &ProvisionedProductId) -> bool {
        let state = self.state();
        let is_this = state
            .product
            .as_ref()
            .is_some_and(|product| product.id == *id);
        is_this && state.shows != Shows::Still
    }
}

impl AccountFactory for World {
    async fn find_artifacts(&self, _: &ProductId) -> Result<Option<Vec<Artifact>>, Failure> {
        Ok(self.read().artifacts.clone())
    }

    async fn list_launch_paths(&self, _: &ProductId) -> Result<Vec<LaunchPath>, Failure> {
        Ok(self.read().paths.clone())
    }

    async fn find_of_account(&self, _: &AccountId) -> Result<Option<ProvisionedProduct>, Failure> {
        let state = self.read();
        let shows = matches!(state.shows, Shows::Everywhere | Shows::Still);
        Ok(state.product.clone().filter(|_| shows))
    }

    async fn find_named(&self, name: &str) -> Result<Option<ProvisionedProduct>, Failure> {
        let state = self.read();
        let product = state
            .product
            .clone()
            .filter(|_| state.shows != Shows::Nowhere);
        Ok(product.filter(|product| product.name == name))
    }

    async fn count_under_change(&self) -> Result<usize, Failure> {
        let state = self.read();
        let own = state.product.iter();
        let own = own.filter(|one| one.status == ProductStatus::UnderChange);
        Ok(state.other_products_under_change + own.count())
    }

    async fn find_record(&self, record: &RecordId) -> Result<Option<Record>, Failure> {
        let state = self.read();
        let found = state.operations.iter().find(|one| one.id == *record);
        Ok(found.map(|one| one.record.clone()))
    }

    async fn start_enrollment(
        &self,
        enrollment: &Enrollment<'_>,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        let is_known = self
            .state()
            .operations
            .iter()
            .any(|one| one.token == *token);
        if self.state().product.is_some() && !is_known {
            return Ok(Start::NameTaken);
        }
        let words = format!(
            "enroll {} as {} into {} ({}) by {}",
            enrollment.account.account_id,
            enrollment.name,
            enrollment.unit.name,
            enrollment.unit.id,
            enrollment.offer.artifact
        );
        let number = self.state().operations.len();
        let made = ProvisionedProduct {
            id: format!("pp-made-{number}").parse().unwrap(),
            name: enrollment.name.to_owned(),
            status: ProductStatus::UnderChange,
            message: None,
            last_record: None,
            has_succeeded: false,
            token: Some(token.as_str().to_owned()),
        };
        let effect = Effect::Enroll(enrollment.unit.id.clone());
        self.start(words, token, effect, Some(made))
    }

    async fn start_update(
        &self,
        product: &ProvisionedProductId,
        offer: &Offer,
        unit: &Unit,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        if !self.has(product) {
            return Ok(Start::Gone);
        }
        let words = format!(
            "update {product} into {} ({}) by {}",
            unit.name, unit.id, offer.artifact
        );
        self.start(words, token, Effect::Update(unit.id.clone()), None)
    }

    async fn start_removal(
        &self,
        product: &ProvisionedProductId,
        token: &OperationId,
    ) -> Result<Start, Failure> {
        if !self.has(product) {
            return Ok(Start::Gone);
        }
        self.start(format!("remove {product}"), token, Effect::Remove, None)
    }
}

impl ControlTower for World {
    async fn baselines_on(
        &self,
        targets: &[&str],
    ) -> Result<BTreeMap<String, EnabledBaseline>, Failure> {
        let state = self.read();
        let units = state.units.keys().filter_map(|unit| {
            let baseline = state.baseline_of(unit)?;
            Some((unit_arn(unit), baseline))
        });
        let of_account = state
            .baseline
            .clone()
            .map(|one| (account().account_arn, one));
        let all = units.chain(of_account);
        Ok(all
            .filter(|(target, _)| targets.contains(&target.as_str()))
            .collect())
    }

    async fn count_accounts_under_change(&self) -> Result<usize, Failure> {
        let state = self.read();
        let own = state.baseline.iter();
        let own = own.filter(|one| one.status == BaselineStatus::UnderChange);
        Ok(state.other_accounts_under_change + own.count())
    }

    async fn find_landing_zone(&self) -> Result<Option<LandingZoneState>, Failure> {
        Ok(self.read().landing_zone.clone())
    }

    async fn find_operation_message(&self, _: &str) -> Result<Option<String>, Failure> {
        let message = self.read().operation_message.clone();
        message
            .map(Some)
            .ok_or_else(|| Failure::new(ErrorName::AccessDenied, "not authorized"))
    }
}

impl UnitDirectory for World {
    async fn find_unit_name(&self, unit: &ParentId) -> Result<Option<String>, Failure> {
        let is_there = self.read().units.contains_key(unit);
        Ok(is_there.then(|| format!("Unit {}", &unit.as_str()[15..])))
    }
}

impl OrganizationTree for World {
    async fn find_root(&self) -> Result<ParentId, Failure> {
        self.state().reads += 1;
        Ok(parent(ROOT))
    }

    async fn list_units(&self, _: &ParentId) -> Result<Vec<OrganizationalUnit>, Failure> {
        panic!("the step walks through no tree")
    }

    async fn find_parent(&self, child: Child<'_>) -> Result<Option<ParentId>, Failure> {
        let state = self.read();
        Ok(Some(match child {
            Child::Account(_) => state.account_in.clone(),
            Child::Unit(unit) if unit.as_str() == DEEP => parent(WORKLOADS),
            Child::Unit(_) => parent(ROOT),
        }))
    }
}

impl OrganizationalUnits for World {
    async fn create_unit(&self, _: &ParentId, _: &str) -> Result<UnitCreation, Failure> {
        panic!("the step makes no units")
    }

    async fn move_account(
        &self,
        _: &AccountId,
        from: &ParentId,
        to: &ParentId,
    ) -> Result<Move, Failure> {
        self.write(format!("move to {to}"), |state| {
            if !to.is_root() && !state.units.contains_key(to) {
                return Ok(Move::DestinationGone);
            }
            if state.account_in != *from && state.account_in != *to {
                return Ok(Move::SourceGone);
            }
            state.account_in = to.clone();
            state.follow_move();
            Ok(Move::Arrived)
        })
    }
}

impl State {
    /// With automatic enrollment on, a move changes the account's baseline.
    fn follow_move(&mut self) {
        let enrolls = self
            .landing_zone
            .as_ref()
            .is_some_and(|zone| zone.enrolls_moved_accounts);
        if enrolls && self.is_registered(&self.account_in) {
            self.baseline = Some(child_of(
                self.account_in.as_str(),
                BaselineStatus::UnderChange,
            ));
        }
    }
}
