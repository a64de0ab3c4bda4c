//! What has to be there before anything is written: the configuration, the product, its version and path, the unit.
//! Everything that is missing is told at once, with what to do about it.

use std::ops::ControlFlow;

use avm_core::config::AccountFactoryUser;
use avm_core::domain::{ArtifactId, LaunchPathId, ParentId, ProductId};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::{AccountFactory, Artifact, LaunchPath, Offer, Unit};
use avm_core::ports::control_tower::{BaselineStatus, ControlTower, EnabledBaseline};
use avm_core::ports::organizational_units::UnitDirectory;
use futures_util::future::{try_join, try_join4};

use crate::room::queued;
use crate::{Attempts, Step, StepAnswer, Ways, look_again};

/// What the preflight has found.
pub(crate) enum Preflight<T> {
    /// All is there.
    Ready(T),
    /// Not yet.
    Wait(String),
}

/// What the Account Factory is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ready<'a> {
    pub(crate) offer: Offer,
    pub(crate) unit: Unit,
    pub(crate) user: &'a AccountFactoryUser,
}

/// What is missing, with its remedy.
#[derive(Default)]
struct Missing(Vec<(String, &'static str)>);

impl Missing {
    fn add(&mut self, cause: impl Into<String>, remedy: &'static str) {
        self.0.push((cause.into(), remedy));
    }

    /// One failure for all; none if nothing is missing.
    fn into_failure(self) -> Option<Failure> {
        let (causes, remedies): (Vec<String>, Vec<&str>) = self.0.into_iter().unzip();
        (!causes.is_empty()).then(|| {
            Failure::new(ErrorName::EnrolmentNotPossible, causes.join("; ")).with_remedy(format!(
                "{}, then send the request again",
                remedies.join(", and ")
            ))
        })
    }
}

/// How a unit stands with Control Tower.
enum Registration {
    Registered,
    UnderChange,
    Not(String),
}

impl Registration {
    fn of(unit: &ParentId, baseline: Option<&EnabledBaseline>) -> Self {
        match baseline.map(|baseline| &baseline.status) {
            Some(BaselineStatus::Succeeded) => Self::Registered,
            Some(BaselineStatus::UnderChange) => Self::UnderChange,
            Some(BaselineStatus::Failed) => Self::Not(format!(
                "the registration of {unit} with AWS Control Tower has FAILED"
            )),
            Some(BaselineStatus::Other(status)) => Self::Not(format!(
                "the registration of {unit} with AWS Control Tower is {status}"
            )),
            None => Self::Not(format!("{unit} is not registered with AWS Control Tower")),
        }
    }
}

const REGISTER: &str = "register the organizational unit in AWS Control Tower, or name a registered one in the landing zone";

impl<W: Ways> Step<'_, W> {
    /// Looks whether the Account Factory can do what it is to be asked for.
    ///
    /// # Errors
    /// `EnrolmentNotPossible` with everything that is missing, `UnknownOrganizationalUnit`; those of the reads.
    pub(crate) async fn of_factory(&self) -> Result<Preflight<Ready<'_>>, Failure> {
        let (product, user) = self.configured()?;
        let arn = self.unit_arn(self.wanted)?;
        let (artifacts, paths, name, baselines) = try_join4(
            self.ways.factory().find_artifacts(product),
            self.ways.factory().list_launch_paths(product),
            self.ways.organization().find_unit_name(self.wanted),
            self.ways.tower().baselines_on(&[&arn]),
        )
        .await?;
        let Some(name) = name else {
            return Err(Failure::new(
                ErrorName::UnknownOrganizationalUnit,
                format!("the organization has no unit {}", self.wanted),
            ));
        };
        let mut missing = Missing::default();
        let artifact = choose_artifact(product, artifacts, &mut missing);
        let path = choose_path(product, &paths, &mut missing);
        let registration = Registration::of(self.wanted, baselines.get(&arn));
        if let Registration::Not(cause) = &registration {
            missing.add(cause, REGISTER);
        }
        if let Some(failure) = missing.into_failure() {
            return Err(failure);
        }
        let (Registration::Registered, Some(artifact), Some(path)) = (registration, artifact, path)
        else {
            return Ok(Preflight::Wait(self.under_change()));
        };
        Ok(Preflight::Ready(Ready {
            offer: Offer {
                product: product.clone(),
                artifact,
                path,
            },
            unit: Unit {
                id: self.wanted.clone(),
                name,
            },
            user,
        }))
    }

    /// The same, and whether Control Tower has room for one more operation; what is missing is waited for.
    ///
    /// # Errors
    /// See [`Step::of_factory`].
    pub(crate) async fn of_operation(
        &self,
        attempts: &Attempts,
    ) -> Result<ControlFlow<StepAnswer, Ready<'_>>, Failure> {
        let (preflight, lack) = try_join(self.of_factory(), self.find_lack_of_room()).await?;
        Ok(match (preflight, lack) {
            (Preflight::Wait(what), _) => ControlFlow::Break(look_again(what, attempts.clone())),
            (Preflight::Ready(_), Some(words)) => {
                ControlFlow::Break(queued(&words, attempts.clone()))
            }
            (Preflight::Ready(ready), None) => ControlFlow::Continue(ready),
        })
    }

    fn configured(&self) -> Result<(&ProductId, &AccountFactoryUser), Failure> {
        let product = self.settings.account_factory_product_id.as_ref();
        let user = self.settings.single_sign_on_user.as_ref();
        if let (Some(product), Some(user)) = (product, user) {
            return Ok((product, user));
        }
        let mut missing = Missing::default();
        if product.is_none() {
            missing.add(
                "the platform document has no controlTower.accountFactoryProductId",
                "put the id of the Account Factory's product into the platform document",
            );
        }
        if user.is_none() {
            missing.add(
                "the platform document has no controlTower.singleSignOnUser",
                "put the Identity Center user of the Account Factory into the platform document",
            );
        }
        Err(missing.into_failure().unwrap_or_else(|| {
            Failure::new(
                ErrorName::EnrolmentNotPossible,
                "the platform document is incomplete",
            )
        }))
    }

    /// Looks whether a move into the unit would enroll the account.
    ///
    /// # Errors
    /// `EnrolmentNotPossible` with everything that is missing; those of the reads.
    pub(crate) async fn of_landing_zone(
        &self,
        unit: Option<&EnabledBaseline>,
    ) -> Result<Preflight<()>, Failure> {
        let mut missing = Missing::default();
        match self.ways.tower().find_landing_zone().await? {
            None => missing.add(
                format!("AWS Control Tower has no landing zone in {}", self.settings.region),
                "set up the landing zone, or correct controlTower.region in the platform document",
            ),
            Some(state) if !state.enrolls_moved_accounts => missing.add(
                format!(
                    "the landing zone (version {}) does not enroll accounts that are moved into a registered unit",
                    state.version
                ),
                "switch on automatic enrollment (remediation of inheritance drift, landing zone 3.1 or later) in AWS Control \
                 Tower, or set the landing zone's enrollment to service-catalog",
            ),
            Some(_) => {}
        }
        let registration = Registration::of(self.wanted, unit);
        if let Registration::Not(cause) = &registration {
            missing.add(cause, REGISTER);
        }
        match (missing.into_failure(), registration) {
            (Some(failure), _) => Err(failure),
            (None, Registration::UnderChange) => Ok(Preflight::Wait(self.under_change())),
            (None, _) => Ok(Preflight::Ready(())),
        }
    }

    /// The ARN of a unit of the account's organization.
    ///
    /// # Errors
    /// `EnrolmentNotPossible` for the root, which cannot be registered.
    pub(crate) fn unit_arn(&self, unit: &ParentId) -> Result<String, Failure> {
        self.account.unit_arn(unit).ok_or_else(|| {
            let cause = if unit.is_root() {
                "the root of the organization cannot be registered with AWS Control Tower"
            } else {
                "the account's ARN does not tell the ARNs of the organization's units"
            };
            Failure::new(ErrorName::EnrolmentNotPossible, cause)
                .with_remedy("name a registered organizational unit in the landing zone")
        })
    }

    fn under_change(&self) -> String {
        format!("the registration of {}, which is UNDER_CHANGE", self.wanted)
    }
}

