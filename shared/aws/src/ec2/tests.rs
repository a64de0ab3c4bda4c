//! The adapter on the wire: what leaves and for whom it is signed, what EC2 answers, and each refusal that means something.
//! Answers are written as EC2 writes them.

use std::sync::{Arc, Mutex};

use super::*;
use crate::wire::{Call as Sent, Reply, answering, ec2_error};

type Calls = Arc<Mutex<Vec<Sent>>>;

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn vpc() -> DefaultVpc {
    let id = "vpc-0123456789abcdef0".parse().unwrap();
    DefaultVpc::confirmed(region("eu-south-1"), id, true).unwrap()
}

fn ec2(answer: impl Fn(&Sent) -> Reply + Send + Sync + 'static) -> (Ec2DefaultVpcs, Calls) {
    let (configuration, calls) = answering(answer);
    let vpcs = Ec2DefaultVpcs::of(configuration, region("eu-central-1"));
    (vpcs, calls)
}

fn set(name: &str, items: &str) -> Reply {
    Reply::Said(
        200,
        format!(
            "<DescribeResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>1</requestId>\
             <{name}>{items}</{name}></DescribeResponse>"
        ),
    )
}

fn only(calls: &Calls) -> Sent {
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 1);
    calls[0].clone()
}

#[tokio::test]
async fn the_enabled_regions_are_asked_of_the_region_at_home() {
    let (vpcs, calls) = ec2(|_| {
        set(
            "regionInfo",
            "<item><regionName>eu-central-1</regionName><regionEndpoint>ec2.eu-central-1.amazonaws.com</regionEndpoint>\
             <optInStatus>opt-in-not-required</optInStatus></item><item><regionName>eu-south-1</regionName></item>",
        )
    });
    let regions = vpcs.list_regions().await.unwrap();
    assert_eq!(regions, ["eu-central-1", "eu-south-1"].map(region).into());
    let call = only(&calls);
    assert_eq!(call.uri, "https://ec2.eu-central-1.amazonaws.com/");
    assert_eq!(call.body, "Action=DescribeRegions&Version=2016-11-15");
}

#[tokio::test]
async fn a_call_goes_to_its_region_and_is_signed_for_it() {
    for (name, endpoint) in [
        ("eu-south-1", "https://ec2.eu-south-1.amazonaws.com/"),
        ("cn-north-1", "https://ec2.cn-north-1.amazonaws.com.cn/"),
        ("us-gov-west-1", "https://ec2.us-gov-west-1.amazonaws.com/"),
    ] {
        let (vpcs, calls) = ec2(|_| set("vpcSet", ""));
        assert_eq!(vpcs.look(&region(name)).await, Ok(Look::Nothing));
        let call = only(&calls);
        assert_eq!(call.uri, endpoint);
        let scope = format!("/{name}/ec2/aws4_request,");
        assert!(
            call.headers["authorization"].starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        );
        assert!(
            call.headers["authorization"].contains(&scope),
            "{}",
            call.headers["authorization"]
        );
        assert_eq!(
            call.body,
            "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=is-default&Filter.1.Value.1=true"
        );
    }
}

#[tokio::test]
async fn an_endpoint_of_the_configuration_takes_the_place_of_all_regions() {
    let (configuration, calls) = answering(|_| set("vpcSet", ""));
    let configuration = configuration
        .into_builder()
        .endpoint_url("http://127.0.0.1:4566")
        .build();
    let vpcs = Ec2DefaultVpcs::of(configuration, region("eu-central-1"));
    vpcs.look(&region("us-west-2")).await.unwrap();
    let call = only(&calls);
    assert_eq!(call.uri, "http://127.0.0.1:4566/");
    assert!(call.headers["authorization"].contains("/us-west-2/ec2/"));
}

#[tokio::test]
async fn only_a_vpc_that_is_the_default_is_found() {
    let item = |is_default: &str| {
        format!(
            "<item><vpcId>vpc-0123456789abcdef0</vpcId><cidrBlock>172.31.0.0/16</cidrBlock>{is_default}</item>"
        )
    };
    for (is_default, found) in [
        (
            "<isDefault>true</isDefault>",
            Look::Found(FoundVpc {
                vpc: vpc(),
                subnets: None,
            }),
        ),
        ("<isDefault>false</isDefault>", Look::Nothing),
        ("", Look::Nothing),
    ] {
        let items = item(is_default);
        let (vpcs, _) = ec2(move |_| set("vpcSet", &items));
        assert_eq!(
            vpcs.look(&region("eu-south-1")).await,
            Ok(found),
            "{is_default}"
        );
    }
}

