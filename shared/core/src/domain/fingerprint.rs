//! The SHA-256 fingerprint of a certificate, as `openssl x509 -fingerprint -sha256` prints it.
//! It tells a certificate from every other one, and is no secret.

use std::fmt;
use std::str::FromStr;

use super::sha256_of;

/// A fingerprint, in lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of a certificate in base64 without white space, as XML signatures have it; none if it is no base64.
    pub fn of_certificate(base64: &str) -> Option<Self> {
        let bytes = from_base64(base64)?;
        Some(Self(sha256_of(&bytes)))
    }
}

impl FromStr for Fingerprint {
    type Err = &'static str;

    /// 64 hexadecimal digits of either case, with or without colons between each two.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.replace(':', "");
        let is_in_pairs = digits == text || text.split(':').all(|pair| pair.len() == 2);
        let is_valid = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_valid && is_in_pairs {
            Ok(Self(digits.to_ascii_lowercase()))
        } else {
            Err("a fingerprint must be the 64 hexadecimal digits of SHA-256")
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if digits.is_empty() || text.len() - digits.len() > 2 || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_with_and_without_its_padding() {
        for (text, bytes) in [
            ("Zg==", &b"f"[..]),
            ("Zm8=", b"fo"),
            ("Zm9v", b"foo"),
            ("Zm9vYmE", b"fooba"),
            ("+/8A", &[0xfb, 0xff, 0x00]),
        ] {
            assert_eq!(from_base64(text).as_deref(), Some(bytes), "{text}");
        }
        for text in ["", "====", "Z", "Zm9v=Zm9v", "Zm 9", "Zm9-"] {
            assert_eq!(from_base64(text), None, "{text}");
        }
    }

    #[test]
    fn a_fingerprint_is_what_openssl_prints_in_either_spelling() {
        let plain = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
        let of_foo = Fingerprint::of_certificate("Zm9v").unwrap();
        assert_eq!(of_foo.to_string(), plain);
        let bytes: Vec<String> = (0..32)
            .map(|at| plain[2 * at..2 * at + 2].to_uppercase())
            .collect();
        assert_eq!(bytes.join(":").parse(), Ok(of_foo.clone()));
        assert_eq!(plain.parse(), Ok(of_foo));
        let odd = format!("zz:{}", bytes.join(":"));
        for text in [
            "",
            &plain[1..],
            &format!("{plain}:"),
            &bytes.join(": "),
            &odd,
        ] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}