/// An active version, a recommended one first, of these the newest.
fn choose_artifact(
    product: &ProductId,
    artifacts: Option<Vec<Artifact>>,
    missing: &mut Missing,
) -> Option<ArtifactId> {
    let Some(artifacts) = artifacts else {
        missing.add(
            format!("the product {product} does not exist in Service Catalog"),
            "correct controlTower.accountFactoryProductId or controlTower.region in the platform document",
        );
        return None;
    };
    let active = artifacts.into_iter().filter(|artifact| artifact.is_active);
    let chosen = active.max_by_key(|artifact| (!artifact.is_deprecated, artifact.made_at));
    if chosen.is_none() {
        missing.add(
            format!("the product {product} has no active version"),
            "activate a version of the Account Factory's product",
        );
    }
    chosen.map(|artifact| artifact.id)
}

fn choose_path(
    product: &ProductId,
    paths: &[LaunchPath],
    missing: &mut Missing,
) -> Option<LaunchPathId> {
    let names: Vec<&str> = paths.iter().map(|path| path.name.as_str()).collect();
    match paths {
        [only] => Some(only.id.clone()),
        [] => {
            missing.add(
                format!("the enrollment role has no launch path to the product {product}"),
                "make the enrollment role a principal of the Account Factory's portfolio and repair drift of the landing zone",
            );
            None
        }
        _ => {
            missing.add(
                format!(
                    "the enrollment role has several launch paths to the product {product}: {}",
                    names.join(", ")
                ),
                "leave the enrollment role a principal of one portfolio with the product",
            );
            None
        }
    }
}
