//! Regions, and the partitions that they lie in: what their names begin with, their endpoints end with, and where people sign in.
//! Sources: the AWS SDKs (`partitions.json`, the endpoint rules of `signin`) and the IAM User Guide; a test compares the first.

use super::text::text_type;

text_type!(
    /// An AWS region, e.g. `eu-central-1` or `eusc-de-east-1`; the set is open, AWS adds regions and whole partitions.
    Region,
    "region",
    "an AWS region such as eu-central-1",
    "^[a-z]{2,4}(-[a-z]+)+-[0-9]+$",
    |text| {
        let parts: Vec<&str> = text.split('-').collect();
        let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        parts.len() >= 3
            && (2..=4).contains(&parts[0].len())
            && parts[..parts.len() - 1].iter().all(is_word)
            && parts[parts.len() - 1].parse::<u8>().is_ok()
    }
);

/// A part of AWS that shares nothing with the others.
struct Partition {
    /// Its name, the second part of every ARN.
    name: &'static str,
    /// What the names of its regions begin with; the partition `aws` has all that are no other's.
    regions: &'static str,
    /// The region where services are called that it has once, such as those of its bill.
    global: &'static str,
    /// What the names of its endpoints end with.
    dns_suffix: &'static str,
    /// The host where people sign in, after the region's name where they sign in to a region.
    sign_in: &'static str,
    /// Whether that host is one without a region, too.
    signs_in_without_region: bool,
}

const PARTITIONS: [Partition; 8] = [
    of(
        "aws-cn",
        "cn-",
        "cn-northwest-1",
        "amazonaws.com.cn",
        "signin.amazonaws.cn",
        true,
    ),
    of(
        "aws-us-gov",
        "us-gov-",
        "us-gov-west-1",
        "amazonaws.com",
        "signin.amazonaws-us-gov.com",
        true,
    ),
    of(
        "aws-eusc",
        "eusc-",
        "eusc-de-east-1",
        "amazonaws.eu",
        "signin.amazonaws-eusc.eu",
        false,
    ),
    of(
        "aws-iso",
        "us-iso-",
        "us-iso-east-1",
        "c2s.ic.gov",
        "signin.c2shome.ic.gov",
        false,
    ),
    of(
        "aws-iso-b",
        "us-isob-",
        "us-isob-east-1",
        "sc2s.sgov.gov",
        "signin.sc2shome.sgov.gov",
        false,
    ),
    of(
        "aws-iso-e",
        "eu-isoe-",
        "eu-isoe-west-1",
        "cloud.adc-e.uk",
        "signin.csphome.adc-e.uk",
        false,
    ),
    of(
        "aws-iso-f",
        "us-isof-",
        "us-isof-south-1",
        "csp.hci.ic.gov",
        "signin.csphome.hci.ic.gov",
        false,
    ),
    AWS,
];

const AWS: Partition = of(
    "aws",
    "",
    "us-east-1",
    "amazonaws.com",
    "signin.aws.amazon.com",
    true,
);

const fn of(
    name: &'static str,
    regions: &'static str,
    global: &'static str,
    dns_suffix: &'static str,
    sign_in: &'static str,
    signs_in_without_region: bool,
) -> Partition {
    Partition {
        name,
        regions,
        global,
        dns_suffix,
        sign_in,
        signs_in_without_region,
    }
}

impl Region {
    fn home(&self) -> &'static Partition {
        let mut partitions = PARTITIONS.iter();
        partitions
            .find(|partition| self.as_str().starts_with(partition.regions))
            .unwrap_or(&AWS)
    }

    /// The name of its partition, such as `aws`.
    pub fn partition(&self) -> &'static str {
        self.home().name
    }

    /// Whether an account cannot use this region before it has asked for it.
    ///
    /// Rule source: AWS Account Management, "Enable or disable AWS Regions": regions that were introduced after 20 March 2019, in
    /// the partition `aws`. The list of the others does not grow.
    pub fn has_to_be_opted_into(&self) -> bool {
        const ALWAYS_ENABLED: [&str; 17] = [
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-north-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ];
        self.partition() == "aws" && !ALWAYS_ENABLED.contains(&self.as_str())
    }

    /// What the names of its endpoints end with.
    pub fn dns_suffix(&self) -> &'static str {
        self.home().dns_suffix
    }

    /// Where people sign in with SAML, the audience that their assertion names: without a region if the partition has that.
    pub fn sign_in(&self) -> String {
        let partition = self.home();
        let host = partition.sign_in;
        if partition.signs_in_without_region {
            format!("https://{host}/saml")
        } else {
            self.regional_sign_in()
        }
    }

    /// The audience of the region's own endpoint for signing in with SAML.
    pub fn regional_sign_in(&self) -> String {
        format!("https://{self}.{}/saml", self.home().sign_in)
    }
}

/// What the names of a partition's endpoints end with.
pub fn dns_suffix(partition: &str) -> &'static str {
    named(partition).dns_suffix
}

/// Where a partition has the services that it has once, such as Cost Explorer (`implicitGlobalRegion` of the AWS SDKs).
pub fn global_region(partition: &str) -> &'static str {
    named(partition).global
}

fn named(partition: &str) -> &'static Partition {
    let mut partitions = PARTITIONS.iter();
    let named = partitions.find(|one| one.name == partition);
    named.unwrap_or(&AWS)
}

/// Whether a host is one of AWS's below the name of that service and a region.
pub(super) fn is_endpoint(host: &str, service: &str) -> bool {
    let rest = host
        .strip_prefix(service)
        .and_then(|rest| rest.strip_prefix('.'));
    let Some((region, suffix)) = rest.and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    let region = region.parse::<Region>();
    region.is_ok_and(|region| region.dns_suffix() == suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Region {
        text.parse().unwrap()
    }

    #[test]
    fn regions_that_aws_has_or_may_come_to_have_are_taken() {
        for text in [
            "us-gov-west-1",
            "eusc-de-east-1",
            "eu-isoe-west-1",
            "nz-north-12",
        ] {
            assert!(text.parse::<Region>().is_ok(), "{text}");
        }
        for text in [
            "eu",
            "eu-central",
            "EU-central-1",
            "eu--1",
            "europe-west-1",
            "eu-central-x",
        ] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_region_tells_its_partition_and_where_people_sign_in() {
        for (text, partition, sign_in) in [
            ("eu-central-1", "aws", "https://signin.aws.amazon.com/saml"),
            ("cn-north-1", "aws-cn", "https://signin.amazonaws.cn/saml"),
            (
                "us-gov-west-1",
                "aws-us-gov",
                "https://signin.amazonaws-us-gov.com/saml",
            ),
            (
                "eusc-de-east-1",
                "aws-eusc",
                "https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml",
            ),
            (
                "us-isob-east-1",
                "aws-iso-b",
                "https://us-isob-east-1.signin.sc2shome.sgov.gov/saml",
            ),
        ] {
            assert_eq!(region(text).partition(), partition);
            assert_eq!(region(text).sign_in(), sign_in);
        }
    }

    #[test]
    fn an_endpoint_is_one_of_the_region_that_it_names() {
        for host in [
            "scim.eu-central-1.amazonaws.com",
            "scim.eusc-de-east-1.amazonaws.eu",
        ] {
            assert!(is_endpoint(host, "scim"), "{host}");
        }
        for host in [
            "scim.eusc-de-east-1.amazonaws.com",
            "scim.eu-central-1.amazonaws.com.example.com",
            "scim.amazonaws.com",
            "xscim.eu-central-1.amazonaws.com",
        ] {
            assert!(!is_endpoint(host, "scim"), "{host}");
        }
    }
}
