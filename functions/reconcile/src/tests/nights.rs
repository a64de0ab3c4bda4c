//! Which accounts a night looks at, and what it comes to: the notice, and what is measured.
//! An account of which a look broke is told, too.

use insta::assert_snapshot;

use super::*;

#[tokio::test]
async fn every_active_account_but_those_that_the_machine_stands_on_is_listed() {
    let world = world_of(|state| {
        for standing in [
            "222222222222",
            "333333333333",
            "444444444444",
            "555555555555",
        ] {
            state.organizations.account(&standing.parse().unwrap());
        }
        let closed = state
            .organizations
            .account(&"666666666666".parse().unwrap());
        closed.state = AccountState::Suspended;
    });
    let listed = ask(&world, json!({"Task": "List"})).await;
    assert_eq!(
        listed,
        json!({"Accounts": ["111111111111", "555555555555"], "Room": 1000, "StackSets": []})
    );
}

async fn told(accounts: usize, results: Value) -> (Value, Power) {
    let measured = Cell::new(None);
    let event = json!({"Task": "Tell", "Accounts": accounts, "Results": results});
    let world = InMemory::default();
    let told = answer(event, &settings(), &world, |power| {
        measured.set(Some(power));
    })
    .await;
    assert_eq!(world.journal().len(), 0);
    (told.unwrap(), measured.get().unwrap())
}

#[tokio::test]
async fn a_night_without_a_finding_sends_no_notice() {
    let (told, power) = told(2, json!(["", ""])).await;
    let none = json!({"Power": {"Roles": 0, "OldestHours": 0}, "Notice": null});
    assert_eq!(told, none);
    assert_eq!((power.roles, power.oldest_hours), (0, 0));
}

#[tokio::test]
async fn one_notice_tells_each_account_under_its_worst_and_counts_power_and_what_broke() {
    let (told, power) = told(
        8,
        json!([
            "",
            "444455556666 pt 30 role X: managed policy Y is attached; tag avm:project is missing",
            "777788889999 pu 500 cannot be looked into: no role",
            "111122223333 d 4 taken down: role X: managed policy Y is attached",
            "555566667777 r 9 role X trusts others than it was made for",
            "666677778888 c 9 the root user has a password",
            null,
            {"odd": true}
        ]),
    )
    .await;
    assert_eq!((power.roles, power.oldest_hours), (2, 500));
    assert_eq!(
        told["Notice"]["Subject"],
        "AVM: 2 powerful access roles, 7 accounts to look after"
    );
    assert_snapshot!(told["Notice"]["Message"].as_str().unwrap(), @r"
    The nightly look at the vended accounts found what is not as it was made.

    Access roles that are powerful without a vend (2). The oldest may have been so for 500 hours. Remedy: send the request of the account again, or invoke PermissionDowngrade with its id; where both fail, see that the StackSet avm-landing-zone has an instance in the account whose roles nobody has changed.
    - 444455556666: role X: managed policy Y is attached; tag avm:project is missing
    - 777788889999: cannot be looked into: no role

    Access roles that were powerful without a vend, and have been taken down (1). Remedy: find out in CloudTrail of the account who gave the role its policies (AttachRolePolicy, PutRolePolicy).
    - 111122223333: taken down: role X: managed policy Y is attached

    Accounts whose root user has credentials (1). Remedy: find out in CloudTrail of the account who has made them, and delete them in the management account (IAM, Root access management, or sts:AssumeRoot with the task policy IAMDeleteRootUserCredentials).
    - 666677778888: the root user has a password

    Roles that are not as they were made (1). Remedy: find out in CloudTrail of the account who changed the role, and put it back as the StackSet makes it; the guard rails keep tenants from these roles.
    - 555566667777: role X trusts others than it was made for

    2 accounts could not be looked at: the executions of the map run in avm-reconcile say why.
    ");
}

/// SNS: a subject has 100 characters at most, a message 256 KiB.
#[tokio::test]
async fn however_much_differs_the_notice_fits() {
    let results: Vec<String> = (0..10_000_u64)
        .map(|number| {
            format!(
                "{:012} prt 99999 {}",
                100_000_000_000 + number,
                "w".repeat(900)
            )
        })
        .collect();
    let (told, power) = told(10_000, json!(results)).await;
    assert_eq!(power.roles, 10_000);
    let notice = &told["Notice"];
    assert!(notice["Subject"].as_str().unwrap().len() <= 100);
    let message = notice["Message"].as_str().unwrap();
    assert!(message.len() < 256 * 1024);
    assert!(message.ends_with("- and 9950 more, which the log of avm-reconcile names\n"));
}