#[tokio::test]
async fn a_default_subnet_tells_its_vpc_with_all_subnets_of_it() {
    let item = |id: &str, vpc: &str, is_default: bool| {
        format!(
            "<item><subnetId>subnet-{id}</subnetId><vpcId>{vpc}</vpcId><cidrBlock>172.31.0.0/20</cidrBlock>\
             <availableIpAddressCount>4091</availableIpAddressCount><defaultForAz>{is_default}</defaultForAz></item>"
        )
    };
    let own = "vpc-0123456789abcdef0";
    let others = item("0123abcd", "vpc-0123abcd", false);
    let of_vpc = item("0123abce", own, false) + &item("0123abcf", own, true);
    for (items, expected) in [(of_vpc + &others, 2), (others, 0), (String::new(), 0)] {
        let (vpcs, calls) = ec2(move |_| set("subnetSet", &items));
        let look = vpcs.look_by_subnets(&region("eu-south-1")).await.unwrap();
        assert_eq!(
            only(&calls).body,
            "Action=DescribeSubnets&Version=2016-11-15"
        );
        match look {
            Look::Found(found) => {
                assert_eq!(found.vpc, vpc());
                let subnets = found.subnets.unwrap();
                assert_eq!(subnets.len(), expected);
                assert!(subnets.iter().all(|subnet| subnet.is_free));
            }
            look => assert_eq!((look, expected), (Look::Nothing, 0)),
        }
    }
}

#[tokio::test]
async fn the_parts_of_the_vpc_are_listed_by_its_id() {
    let (vpcs, calls) = ec2(|call| match call.action.as_str() {
        "DescribeNetworkInterfaces" => set(
            "networkInterfaceSet",
            "<item><networkInterfaceId>eni-0123abcd</networkInterfaceId><groupSet><item><groupId>sg-1</groupId></item>\
             </groupSet><interfaceType>nat_gateway</interfaceType></item>",
        ),
        _ => set(
            "subnetSet",
            "<item><subnetId>subnet-0123abcd</subnetId></item><item><subnetId>subnet-0123abce</subnetId></item>",
        ),
    });
    let interfaces = vpcs.list_network_interfaces(&vpc()).await.unwrap();
    assert_eq!(interfaces.len(), 1);
    assert_eq!(interfaces[0].id.as_str(), "eni-0123abcd");
    assert_eq!(interfaces[0].kind, "nat_gateway");
    let subnets = vpcs.list_subnets(&vpc()).await.unwrap();
    assert_eq!(subnets.len(), 2);
    for call in calls.lock().unwrap().iter() {
        assert_eq!(call.uri, "https://ec2.eu-south-1.amazonaws.com/");
        assert!(
            call.body
                .ends_with("&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-0123456789abcdef0"),
            "{}",
            call.body
        );
    }
}

