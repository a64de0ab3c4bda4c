//! Answers of `GetCostAndUsage`: groups with two keys and two figures, page by page.
//! An amount of nothing may carry any unit, so its unit does not count.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use avm_core::domain::AccountId;
use avm_core::error::{ErrorName, Failure};
use avm_metering::money::Amount;
use avm_metering::ports::Figures;
use avm_metering::read::{Answer, ControlGroup, Cost, CostGroup};
use avm_metering::record::RecordType;

/// A page that may have another one behind it.
pub(super) trait Paged {
    /// The field of the request that takes the token.
    const TOKEN: &'static str;

    /// The token of the next page.
    fn next(&self) -> Option<&str>;
}

/// A page of groups by time, of costs or of reservations.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupPage<Each> {
    #[serde(
        rename = "ResultsByTime",
        alias = "UtilizationsByTime",
        default = "Vec::new"
    )]
    periods: Vec<Period<Each>>,
    next_page_token: Option<String>,
}

impl<Each> Paged for GroupPage<Each> {
    const TOKEN: &'static str = "NextPageToken";

    fn next(&self) -> Option<&str> {
        self.next_page_token
            .as_deref()
            .filter(|token| !token.is_empty())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Period<Each> {
    #[serde(default)]
    estimated: bool,
    #[serde(default = "Vec::new")]
    groups: Vec<Each>,
}

impl<Each> GroupPage<Each> {
    /// The groups of all its periods.
    pub(super) fn into_groups(self) -> impl Iterator<Item = Each> {
        self.periods.into_iter().flat_map(|period| period.groups)
    }
}

pub(super) type CostPage = GroupPage<Group>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Group {
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    metrics: BTreeMap<String, Figure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Figure {
    amount: String,
    #[serde(default)]
    unit: String,
}

/// The groups of all pages.
pub(super) fn groups(pages: Vec<CostPage>) -> Result<Answer<Group>, Failure> {
    let mut periods = pages.iter().flat_map(|page| &page.periods);
    let is_estimated = periods.any(|period| period.estimated);
    let groups: Vec<Group> = pages.into_iter().flat_map(GroupPage::into_groups).collect();
    match groups.iter().find(|group| group.keys.len() != 2) {
        Some(_) => Err(unreadable("a group without its two keys")),
        None => Ok(Answer {
            groups,
            is_estimated,
        }),
    }
}

impl Group {
    fn figure(&self, name: &str, currencies: &mut BTreeSet<String>) -> Result<Amount, Failure> {
        let figure = self
            .metrics
            .get(name)
            .ok_or_else(|| unreadable(&format!("a group without {name}")))?;
        let amount = Amount::read(&figure.amount)
            .map_err(|problem| unreadable(&format!("{name} that {problem}")))?;
        if !amount.is_zero() {
            currencies.insert(figure.unit.clone());
        }
        Ok(amount)
    }

    fn cost(&self, figures: Figures) -> Result<(Cost, BTreeSet<String>), Failure> {
        let mut currencies = BTreeSet::new();
        let cost = Cost {
            amortized: self.figure(figures.amortized, &mut currencies)?,
            unblended: self.figure(figures.unblended, &mut currencies)?,
        };
        Ok((cost, currencies))
    }

    fn account(&self) -> Result<AccountId, Failure> {
        self.keys[0]
            .parse()
            .map_err(|problem| unreadable(&format!("a group whose {problem}")))
    }
}

/// Groups by service and record type.
pub(super) fn control(
    found: Answer<Group>,
    figures: Figures,
) -> Result<Answer<ControlGroup>, Failure> {
    read(found, |group| {
        let (cost, currencies) = group.cost(figures)?;
        Ok(ControlGroup {
            service: group.keys[0].clone(),
            record_type: group.keys[1].as_str().into(),
            cost,
            currencies,
        })
    })
}

/// Groups by account and service.
pub(super) fn by_service(
    found: Answer<Group>,
    record_type: &RecordType,
    figures: Figures,
) -> Result<Answer<CostGroup>, Failure> {
    read(found, |group| {
        Ok(CostGroup {
            account: group.account()?,
            service: Some(group.keys[1].clone()),
            record_type: record_type.clone(),
            cost: group.cost(figures)?.0,
        })
    })
}

/// Groups by account and record type.
pub(super) fn rest(found: Answer<Group>, figures: Figures) -> Result<Answer<CostGroup>, Failure> {
    read(found, |group| {
        Ok(CostGroup {
            account: group.account()?,
            service: None,
            record_type: group.keys[1].as_str().into(),
            cost: group.cost(figures)?.0,
        })
    })
}

fn read<Read>(
    found: Answer<Group>,
    each: impl Fn(&Group) -> Result<Read, Failure>,
) -> Result<Answer<Read>, Failure> {
    let groups = found.groups.into_iter();
    Ok(Answer {
        groups: groups.map(|group| each(&group)).collect::<Result<_, _>>()?,
        is_estimated: found.is_estimated,
    })
}

pub(super) fn unreadable(words: &str) -> Failure {
    Failure::new(
        ErrorName::Internal,
        format!("Cost Explorer answered with {words}"),
    )
}
