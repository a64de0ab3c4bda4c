//! The product of the Account Factory as it is offered to the enrollment role: its version, and the path to it.
//! Only that role can see it, so that a plan which is made through another role does not ask.

use avm_core::domain::{AccountFactoryUser, ArtifactId, LaunchPathId, ProductId};
use avm_core::error::Failure;
use avm_core::ports::account_factory::{AccountFactory, Artifact, LaunchPath, Offer};
use avm_core::world::World;
use futures_util::future::try_join;

use crate::Enrolling;
use crate::missing::Missing;

impl<W: World> Enrolling<'_, W> {
    /// What the platform document says of the Account Factory; fails with everything that it lacks.
    pub(super) fn configured(&self) -> Result<(&ProductId, &AccountFactoryUser), Failure> {
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
        Err(missing.into_failure())
    }

    /// What the role is offered; fails with everything that is missing.
    pub(super) async fn find_offer(&self) -> Result<Offer, Failure> {
        let (product, _) = self.configured()?;
        let factory = self.open_factory().await?;
        let (artifacts, paths) = try_join(
            factory.find_artifacts(product),
            factory.list_launch_paths(product),
        )
        .await?;
        let mut missing = Missing::default();
        let artifact = choose_artifact(product, artifacts, &mut missing);
        let path = choose_path(product, &paths, &mut missing);
        match (artifact, path) {
            (Some(artifact), Some(path)) => Ok(Offer {
                product: product.clone(),
                artifact,
                path,
            }),
            _ => Err(missing.into_failure()),
        }
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
