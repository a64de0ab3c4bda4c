//! Who may enter the account, and by which roles: what a tenant or anybody else has changed there is a difference.
//! CURRENT says only that the instance has what somebody last wanted of it.

use super::*;
use avm_core::rules::member_roles::expected;

/// The roles as the shipped StackSet makes them.
pub(super) fn made() -> BTreeMap<String, Role> {
    let standing = avm_core::testing::standing_accounts();
    let role = order().platform.account_access_role;
    let expected = expected(&id(), &role, &standing, "aws").unwrap();
    let roles = expected.into_iter().map(|(name, made)| {
        let mut role = Role::trusting(made.trust);
        role.inline = made.inline;
        role.attached = made.attached.iter().map(|arn| attached(arn)).collect();
        (name.to_string(), role)
    });
    roles.collect()
}

const DOWNGRADE: &str = "PermissionDowngradeLambdaExecutionRole";

async fn told(change: impl FnOnce(&mut BTreeMap<String, Role>)) -> String {
    let world = InMemory::with(vended);
    change(world.state_mut().iam.of(&id()));
    difference(&world, order()).await
}

#[tokio::test]
async fn a_role_that_trusts_somebody_else_is_a_difference() {
    for name in made().keys() {
        let told = told(|roles| {
            roles.get_mut(name).unwrap().trust = trusting("666666666666");
        });
        let words = format!("role {name} trusts others than it was made for");
        assert!(told.await.contains(&words), "{name}");
    }
}

#[tokio::test]
async fn a_role_whose_policies_are_not_those_of_the_stack_set_is_a_difference() {
    let all = PolicyDocument::new(json!({"Statement": []}));
    let told = told(|roles| {
        let role = roles.get_mut(DOWNGRADE).unwrap();
        for document in role.inline.values_mut() {
            *document = all.clone();
        }
        role.inline.insert("More".to_owned(), all.clone());
        role.attached
            .insert(attached("arn:aws:iam::aws:policy/IAMFullAccess"));
        roles
            .get_mut("OrganizationAccountAccessRole")
            .unwrap()
            .attached
            .clear();
        roles.remove("AVMVerificationRole");
    });
    assert_snapshot!(told.await.replace("; ", "\n"), @r"
    waited for an account as its landing zone asks for it: there is no role AVMVerificationRole
    role OrganizationAccountAccessRole: managed policy arn:aws:iam::aws:policy/AdministratorAccess is missing
    role PermissionDowngradeLambdaExecutionRole: inline policy DowngradeAccessRole is not what it was made with
    role PermissionDowngradeLambdaExecutionRole: inline policy More is there
    role PermissionDowngradeLambdaExecutionRole: managed policy arn:aws:iam::aws:policy/IAMFullAccess is attached
    given up after 8 looks
    ");
}

#[tokio::test]
async fn an_access_role_that_trusts_more_than_the_management_account_is_a_difference() {
    let with = |statement: Value| {
        let mut trust = trusting("333333333333").as_value().clone();
        trust["Statement"].as_array_mut().unwrap().push(statement);
        PolicyDocument::new(trust)
    };
    for trust in [
        PolicyDocument::of_text("no trust"),
        trusting("666666666666"),
        with(json!({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})),
        with(
            json!({"Effect": "Allow", "Principal": {"AWS": ["333333333333", "*"]}, "Action": "sts:AssumeRole"}),
        ),
        with(
            json!({"Effect": "Allow", "Principal": {"Federated": "cognito"}, "Action": "sts:AssumeRole"}),
        ),
        with(
            json!({"Effect": "Allow", "NotPrincipal": {"AWS": "333333333333"}, "Action": "sts:AssumeRole"}),
        ),
        with(
            json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::333333333333:role/Other"}, "Action": "*"}),
        ),
    ] {
        let text = trust.to_string();
        let world = InMemory::with(vended);
        access_role(&mut world.state_mut()).trust = trust;
        let told = difference(&world, order()).await;
        assert!(
            told.contains("role MeshstackAccountAccessRole trusts others"),
            "{text}: {told}"
        );
    }
    let world = InMemory::with(vended);
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"});
    access_role(&mut world.state_mut()).trust = with(deny);
    run(&world).await.unwrap();
}

#[tokio::test]
async fn the_roles_of_another_stack_set_are_its_own_matter() {
    let world = InMemory::with(vended);
    world.state_mut().iam.of(&id()).remove(DOWNGRADE);
    world
        .state_mut()
        .stack_sets
        .add("network", &[])
        .settle(&id(), REGION, Parameters::default());
    let mut order = order();
    order.landing_zone.settings.stack_sets[0].name = "network".parse().unwrap();
    run_of(&world, order).await.unwrap();
}
