//! Makes the change sets of a plan, and executes them. What a new stack needs of another one that is not there yet, it gets when it
//! is its turn: such a stack is shown with a change set that is made anew, or with what its template has.

use std::collections::BTreeMap;
use std::path::Path;

use avm_aws::SdkConfig;
use avm_aws::installation::{Change, ChangeSet, Proposal, Stack, TemplateBody};
use avm_aws::s3::Bucket;
use avm_core::domain::{MachineName, Region};
use avm_core::error::Failure;
use tokio::task::JoinSet;

use super::package::{Place, Template};
use super::plan::{self, Deployment, EXTERNAL_IDS, MACHINE, PACKAGE, SECRETS, Values, Whose, Wish};
use super::smoke_test;
use super::standing::{Accounts, Standing};
use super::tell::{Does, Row};
use crate::answer::Answer;
use crate::exit::Stop;

/// So many objects are uploaded at a time.
const UPLOADS: usize = 4;

/// What would become of a stack.
pub enum Prepared {
    Settled,
    Changes(ChangeSet),
    /// Shown, and made anew when the secrets are there.
    Preview(Vec<Change>),
    /// So many resources, when the bucket is there.
    Later(usize),
}

pub type Plan = Vec<(Deployment, Prepared)>;

/// One run.
pub struct Deployer<'a> {
    pub package: &'a Path,
    pub accounts: &'a Accounts,
    pub bucket: Option<String>,
    pub configuration: SdkConfig,
    pub region: &'a Region,
    pub machine: MachineName,
    pub standing: Standing,
    pub wishes: &'a [Wish],
    pub tags: BTreeMap<String, String>,
}

impl Deployer<'_> {
    /// A parameter that no template has is a slip of the pen.
    pub fn check_wishes(&self, wishes: &[Wish], chosen: &[Deployment]) -> Result<(), String> {
        let mut unused: Vec<&Wish> = wishes.iter().collect();
        for deployment in chosen {
            let template = Template::read(self.package, deployment.template)?;
            let declared = template.parameters();
            unused.retain(|wish| {
                !(wish.of_stack(deployment.stack) && declared.contains(wish.key.as_str()))
            });
        }
        match unused.first() {
            Some(wish) => Err(format!("no template has the parameter {}", wish.key)),
            None => Ok(()),
        }
    }

    /// Without a bucket that is there or is made, what needs one cannot be deployed: that is not to be found out half way.
    pub fn check_bucket(&self, chosen: &[Deployment]) -> Result<(), String> {
        if self.bucket.is_some() || chosen.iter().any(|one| one.stack == PACKAGE) {
            return Ok(());
        }
        for deployment in chosen {
            if Template::read(self.package, deployment.template)?.needs_bucket() {
                return Err(needs_bucket(&deployment.name(&self.machine)));
            }
        }
        Ok(())
    }

    /// A change set for each stack, as far as it can be made now.
    pub async fn prepare_all(&self, chosen: &[Deployment]) -> Result<Plan, Stop> {
        let mut plan = Vec::new();
        for deployment in chosen {
            match self.prepare(deployment, true).await {
                Ok(prepared) => plan.push((*deployment, prepared)),
                Err(stop) => {
                    self.discard(&plan).await;
                    return Err(stop);
                }
            }
        }
        Ok(plan)
    }

    fn there(&self, deployment: &Deployment) -> Option<&Stack> {
        let name = deployment.name(&self.machine);
        self.standing.stacks[&deployment.of].get(&name)
    }

    async fn prepare(&self, deployment: &Deployment, to_show: bool) -> Result<Prepared, Stop> {
        let stack = deployment.name(&self.machine);
        let there = self.there(deployment);
        if let Some(reason) = there.and_then(|there| plan::refusal(&stack, &there.status)) {
            return Err(Stop::Usage(reason));
        }
        let template = Template::read(self.package, deployment.template)?;
        let values = Values {
            accounts: &self.standing.ids,
            external_ids: &self.standing.external_ids,
            wishes: self.wishes,
        };
        let declared = template.parameters();
        let (parameters, is_preview) = plan::parameters(deployment, &declared, there, &values);
        if is_preview && !(to_show && there.is_none()) {
            let secrets = SECRETS.join(", ");
            return Err(Stop::Usage(format!(
                "stack {stack} needs the secrets {secrets} of the automation account, and one of them is missing"
            )));
        }
        let body = match (template.needs_bucket(), &self.bucket) {
            (false, _) => TemplateBody::Text(template.text.clone()),
            (true, Some(bucket)) => TemplateBody::Url(self.upload(&template, bucket).await?),
            (true, None) if to_show && there.is_none() => {
                return Ok(Prepared::Later(template.resources().len()));
            }
            (true, None) => {
                return Err(Stop::Usage(needs_bucket(&stack)));
            }
        };
        let proposal = Proposal {
            stack,
            is_new: there.is_none(),
            template: body,
            parameters,
            tags: self.tags.clone(),
        };
        let account = &self.accounts[&deployment.of];
        Ok(match account.propose(&proposal).await? {
            None => Prepared::Settled,
            Some(found) if is_preview => {
                account.discard(&found).await?;
                Prepared::Preview(found.changes)
            }
            Some(found) => Prepared::Changes(found),
        })
    }

    /// Answers the address of the template.
    async fn upload(&self, template: &Template, name: &str) -> Result<String, Stop> {
        let place = Place {
            bucket: name,
            region: self.region,
        };
        let objects = template.packed(&place)?;
        let last = objects.last().map(|object| place.url(&object.key));
        let bucket = Bucket::of(
            self.configuration.clone(),
            self.region.clone(),
            name.to_owned(),
        );
        let uploads = objects.into_iter().map(|object| {
            let bucket = bucket.clone();
            async move { bucket.keep(&object.key, &object.contents).await }
        });
        a_few_at_a_time(uploads).await?;
        Ok(last.unwrap_or_default())
    }

    /// Takes away what was only made to be shown. It hinders nothing if it stays.
    pub async fn discard(&self, plan: &Plan) {
        for (deployment, prepared) in plan {
            if let Prepared::Changes(found) = prepared {
                let _ = self.accounts[&deployment.of].discard(found).await;
            }
        }
    }

    /// Deploys one stack after the other, and tells what was done.
    pub async fn apply(&mut self, plan: Plan, answer: &mut Answer) -> Result<(), Stop> {
        let mut left: Plan = plan.into_iter().rev().collect();
        while let Some((deployment, prepared)) = left.pop() {
            if let Err(stop) = self.apply_one(&deployment, prepared, answer).await {
                self.discard(&left).await;
                return Err(stop);
            }
        }
        Ok(())
    }

    async fn apply_one(
        &mut self,
        deployment: &Deployment,
        prepared: Prepared,
        answer: &mut Answer,
    ) -> Result<(), Stop> {
        let prepared = match prepared {
            Prepared::Preview(_) | Prepared::Later(_) => self.prepare(deployment, false).await?,
            prepared => prepared,
        };
        let row = self.row(deployment, &prepared);
        if let Prepared::Changes(found) = &prepared {
            anstream::eprintln!("{} …", row.what());
            let account = &self.accounts[&deployment.of];
            account.execute(found).await?;
            self.standing.read_stacks(deployment.of, account).await?;
        }
        row.tell(true, answer);
        match deployment.stack {
            EXTERNAL_IDS => self.read_external_ids().await?,
            PACKAGE => self.bucket = self.standing.output(PACKAGE, "BucketName"),
            _ => {}
        }
        Ok(())
    }

    async fn read_external_ids(&mut self) -> Result<(), Stop> {
        for secret in SECRETS {
            if let Some(id) = self.accounts[&Whose::Automation]
                .external_id(secret)
                .await?
            {
                self.standing.external_ids.insert(secret, id);
            }
        }
        Ok(())
    }

    /// Where the smoke test is done.
    pub fn place<'here>(&'here self, management_profile: &'here str) -> smoke_test::Place<'here> {
        smoke_test::Place {
            own: self.configuration.clone(),
            region: self.region,
            automation: &self.accounts[&Whose::Automation],
            management: &self.accounts[&Whose::Management],
            management_profile,
            of_vends: self
                .standing
                .output(MACHINE, "StateMachineArn")
                .unwrap_or_default(),
        }
    }

    pub fn row(&self, deployment: &Deployment, prepared: &Prepared) -> Row {
        let is_new = self.there(deployment).is_none();
        let (does, changes, later) = match prepared {
            Prepared::Settled => (Does::Nothing, &[][..], 0),
            Prepared::Changes(found) => (Does::of(is_new), found.changes.as_slice(), 0),
            Prepared::Preview(changes) => (Does::Creates, changes.as_slice(), 0),
            Prepared::Later(number) => (Does::Creates, &[][..], *number),
        };
        Row {
            stack: deployment.name(&self.machine),
            of: deployment.of,
            account: self.standing.ids[&deployment.of].clone(),
            region: self.region.clone(),
            does,
            changes: changes.to_vec(),
            later,
        }
    }
}

