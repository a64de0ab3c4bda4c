//! Ids of EC2's resources in a region, and the default VPC, whose type can only be made of a VPC that AWS calls default.
//! Source: EC2 resource ids, a prefix and 8 or 17 hexadecimal digits.

use super::region::Region;
use super::text::text_type;

text_type!(
    /// The id of a VPC.
    VpcId,
    "VPC id",
    "of the form vpc-0123456789abcdef0",
    "^vpc-[0-9a-f]{8,17}$",
    |text| is_id(text, "vpc-")
);

text_type!(
    /// The id of a subnet.
    SubnetId,
    "subnet id",
    "of the form subnet-0123456789abcdef0",
    "^subnet-[0-9a-f]{8,17}$",
    |text| is_id(text, "subnet-")
);

text_type!(
    /// The id of an internet gateway.
    InternetGatewayId,
    "internet gateway id",
    "of the form igw-0123456789abcdef0",
    "^igw-[0-9a-f]{8,17}$",
    |text| is_id(text, "igw-")
);

text_type!(
    /// The id of a network interface.
    NetworkInterfaceId,
    "network interface id",
    "of the form eni-0123456789abcdef0",
    "^eni-[0-9a-f]{8,17}$",
    |text| is_id(text, "eni-")
);

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        (8..=17).contains(&digits.len())
            && digits
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// A VPC that AWS calls the default of its region. No other VPC gets this type, so no other is deleted.
///
/// It stays the default until it is deleted: EC2 has no call that changes that, and never reuses an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultVpc {
    region: Region,
    id: VpcId,
}

impl DefaultVpc {
    /// The VPC, if AWS says that it is the default, or that a subnet of it is the default of its zone.
    ///
    /// Rule source: Amazon VPC User Guide, "Default VPCs": default subnets are in default VPCs only.
    pub fn confirmed(region: Region, id: VpcId, is_default: bool) -> Option<Self> {
        is_default.then_some(Self { region, id })
    }

    pub const fn region(&self) -> &Region {
        &self.region
    }

    pub const fn id(&self) -> &VpcId {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_prefix_and_hexadecimal_digits() {
        for id in ["vpc-0123abcd", "vpc-0123456789abcdef0"] {
            assert!(id.parse::<VpcId>().is_ok(), "{id}");
        }
        for id in [
            "",
            "vpc-",
            "vpc-1",
            "vpc-0123ABCD",
            "subnet-0123abcd",
            "vpc-0123456789abcdef01",
        ] {
            assert!(id.parse::<VpcId>().is_err(), "{id}");
        }
        assert!("subnet-0123abcd".parse::<SubnetId>().is_ok());
        assert!("igw-0123abcd".parse::<InternetGatewayId>().is_ok());
        assert!("eni-0123abcd".parse::<NetworkInterfaceId>().is_ok());
    }

    #[test]
    fn only_the_default_is_a_default_vpc() {
        let make = |is_default| {
            let region = "eu-central-1".parse().unwrap();
            DefaultVpc::confirmed(region, "vpc-0123abcd".parse().unwrap(), is_default)
        };
        assert_eq!(make(false), None);
        assert_eq!(make(true).unwrap().id().as_str(), "vpc-0123abcd");
    }
}
