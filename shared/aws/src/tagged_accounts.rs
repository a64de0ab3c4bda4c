//! Accounts by their tags, through the tagging service: a hundred a call, where AWS Organizations tells one.
//! Accounts that were never tagged do not appear there (API reference, GetResources).

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::json::{Global, refusal};
use crate::organizations::incomplete;
use crate::plain::Service;
use avm_core::domain::AccountId;
use avm_core::error::Failure;
use avm_core::ports::account_tags::TaggedAccounts;

const TAGGING: Service = Service {
    id: "Resource Groups Tagging API",
    signing_name: "tagging",
    version: "2017-01-26",
    signs_as_s3: false,
    refusal,
};
const TARGET: &str = "ResourceGroupsTaggingAPI_20170126";
const GET_RESOURCES: &str = "tag:GetResources";
/// The most that AWS answers at a time.
const ACCOUNTS_OF_A_PAGE: u32 = 100;

/// The organization of the configuration's credentials.
pub struct TaggingService {
    tagging: Global,
}

impl TaggingService {
    /// The organization that the configuration's credentials belong to. Its accounts are resources of the partition's own region.
    pub fn of(configuration: &SdkConfig, partition: &str) -> Self {
        Self {
            tagging: Global::of(TAGGING, TARGET, configuration.clone(), partition),
        }
    }
}

impl TaggedAccounts for TaggingService {
    async fn find(
        &self,
        tags: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<AccountId, BTreeMap<String, String>>, Failure> {
        let mut query = json!({
            "ResourceTypeFilters": ["organizations:account"],
            "ResourcesPerPage": ACCOUNTS_OF_A_PAGE,
        });
        if !tags.is_empty() {
            let filters = tags
                .iter()
                .map(|(key, value)| json!({"Key": key, "Values": [value]}));
            query["TagFilters"] = Value::Array(filters.collect());
        }
        let mut found = BTreeMap::new();
        loop {
            let page: Page = self.tagging.call(GET_RESOURCES, &query).await?;
            for resource in page.resource_tag_mapping_list {
                let id = resource.resource_arn.rsplit('/').next();
                let Some(Ok(id)) = id.map(str::parse::<AccountId>) else {
                    return Err(incomplete(GET_RESOURCES, "the ARN of an account"));
                };
                let tags = resource.tags.into_iter().map(|tag| (tag.key, tag.value));
                found.insert(id, tags.collect());
            }
            match page.pagination_token.filter(|token| !token.is_empty()) {
                Some(token) => query["PaginationToken"] = token.into(),
                None => return Ok(found),
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    pagination_token: Option<String>,
    #[serde(default)]
    resource_tag_mapping_list: Vec<Tagged>,
}

#[derive(Deserialize)]
struct Tagged {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    #[serde(rename = "Tags", default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Call, Reply, answering};

    #[tokio::test]
    async fn accounts_are_asked_for_by_all_of_their_tags_at_once() {
        let (configuration, calls) = answering(|_: &Call| {
            let arn = "arn:aws:organizations::111111111111:account/o-abc/222222222222";
            let tag = json!({"Key": "avm:workspace", "Value": "space"});
            let page = json!({"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": [tag]}]});
            Reply::Said(200, page.to_string())
        });
        let wanted = [("avm:workspace", "space"), ("avm:project", "shop")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let tagging = TaggingService::of(&configuration, "aws");
        let found = tagging.find(&wanted.into()).await.unwrap();
        let (id, tags) = found.first_key_value().unwrap();
        assert_eq!(
            (id.as_str(), &*tags["avm:workspace"]),
            ("222222222222", "space")
        );
        let calls = calls.lock().unwrap();
        let body: Value = serde_json::from_str(&calls[0].body).unwrap();
        let filters = json!([
            {"Key": "avm:project", "Values": ["shop"]},
            {"Key": "avm:workspace", "Values": ["space"]},
        ]);
        assert_eq!(body["TagFilters"], filters);
        assert_eq!(calls[0].uri, "https://tagging.us-east-1.amazonaws.com/");
    }
}
