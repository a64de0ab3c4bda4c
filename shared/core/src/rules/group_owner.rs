//! Whose a group of IAM Identity Center is: the workspace and project that its mark names, and nobody else's.
//! A name alone proves nothing: another project's name, or a person, may have made the group.

use crate::contract::order::Order;
use crate::domain::MachineName;

/// The whole mark of groups that earlier versions made: it names no project.
pub const FORMER_MARK: &str = "Made by the account vending machine";

/// The workspace and the project that a group is for, and the machine that has made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOwner {
    mark: String,
    /// Before machines had names, there was one.
    is_of_the_first: bool,
}

/// What the mark of a group says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupClaim {
    /// The group is the owner's.
    Ours,
    /// The machine has made it, for a project that it does not name.
    Former,
    /// It is another project's or another system's, or nobody says whose it is.
    Others,
}

impl GroupOwner {
    /// The owner that an order asks for.
    pub fn of(order: &Order) -> Self {
        let request = &order.request;
        let (workspace, project) = (request.product_name.as_str(), request.stage.as_str());
        Self::at(&order.machine, workspace, project)
    }

    /// The owner of these identifiers, which hold no quotation marks, at the first machine.
    pub fn new(workspace: &str, project: &str) -> Self {
        Self::at(&MachineName::first(), workspace, project)
    }

    fn at(machine: &MachineName, workspace: &str, project: &str) -> Self {
        let is_of_the_first = machine.is_first();
        let blank = if is_of_the_first { "" } else { " " };
        Self {
            mark: format!(
                "{FORMER_MARK}{blank}{machine} for workspace \"{workspace}\", project \"{project}\""
            ),
            is_of_the_first,
        }
    }

    /// What a group of this owner says.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// What a mark says of this owner; more may follow, as where marks have to be unique.
    pub fn claim(&self, mark: Option<&str>) -> GroupClaim {
        let Some(mark) = mark else {
            return GroupClaim::Others;
        };
        if mark == FORMER_MARK && self.is_of_the_first {
            return GroupClaim::Former;
        }
        match mark.strip_prefix(self.mark()) {
            Some(rest) if rest.is_empty() || rest.starts_with(", ") => GroupClaim::Ours,
            _ => GroupClaim::Others,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_of_the_project_that_it_names_and_of_no_other() {
        let owner = GroupOwner::new("acme", "shop-prod");
        let mark =
            "Made by the account vending machine for workspace \"acme\", project \"shop-prod\"";
        assert_eq!(owner.mark(), mark);
        let more = format!("{mark}, group 0011");
        for (mark, expected) in [
            (Some(mark), GroupClaim::Ours),
            (Some(&more), GroupClaim::Ours),
            (Some(FORMER_MARK), GroupClaim::Former),
            (
                Some(GroupOwner::new("acme-shop", "prod").mark()),
                GroupClaim::Others,
            ),
            (
                Some(GroupOwner::new("acme", "shop-prod2").mark()),
                GroupClaim::Others,
            ),
            (
                Some(GroupOwner::new("Acme", "shop-prod").mark()),
                GroupClaim::Others,
            ),
            (Some(&format!("{mark} ")), GroupClaim::Others),
            (Some(""), GroupClaim::Others),
            (None, GroupClaim::Others),
        ] {
            assert_eq!(owner.claim(mark), expected, "{mark:?}");
        }
    }

    #[test]
    fn a_group_of_another_machine_is_of_others() {
        let mut order = crate::testing::order();
        let first = GroupOwner::of(&order);
        order.machine = "Staging".parse().unwrap();
        let staging = GroupOwner::of(&order);
        assert_eq!(
            staging.mark(),
            "Made by the account vending machine Staging for workspace \"space\", project \"shop\""
        );
        assert_eq!(staging.claim(Some(staging.mark())), GroupClaim::Ours);
        for (owner, mark) in [
            (&staging, first.mark()),
            (&first, staging.mark()),
            (&staging, FORMER_MARK),
        ] {
            assert_eq!(owner.claim(Some(mark)), GroupClaim::Others, "{mark}");
        }
    }
}