fn needs_bucket(stack: &str) -> String {
    format!(
        "stack {stack} needs a bucket for its functions, and there is none. Remedy: name one of the automation account (--bucket)"
    )
}

/// Does all of this, a few at a time; after a failure nothing more is begun.
async fn a_few_at_a_time<Work>(all: impl IntoIterator<Item = Work>) -> Result<(), Failure>
where
    Work: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let mut all = all.into_iter();
    loop {
        let few: JoinSet<_> = all.by_ref().take(UPLOADS).collect();
        if few.is_empty() {
            return Ok(());
        }
        for ended in few.join_all().await {
            ended?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use avm_core::error::ErrorName;

    use super::*;

    #[tokio::test]
    async fn a_few_are_uploaded_at_a_time_and_none_after_a_failure() {
        let (now, most, begun) = (counter(), counter(), counter());
        let upload = |fails: bool| {
            let (now, most, begun) = (now.clone(), most.clone(), begun.clone());
            async move {
                begun.fetch_add(1, Ordering::SeqCst);
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                let refused = || Failure::new(ErrorName::ServiceUnavailable, "no");
                if fails { Err(refused()) } else { Ok(()) }
            }
        };
        a_few_at_a_time([false; 10].map(&upload)).await.unwrap();
        assert_eq!(most.load(Ordering::SeqCst), 4);
        assert_eq!(begun.swap(0, Ordering::SeqCst), 10);
        let all = (0..10).map(|number| upload(number == 1));
        assert!(a_few_at_a_time(all).await.is_err());
        assert_eq!(begun.load(Ordering::SeqCst), 4);
    }

    fn counter() -> Arc<AtomicUsize> {
        Arc::default()
    }
}
