//! What AWS holds: the state of every service, in one place.
//! An older state can be kept and looked at, which is what a late or stale read is.

use crate::{
    account_settings, aliases, budgets, control_tower, ec2, iam, identity_center, identity_store,
    organizations, readiness, root_access, saml, service_catalog, stack_sets, stacks, starts,
};

/// The whole state.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub account_settings: account_settings::State,
    pub aliases: aliases::State,
    pub budgets: budgets::State,
    pub control_tower: control_tower::State,
    pub ec2: ec2::State,
    pub iam: iam::State,
    pub identity_center: identity_center::State,
    pub identity_store: identity_store::State,
    pub organizations: organizations::State,
    pub readiness: readiness::State,
    pub root_access: root_access::State,
    pub saml: saml::State,
    pub service_catalog: service_catalog::State,
    pub stack_sets: stack_sets::State,
    pub stacks: stacks::State,
    pub starts: starts::State,
}

impl State {
    /// What two worlds must have in common to be equal: everything but generated ids and times.
    pub fn essence(&self) -> String {
        [
            self.account_settings.essence(),
            self.aliases.essence(),
            self.budgets.essence(),
            self.control_tower.essence(),
            self.ec2.essence(),
            self.iam.essence(),
            self.identity_center.essence(&self.identity_store),
            self.identity_store.essence(),
            self.organizations.essence(),
            self.readiness.essence(),
            self.root_access.essence(),
            self.saml.essence(),
            self.service_catalog.essence(),
            self.stack_sets.essence(),
            self.stacks.essence(),
            self.starts.essence(),
        ]
        .join("\n")
    }

    /// Some time passes: what is under way goes on by one look. Called before each call of a step.
    pub fn tick(&mut self) {
        self.account_settings.tick();
        self.aliases.tick();
        self.control_tower.tick();
        self.ec2.tick();
        self.iam.tick();
        self.identity_center.tick();
        self.identity_store.tick();
        self.organizations.tick();
        self.readiness.tick();
        self.root_access.tick();
        self.saml.tick();
        service_catalog::tick(self);
        self.stack_sets.tick();
        self.stacks.tick();
        self.starts.tick();
    }
}
