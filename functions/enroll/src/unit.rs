//! The unit in which the account is to sit, and whether AWS Control Tower governs it.
//! Both strategies need it registered, and wait while its registration is being changed.

use avm_core::domain::ParentId;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::control_tower::{BaselineStatus, EnabledBaseline};
use avm_core::world::World;

use crate::Enrolling;
use crate::missing::Missing;
use crate::plan::Plan;

const REGISTER: &str = "register the organizational unit in AWS Control Tower, or name a registered one in the landing zone";

impl<W: World> Enrolling<'_, W> {
    /// The ARN of a unit of the account's organization; the root has none, and cannot be registered.
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

    /// Whether the unit is registered; where nothing is missing and it is not, its registration is being changed.
    pub(crate) fn is_registered(
        &self,
        baseline: Option<&EnabledBaseline>,
        missing: &mut Missing,
    ) -> bool {
        let unit = self.wanted;
        let cause = match baseline.map(|baseline| &baseline.status) {
            Some(BaselineStatus::Succeeded) => return true,
            Some(BaselineStatus::UnderChange) => return false,
            Some(BaselineStatus::Failed) => {
                format!("the registration of {unit} with AWS Control Tower has FAILED")
            }
            Some(BaselineStatus::Other(status)) => {
                format!("the registration of {unit} with AWS Control Tower is {status}")
            }
            None => format!("{unit} is not registered with AWS Control Tower"),
        };
        missing.add(cause, REGISTER);
        false
    }

    pub(crate) fn wait_for_registration(&self) -> Plan {
        Plan::Wait {
            what: format!("the registration of {}, which is UNDER_CHANGE", self.wanted),
        }
    }
}
