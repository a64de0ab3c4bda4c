//! Whose a group of IAM Identity Center is: the workspace and project that its mark names, and nobody else's.
//! A name alone proves nothing: another project's name, or a person, may have made the group.

use crate::contract::order::VendRequest;

/// The whole mark of groups that earlier versions made: it names no project.
pub const FORMER_MARK: &str = "Made by the account vending machine";

/// The workspace and the project that a group is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOwner {
    mark: String,
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
    pub fn of(request: &VendRequest) -> Self {
        Self::new(request.product_name.as_str(), request.stage.as_str())
    }

    /// The owner of these identifiers, which hold no quotation marks.
    pub fn new(workspace: &str, project: &str) -> Self {
        let mark = format!("{FORMER_MARK} for workspace \"{workspace}\", project \"{project}\"");
        Self { mark }
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
        if mark == FORMER_MARK {
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
}
