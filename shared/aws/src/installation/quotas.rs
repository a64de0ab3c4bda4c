//! Quotas as Service Quotas tells them: by their names, since AWS says that their codes may change.
//! A quota of a service that lies in one place is asked for there.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::Installation;
use crate::json::{Global, global_region, refusal};
use crate::plain::Service;
use avm_core::error::Failure;

const QUOTAS: Service = Service {
    id: "Service Quotas",
    signing_name: "servicequotas",
    version: "2019-06-24",
    signs_as_s3: false,
    refusal,
};
const TARGET: &str = "ServiceQuotasV20190624";
const LIST: &str = "servicequotas:ListServiceQuotas";

/// The quotas of one service, by their names in small letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quotas(BTreeMap<String, u64>);

impl Quotas {
    /// The quota whose name has all these words.
    #[must_use]
    pub fn named(&self, words: &[&str]) -> Option<u64> {
        let mut quotas = self.0.iter();
        quotas
            .find(|(name, _)| words.iter().all(|word| name.contains(word)))
            .map(|(_, value)| *value)
    }
}

impl FromIterator<(String, u64)> for Quotas {
    fn from_iter<Pairs: IntoIterator<Item = (String, u64)>>(pairs: Pairs) -> Self {
        let pairs = pairs.into_iter();
        Self(
            pairs
                .map(|(name, value)| (name.to_lowercase(), value))
                .collect(),
        )
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    quotas: Vec<Quota>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Quota {
    quota_name: String,
    value: f64,
}

impl Installation {
    /// The quotas of a service in the region of the installation, as they apply to the account.
    pub async fn quotas(&self, service: &str) -> Result<Quotas, Failure> {
        let client = Global::in_region(QUOTAS, TARGET, self.configuration.clone(), &self.region);
        list(&client, service).await
    }

    /// The quotas of AWS Organizations, which has them in one place.
    pub async fn quotas_of_the_organization(&self) -> Result<Quotas, Failure> {
        let partition = self.region.partition();
        let region = global_region(partition).parse();
        let region = region.unwrap_or_else(|_| self.region.clone());
        let client = Global::in_region(QUOTAS, TARGET, self.configuration.clone(), &region);
        list(&client, "organizations").await
    }
}

async fn list(client: &Global, service: &str) -> Result<Quotas, Failure> {
    let mut found = Vec::new();
    let mut request = json!({"ServiceCode": service});
    loop {
        let page: Page = client.call(LIST, &request).await?;
        found.extend(page.quotas.into_iter().map(whole));
        match page.next_token {
            Some(token) => request["NextToken"] = token.into(),
            None => return Ok(found.into_iter().collect()),
        }
    }
}

/// Quotas are numbers with a point; those that count things are whole.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A negative one would be none.
fn whole(quota: Quota) -> (String, u64) {
    (quota.quota_name, quota.value as u64)
}
