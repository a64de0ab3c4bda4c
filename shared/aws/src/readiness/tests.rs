//! The way into an account on the wire: which refusals mean "not yet", and which mean "never".

use super::*;
use crate::wire::{Call, Reply, answering, xml_error};

const MANAGEMENT: &str = "arn:aws:iam::333333333333:role/AVMMemberAccessRole";

fn session() -> Reply {
    let body = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
                <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
                <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    Reply::Said(200, body.to_owned())
}

type Where = fn(&Call) -> bool;

/// Everything is ready.
fn ready(call: &Call) -> Reply {
    match call.action.as_str() {
        "AssumeRole" => session(),
        "ListAccountAliases" => Reply::Said(
            200,
            "<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases/>\
             <IsTruncated>false</IsTruncated></ListAccountAliasesResult></ListAccountAliasesResponse>"
                .to_owned(),
        ),
        "DescribeStacks" => xml_error(400, "ValidationError"),
        other => panic!("unexpected call {other}"),
    }
}

/// Probes where calls for which `is_refused` holds are refused with the code; with it, the calls that were made.
async fn probe(
    is_refused: impl Fn(&Call) -> bool + Send + Sync + 'static,
    status: u16,
    code: &'static str,
) -> (Result<Option<Obstacle>, Failure>, Vec<Call>) {
    probe_in("eu-west-3", is_refused, status, code).await
}

async fn probe_in(
    region: &str,
    is_refused: impl Fn(&Call) -> bool + Send + Sync + 'static,
    status: u16,
    code: &'static str,
) -> (Result<Option<Obstacle>, Failure>, Vec<Call>) {
    let (configuration, calls) = answering(move |call| {
        if is_refused(call) {
            xml_error(status, code)
        } else {
            ready(call)
        }
    });
    let sessions = Sessions::new(configuration);
    let hop = Hop {
        role: MANAGEMENT.parse().unwrap(),
        asks_for_external_id: false,
    };
    let readiness = AccessRoleReadiness::new(&sessions, hop, "avm-test".to_owned());
    let obstacle = readiness
        .find_obstacle(&Probe {
            account: &"111111111111".parse().unwrap(),
            access_role: &"MeshstackAccountAccessRole".parse().unwrap(),
            region: &region.parse().unwrap(),
        })
        .await;
    let calls = calls.lock().unwrap().clone();
    (obstacle, calls)
}

/// A new account is not known in such a region before it has enabled it, for which it has to be ready.
#[tokio::test]
async fn in_a_region_that_has_to_be_opted_into_nothing_is_asked() {
    let (obstacle, calls) = probe_in(
        "eu-south-1",
        |call| call.action == "DescribeStacks",
        403,
        "InvalidClientTokenId",
    )
    .await;
    assert_eq!(obstacle, Ok(None));
    assert!(calls.iter().all(|call| call.action != "DescribeStacks"));
}

fn enters_member(call: &Call) -> bool {
    call.action == "AssumeRole" && call.body.contains("MeshstackAccountAccessRole")
}

#[tokio::test]
async fn a_ready_account_is_entered_once_and_asked_in_the_right_region() {
    let (obstacle, calls) = probe(|_| false, 400, "").await;
    assert_eq!(obstacle, Ok(None));
    let actions: Vec<&str> = calls.iter().map(|call| call.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "AssumeRole",
            "AssumeRole",
            "DescribeStacks",
            "ListAccountAliases"
        ]
    );
    assert!(calls[0].body.contains("AVMMemberAccessRole"));
    assert!(enters_member(&calls[1]));
    assert!(!calls[1].body.contains("ExternalId"));
    assert!(calls[1].body.contains("RoleSessionName=avm-test"));
    assert!(calls[2].uri.contains("eu-west-3"), "{}", calls[2].uri);
    assert!(calls[2].body.contains("StackName=meshstack-cf-access"));
}

#[tokio::test]
async fn what_a_new_account_refuses_means_not_yet_and_names_where() {
    let codes = [
        "AccessDenied",
        "AccessDeniedException",
        "OptInRequired",
        "SubscriptionRequiredException",
        "RegionDisabledException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    ];
    let places: [(Where, &str); 3] = [
        (enters_member, "role/MeshstackAccountAccessRole"),
        (|call| call.action == "ListAccountAliases", "IAM: "),
        (
            |call| call.action == "DescribeStacks",
            "CloudFormation in eu-west-3: ",
        ),
    ];
    for code in codes {
        for (place, words) in places {
            let (obstacle, _) = probe(place, 403, code).await;
            if words.starts_with("role/") && UNKNOWN_CALLER.contains(&code) {
                continue;
            }
            let obstacle = obstacle.unwrap().expect("not ready");
            assert!(obstacle.words.contains(words), "{obstacle:?}");
            assert!(obstacle.words.contains(code), "{obstacle:?}");
            assert_eq!(obstacle.is_denial, code.starts_with("AccessDenied"));
        }
    }
}

#[tokio::test]
async fn nothing_else_is_asked_before_cloudformation_answers() {
    let (obstacle, calls) = probe(|call| call.action != "AssumeRole", 403, "OptInRequired").await;
    let obstacle = obstacle.unwrap().expect("not ready");
    assert!(obstacle.words.contains("CloudFormation in eu-west-3: "));
    assert_eq!(calls.last().unwrap().action, "DescribeStacks");
    assert_eq!(calls.len(), 3);
}

#[tokio::test]
async fn more_codes_of_new_accounts_are_known_inside_of_them() {
    for code in [
        "AuthFailure",
        "SubscriptionRequired",
        "NotSignedUp",
        "InvalidAccessKeyId",
    ] {
        let (obstacle, _) = probe(|call| call.action == "DescribeStacks", 401, code).await;
        assert!(obstacle.unwrap().is_some(), "{code}");
    }
}

/// The second session is asked for with the credentials of the first, which are the management account's.
#[tokio::test]
async fn a_region_that_the_management_account_has_not_enabled_is_told_at_once() {
    for code in UNKNOWN_CALLER {
        let (obstacle, _) = probe(enters_member, 403, code).await;
        let failure = obstacle.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        assert!(failure.cause().contains(code), "{failure}");
        let remedy = "enable the region in the management account";
        assert!(failure.remedy().contains(remedy), "{failure}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_management_role_stays_a_refusal() {
    let (obstacle, calls) = probe(|_| true, 403, "AccessDenied").await;
    let failure = obstacle.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert!(failure.cause().contains("AVMMemberAccessRole"), "{failure}");
    assert_eq!(calls.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn trouble_of_aws_is_not_an_obstacle_of_the_account() {
    for (place, status, code, name) in [
        (
            enters_member as Where,
            400,
            "Throttling",
            ErrorName::Throttled,
        ),
        (
            |call: &Call| call.action == "ListAccountAliases",
            503,
            "ServiceFailure",
            ErrorName::ServiceUnavailable,
        ),
        (
            |call: &Call| call.action == "DescribeStacks",
            400,
            "SomethingNew",
            ErrorName::Internal,
        ),
    ] {
        let (obstacle, _) = probe(place, status, code).await;
        let failure = obstacle.unwrap_err();
        assert_eq!(failure.name(), name, "{code}");
        assert_eq!(failure.account().unwrap().as_str(), "111111111111");
    }
}