#[tokio::test]
async fn every_page_of_an_answer_is_read() {
    let (vpcs, calls) = ec2(|call| {
        let (id, token) = if call.body.ends_with("&NextToken=a%2Bb") {
            ("subnet-0123abce", "")
        } else {
            ("subnet-0123abcd", "a+b")
        };
        Reply::Said(
            200,
            format!(
                "<R><subnetSet><item><subnetId>{id}</subnetId></item></subnetSet><nextToken>{token}</nextToken></R>"
            ),
        )
    });
    let subnets = vpcs.list_subnets(&vpc()).await.unwrap();
    assert_eq!(subnets.len(), 2);
    assert_eq!(calls.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_subnet_is_free_where_only_aws_has_taken_addresses_of_it() {
    for (block, available, expected) in [
        ("172.31.0.0/20", "4091", true),
        ("172.31.0.0/20", "4090", false),
        ("10.0.0.0/28", "11", true),
        ("10.0.0.0/28", "4091", false),
        ("", "4091", false),
        ("172.31.0.0/33", "4091", false),
        ("172.31.0.0/20", "", false),
    ] {
        let item = format!(
            "<item><subnetId>subnet-0123abcd</subnetId><cidrBlock>{block}</cidrBlock>\
             <availableIpAddressCount>{available}</availableIpAddressCount></item>"
        );
        let (vpcs, _) = ec2(move |_| set("subnetSet", &item));
        let subnets = vpcs.list_subnets(&vpc()).await.unwrap();
        assert_eq!(subnets[0].is_free, expected, "{block} {available}");
    }
}

#[tokio::test]
async fn a_gateway_is_the_attached_one_or_else_what_was_taken_off_the_vpc() {
    for (is_attached, expected) in [
        (true, vec![("igw-0123abcd", true)]),
        (false, vec![("igw-0123abce", false)]),
    ] {
        let (vpcs, calls) = ec2(move |call| {
            let item = |id: &str| {
                format!("<item><internetGatewayId>{id}</internetGatewayId><attachmentSet/></item>")
            };
            let of_vpc = call.body.contains("Filter.1.Name=attachment.vpc-id&");
            let of_mark = call
                .body
                .contains("Filter.1.Name=tag%3Aavm%3Adetached-from&");
            let items = if of_vpc && is_attached {
                item("igw-0123abcd")
            } else if of_mark {
                item("igw-0123abce")
            } else {
                String::new()
            };
            set("internetGatewaySet", &items)
        });
        let gateways = vpcs.list_gateways(&vpc()).await.unwrap();
        let found: Vec<(&str, bool)> = gateways
            .iter()
            .map(|gateway| (gateway.id.as_str(), gateway.is_attached))
            .collect();
        assert_eq!(found, expected);
        let most = if is_attached { 1 } else { 2 };
        assert_eq!(calls.lock().unwrap().len(), most);
    }
}

/// Every write, by its number.
async fn write(vpcs: &Ec2DefaultVpcs, number: usize) -> Result<Removal, Failure> {
    let vpc = vpc();
    let subnet = "subnet-0123abcd".parse().unwrap();
    let gateway = "igw-0123abcd".parse().unwrap();
    match number {
        0 => vpcs.delete_subnet(&vpc, &subnet).await,
        1 => vpcs.mark_gateway(&vpc, &gateway).await,
        2 => vpcs.detach_gateway(&vpc, &gateway).await,
        3 => vpcs.delete_gateway(&vpc, &gateway).await,
        _ => vpcs.delete_vpc(&vpc).await,
    }
}

const WRITES: usize = 5;

#[tokio::test]
async fn writes_name_what_they_write_and_are_done_when_ec2_says_so() {
    let (vpcs, calls) = ec2(|_| Reply::Said(200, "<R><return>true</return></R>".to_owned()));
    for number in 0..WRITES {
        assert_eq!(write(&vpcs, number).await, Ok(Removal::Gone));
    }
    let calls = calls.lock().unwrap();
    let bodies: Vec<String> = calls
        .iter()
        .map(|call| call.body.replace("&Version=2016-11-15", ""))
        .collect();
    assert_eq!(
        bodies,
        [
            "Action=DeleteSubnet&SubnetId=subnet-0123abcd",
            "Action=CreateTags&ResourceId.1=igw-0123abcd&Tag.1.Key=avm%3Adetached-from\
             &Tag.1.Value=vpc-0123456789abcdef0",
            "Action=DetachInternetGateway&InternetGatewayId=igw-0123abcd&VpcId=vpc-0123456789abcdef0",
            "Action=DeleteInternetGateway&InternetGatewayId=igw-0123abcd",
            "Action=DeleteVpc&VpcId=vpc-0123456789abcdef0",
        ]
    );
}

#[tokio::test]
async fn what_is_gone_already_is_success() {
    for (number, code) in [
        (0, "InvalidSubnetID.NotFound"),
        (1, "InvalidInternetGatewayID.NotFound"),
        (2, "Gateway.NotAttached"),
        (2, "InvalidInternetGatewayID.NotFound"),
        (2, "InvalidVpcID.NotFound"),
        (3, "InvalidInternetGatewayID.NotFound"),
        (4, "InvalidVpcID.NotFound"),
    ] {
        let (vpcs, _) = ec2(move |_| ec2_error(400, code, "it does not exist"));
        assert_eq!(
            write(&vpcs, number).await,
            Ok(Removal::Gone),
            "{number} {code}"
        );
    }
}

#[tokio::test]
async fn what_something_depends_on_is_kept_with_the_words_of_ec2() {
    for number in 0..WRITES {
        let words = "The vpc has dependencies and cannot be deleted.";
        let (vpcs, _) = ec2(move |_| ec2_error(400, "DependencyViolation", words));
        let Ok(Removal::InUse(told)) = write(&vpcs, number).await else {
            panic!("{number}");
        };
        assert!(
            told.contains("DependencyViolation") && told.contains(words),
            "{told}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_have_names() {
    for (status, code, name) in [
        (401, "AuthFailure", ErrorName::AccountNotReady),
        (401, "OptInRequired", ErrorName::AccountNotReady),
        (400, "PendingVerification", ErrorName::AccountNotReady),
        (403, "UnauthorizedOperation", ErrorName::AccessDenied),
        (503, "RequestLimitExceeded", ErrorName::Throttled),
        (503, "Unavailable", ErrorName::ServiceUnavailable),
        (500, "InternalError", ErrorName::ServiceUnavailable),
        (400, "InvalidParameterValue", ErrorName::Internal),
        // Gone, but not what was to be deleted.
        (400, "InvalidRouteTableID.NotFound", ErrorName::Internal),
    ] {
        let (vpcs, _) = ec2(move |_| ec2_error(status, code, "words"));
        let mut failures = vec![
            vpcs.list_regions().await.unwrap_err(),
            vpcs.look(&region("eu-south-1")).await.unwrap_err(),
            vpcs.list_network_interfaces(&vpc()).await.unwrap_err(),
            vpcs.list_subnets(&vpc()).await.unwrap_err(),
            vpcs.list_gateways(&vpc()).await.unwrap_err(),
        ];
        for number in 0..WRITES {
            failures.push(write(&vpcs, number).await.unwrap_err());
        }
        for failure in failures {
            assert_eq!(failure.name(), name, "{code}");
            assert!(failure.cause().contains(code), "{failure}");
        }
    }
}

#[tokio::test]
async fn a_region_that_a_service_control_policy_closes_is_closed_and_not_refused() {
    let words = "You are not authorized to perform this operation. User: arn:aws:sts::111111111111:assumed-role/a/b is \
         not authorized to perform: ec2:DescribeVpcs with an explicit deny in a service control policy";
    let (vpcs, _) = ec2(move |_| ec2_error(403, "UnauthorizedOperation", words));
    let look = vpcs.look(&region("eu-south-1")).await;
    assert_eq!(look, Ok(Look::Closed(words.to_owned())));
    let failure = vpcs.list_regions().await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_three_times_and_what_may_not_once() {
    for (reply, tries) in [
        (Some((503, "RequestLimitExceeded")), 3),
        (Some((400, "RequestLimitExceeded")), 3),
        (Some((500, "InternalError")), 3),
        (None, 3),
        (Some((403, "UnauthorizedOperation")), 1),
        (Some((400, "DependencyViolation")), 1),
    ] {
        let (vpcs, calls) = ec2(move |_| match reply {
            Some((status, code)) => ec2_error(status, code, "words"),
            None => Reply::Cut,
        });
        let _ = vpcs.delete_vpc(&vpc()).await;
        assert_eq!(calls.lock().unwrap().len(), tries, "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_gets_through_in_the_end_is_a_success() {
    let tries = Mutex::new(0);
    let (vpcs, calls) = ec2(move |_| {
        let mut tries = tries.lock().unwrap();
        *tries += 1;
        match *tries {
            1 => ec2_error(503, "RequestLimitExceeded", "words"),
            2 => Reply::Cut,
            _ => Reply::Said(200, "<R/>".to_owned()),
        }
    });
    assert_eq!(vpcs.delete_vpc(&vpc()).await, Ok(Removal::Gone));
    assert_eq!(calls.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn no_answer_is_a_service_that_is_not_available() {
    let (vpcs, _) = ec2(|_| Reply::Cut);
    let failure = vpcs.look(&region("eu-south-1")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
    assert!(failure.cause().contains("ec2:DescribeVpcs"), "{failure}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_told_with_its_call() {
    for body in [
        "busy",
        "<R><vpcSet><item><vpcId>of another kind</vpcId></item></vpcSet></R>",
        "<R><vpcSet><item><isDefault>true</isDefault></item></vpcSet></R>",
    ] {
        let (vpcs, _) = ec2(move |_| Reply::Said(200, body.to_owned()));
        let failure = vpcs.look(&region("eu-south-1")).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::Internal, "{body}");
        assert!(failure.cause().contains("ec2:DescribeVpcs"), "{failure}");
    }
}
