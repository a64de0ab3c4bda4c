//! The ways of a function: which roles are assumed, one after the other, to open a door.
//! The doors themselves are a table of the core.

use super::{Aws, internal};
use crate::sessions::Hop;
use avm_core::domain::{AccountId, RoleArn, RoleName};
use avm_core::doors::{Behind, Door};
use avm_core::error::Failure;

/// The doors up to that one, the first one first.
pub fn way_to(door: Door) -> Vec<Door> {
    let mut way = door.row().through.map_or_else(Vec::new, way_to);
    way.push(door);
    way
}

impl Aws {
    /// The roles on the way to a door, as far as the account and its access role are known.
    pub(super) fn hops(
        &self,
        door: Door,
        account: Option<&AccountId>,
        access_role: Option<&RoleName>,
    ) -> Result<Vec<Hop>, Failure> {
        let mut hops = Vec::new();
        for door in way_to(door) {
            let row = door.row();
            let role = match row.behind {
                Behind::Own => continue,
                Behind::Management(name) => {
                    let name = self.name.role(name);
                    self.role(Some(self.standing.management()), name.as_ref())
                }
                Behind::AccessRole => self.role(account, access_role),
                Behind::Member(name) => {
                    let name: Option<RoleName> = name.parse().ok();
                    self.role(account, name.as_ref())
                }
            };
            hops.push(Hop {
                role: role.ok_or_else(|| internal(&format!("there is no role behind {door:?}")))?,
                asks_for_external_id: row.asks_for_external_id,
            });
        }
        Ok(hops)
    }

    fn role(&self, account: Option<&AccountId>, name: Option<&RoleName>) -> Option<RoleArn> {
        Some(account?.role_arn(self.partition, name?))
    }
}
