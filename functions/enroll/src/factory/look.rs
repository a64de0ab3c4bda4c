//! What is to do by the Account Factory: the account's product decides, or its baseline where that says more or is all there is.
//! A product that has never succeeded is taken away and made anew, any other one is applied again.

use std::collections::BTreeMap;

use avm_core::domain::{ParentId, RecordId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::{
    AccountFactory, ProductStatus, ProvisionedProduct, RecordStatus,
};
use avm_core::ports::control_tower::{BaselineStatus, ControlTower, EnabledBaseline};
use avm_core::ports::organizational_units::{Child, OrganizationTree, UnitDirectory};
use avm_core::rules::placement::find_current_parent;
use avm_core::world::World;
use futures_util::future::try_join;

use super::{failure, product_name};
use crate::missing::Missing;
use crate::plan::{Plan, Product};
use crate::{Change, Enrolling, Notes, Purpose};

/// Baselines by the ARNs of their targets.
type Baselines = BTreeMap<String, EnabledBaseline>;

/// Levels of units below the root (Organizations quota); as many targets as Control Tower takes in one question.
const DEEPEST: usize = 5;

impl<W: World> Enrolling<'_, W> {
    /// Begins, or goes on where the last answer has stopped.
    pub(crate) async fn look_at_factory(&self) -> Result<Plan, Failure> {
        match self.call.notes() {
            Some(Notes::Look { queued: true, .. }) => {
                if let Some(words) = self.find_lack_of_room().await? {
                    return Ok(Plan::Queue { words });
                }
            }
            Some(Notes::Record {
                record,
                purpose: Purpose::Remove,
                ..
            }) => {
                if let Some(plan) = self.look_at_record(record, Purpose::Remove).await? {
                    return Ok(plan);
                }
            }
            Some(Notes::Record {
                record, purpose, ..
            }) => return self.follow(record, *purpose).await,
            _ => {}
        }
        self.look_at_account().await
    }

    async fn follow(&self, record: &RecordId, purpose: Purpose) -> Result<Plan, Failure> {
        match self.look_at_record(record, purpose).await? {
            Some(plan) => Ok(plan),
            None => self.settled(self.attempts.change(purpose)).await,
        }
    }

    /// None once the operation has succeeded.
    async fn look_at_record(
        &self,
        id: &RecordId,
        purpose: Purpose,
    ) -> Result<Option<Plan>, Failure> {
        let record = self.open_factory().await?.find_record(id).await?;
        let running = Plan::Follow {
            record: id.clone(),
            purpose,
        };
        Ok(match record {
            None => Some(running),
            Some(record) => match record.status {
                RecordStatus::Running => Some(running),
                RecordStatus::Succeeded => None,
                RecordStatus::Failed => Some(Plan::Failed {
                    purpose,
                    ending: failure::ending(purpose, &record, &self.attempts),
                }),
            },
        })
    }

    async fn look_at_account(&self) -> Result<Plan, Failure> {
        let id = &self.account.account_id;
        let (factory, organization) =
            try_join(self.open_factory(), self.open_organization()).await?;
        let (of_account, parent) = try_join(
            factory.find_of_account(id),
            find_current_parent(&organization, id),
        )
        .await?;
        let product = match of_account {
            Some(product) => Some(product),
            None => factory.find_named(&product_name(id)).await?,
        };
        match product {
            Some(product) => self.look_at_product(&product, &parent).await,
            None => self.look_without_product(parent).await,
        }
    }

    async fn look_without_product(&self, parent: ParentId) -> Result<Plan, Failure> {
        let target = self.account.account_arn.as_str();
        // The unit's is wanted wherever the account has none.
        let unit = self.unit_arn(self.wanted).ok();
        let targets: Vec<&str> = [Some(target), unit.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        let mut baselines = self.open_tower().await?.baselines_on(&targets).await?;
        let of_account = baselines.remove(target);
        let is_drifted = of_account.as_ref().is_some_and(|one| one.is_drifted);
        match of_account.map(|baseline| baseline.status) {
            Some(BaselineStatus::Succeeded) if parent == *self.wanted && !is_drifted => {
                self.nothing_left().await
            }
            Some(BaselineStatus::Succeeded) => self.look_at_strayed(parent).await,
            Some(BaselineStatus::UnderChange) if self.follows_moves() => {
                self.look_at_baseline().await
            }
            Some(BaselineStatus::UnderChange) => Ok(wait_for_baseline()),
            status @ (Some(BaselineStatus::Failed | BaselineStatus::Other(_)) | None) => {
                // What moves have failed at is left to the Account Factory.
                let by_moves = status.is_none() || !self.follows_moves();
                self.plan_enrollment(parent, &baselines, by_moves).await
            }
        }
    }

    /// Enrolled without a product, and drifted or elsewhere. Moves repair it where they enroll accounts, and go on with what
    /// they have begun; the Account Factory has nothing that it could apply again.
    async fn look_at_strayed(&self, parent: ParentId) -> Result<Plan, Failure> {
        let is_in_place = parent == *self.wanted;
        if self.follows_moves() || (is_in_place && self.is_enrolled_by_moves().await?) {
            return self.look_at_baseline().await;
        }
        let (how, remedy) = if is_in_place {
            let how = format!("no longer is as {} says (inheritance drift)", self.wanted);
            (how, "re-register the organizational unit in")
        } else {
            let how = format!("sits in {parent} instead of {}", self.wanted);
            (how, "move the account in the console of")
        };
        let failure = Failure::new(
            ErrorName::EnrolmentNotPossible,
            format!("the account is enrolled without a provisioned product and {how}"),
        );
        Err(failure.with_remedy(format!(
            "{remedy} AWS Control Tower, or set the landing zone's enrollment to auto, then send the request again"
        )))
    }

    async fn look_at_product(
        &self,
        product: &ProvisionedProduct,
        parent: &ParentId,
    ) -> Result<Plan, Failure> {
        let token = self.enrollment_token();
        let is_own = product.token.as_deref() == Some(token.as_str());
        let is_in_place = parent == self.wanted;
        match (&product.status, &product.last_record) {
            (ProductStatus::Available, _) if !product.has_succeeded || !is_in_place => {
                self.plan_update(product, is_in_place).await
            }
            // Enrolled by this execution, which has not heard of it.
            (ProductStatus::Available, _) if is_own => {
                self.settled(self.attempts.change(Purpose::Enroll)).await
            }
            (ProductStatus::Available, _) => self.look_at_enrolled(product).await,
            (
                ProductStatus::UnderChange | ProductStatus::Tainted | ProductStatus::Error,
                Some(record),
            ) if is_own && !product.has_succeeded => self.follow(record, Purpose::Enroll).await,
            (ProductStatus::UnderChange, _) => Ok(Plan::Wait {
                what: format!("{}, which is UNDER_CHANGE", Product::of(product)),
            }),
            (ProductStatus::Tainted | ProductStatus::Error, _) if product.has_succeeded => {
                self.plan_update(product, is_in_place).await
            }
            (ProductStatus::Tainted | ProductStatus::Error, _) => self.plan_removal(product).await,
            (ProductStatus::Other(status), _) => Err(undecided(product, status)),
        }
    }

    /// A product tells how its last operation has ended; what has become of the account since, its baseline tells. Applied
    /// again, the product repairs it (AWS Control Tower User Guide, "Update and move account factory accounts").
    async fn look_at_enrolled(&self, product: &ProvisionedProduct) -> Result<Plan, Failure> {
        let target = self.account.account_arn.as_str();
        let mut baselines = self.open_tower().await?.baselines_on(&[target]).await?;
        match baselines.remove(target) {
            Some(one) if one.status == BaselineStatus::UnderChange => Ok(wait_for_baseline()),
            Some(one) if one.is_drifted || one.status == BaselineStatus::Failed => {
                self.plan_update(product, true).await
            }
            _ => self.nothing_left().await,
        }
    }

    /// The account is as it should be: it was so before, moves have made it so, or an answer of this execution was lost.
    async fn nothing_left(&self) -> Result<Plan, Failure> {
        let change = match self.call.notes() {
            Some(Notes::Baseline { change, .. }) => *change,
            _ if self.attempts.is_first() => Change::None,
            _ => self.attempts.change(Purpose::Repair),
        };
        self.settled(change).await
    }

    /// Whether the last look has left the account to moves.
    fn follows_moves(&self) -> bool {
        matches!(self.call.notes(), Some(Notes::Baseline { .. }))
    }

    async fn plan_enrollment(
        &self,
        from: ParentId,
        baselines: &Baselines,
        by_moves: bool,
    ) -> Result<Plan, Failure> {
        let Some(unit_name) = self.find_registered_unit(Some(baselines)).await? else {
            return Ok(self.wait_for_registration());
        };
        let is_governed = self.is_governed(&from).await?;
        if is_governed && self.attempts.freed {
            return Err(moved_back(&from));
        }
        // Not where this vend has taken something away: then it makes it anew.
        let is_untouched = self.attempts.is_first() && from == *self.wanted;
        if is_governed && is_untouched && by_moves && self.is_enrolled_by_moves().await? {
            return self.look_at_baseline().await;
        }
        Ok(Plan::Enroll {
            unit_name,
            is_governed,
            from,
        })
    }

    /// Where moves enroll accounts, nothing is to be freed: the account is on its way, whoever has moved it there.
    async fn is_enrolled_by_moves(&self) -> Result<bool, Failure> {
        let landing_zone = self.open_tower().await?.find_landing_zone().await?;
        Ok(landing_zone.is_some_and(|zone| zone.enrolls_moved_accounts))
    }

    async fn plan_update(
        &self,
        product: &ProvisionedProduct,
        is_in_place: bool,
    ) -> Result<Plan, Failure> {
        let Some(unit_name) = self.find_registered_unit(None).await? else {
            return Ok(self.wait_for_registration());
        };
        let purpose = if is_in_place {
            Purpose::Repair
        } else {
            Purpose::Move
        };
        Ok(Plan::Update {
            product: Product::of(product),
            purpose,
            unit_name,
        })
    }

    async fn plan_removal(&self, product: &ProvisionedProduct) -> Result<Plan, Failure> {
        if self.find_registered_unit(None).await?.is_none() {
            return Ok(self.wait_for_registration());
        }
        Ok(Plan::Terminate {
            product: Product::of(product),
        })
    }

    /// The name of the unit that an operation needs; none while its registration is being changed. `known` are baselines
    /// that this look has read already, the unit's among them.
    async fn find_registered_unit(
        &self,
        known: Option<&Baselines>,
    ) -> Result<Option<String>, Failure> {
        self.configured()?;
        let arn = self.unit_arn(self.wanted)?;
        let (organization, tower) = try_join(self.open_organization(), self.open_tower()).await?;
        let baselines = async {
            match known {
                Some(known) => Ok(known.clone()),
                None => tower.baselines_on(&[arn.as_str()]).await,
            }
        };
        let name = organization.find_unit_name(self.wanted);
        let (name, baselines) = try_join(name, baselines).await?;
        let name = name.ok_or_else(|| {
            Failure::new(
                ErrorName::UnknownOrganizationalUnit,
                format!("the organization has no unit {}", self.wanted),
            )
        })?;
        let mut missing = Missing::default();
        let is_registered = self.is_registered(baselines.get(&arn), &mut missing);
        missing.check()?;
        Ok(is_registered.then_some(name))
    }

    /// Whether the account sits in a unit that Control Tower governs, or below one: controls are inherited, and let nobody
    /// make the execution role.
    async fn is_governed(&self, parent: &ParentId) -> Result<bool, Failure> {
        let (organization, tower) = try_join(self.open_organization(), self.open_tower()).await?;
        let mut arns = Vec::new();
        let mut at = Some(parent.clone());
        while let Some(unit) = at.filter(|at| !at.is_root() && arns.len() < DEEPEST) {
            if unit == *self.wanted {
                return Ok(true);
            }
            arns.push(self.unit_arn(&unit)?);
            at = organization.find_parent(Child::Unit(&unit)).await?;
        }
        if arns.is_empty() {
            return Ok(false);
        }
        let targets: Vec<&str> = arns.iter().map(String::as_str).collect();
        let baselines = tower.all_baselines_on(&targets).await?;
        Ok(!baselines.is_empty() || tower.has_controls(&targets).await?)
    }
}

fn wait_for_baseline() -> Plan {
    Plan::Wait {
        what: "the baseline of the account, which is UNDER_CHANGE".to_owned(),
    }
}

fn undecided(product: &ProvisionedProduct, status: &str) -> Failure {
    let reason = product
        .message
        .as_deref()
        .map_or(String::new(), |text| format!(": {text}"));
    Failure::new(
        ErrorName::EnrolmentFailed,
        format!("{} is {status}{reason}", Product::of(product)),
    )
    .with_remedy(
        "bring the provisioned product to AVAILABLE in Service Catalog or terminate it, then send the request again",
    )
}

/// Two who move one account undo each other's work: the other one has to let it be.
fn moved_back(to: &ParentId) -> Failure {
    let cause = format!(
        "this vend moved the account to the root, to enroll it from there, and somebody has moved it back to {to}"
    );
    Failure::new(ErrorName::EnrolmentNotPossible, cause).with_remedy(
        "let only one move the account: in the landing zone of meshStack name the root of the organization (r-…) as the \
         target organizational unit and leave its own enrollment off; or switch on automatic enrollment in AWS Control \
         Tower and set the landing zone's enrollment to auto; then send the request again",
    )
}
