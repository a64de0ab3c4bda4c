//! The common shape of an enumeration of AWS: each variant has the text that AWS gives it.
//! A text that AWS did not have when this was written is kept as it is.

/// Declares such an enumeration, with what turns it into its text and back.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $text:literal $(| $same:literal)*,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A text that AWS did not have when this was written.
            Other(String),
        }

        impl $name {
            /// Every variant with a text of its own.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text $(| $same)* => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
pub(crate) use wire_enum;

#[cfg(test)]
mod tests {
    wire_enum! {
        Status {
            Enabled = "ENABLED" | "ENABLED_BY_DEFAULT",
            Disabled = "DISABLED",
        }
    }

    #[test]
    fn texts_are_read_and_written_back() {
        for status in Status::KNOWN {
            assert_eq!(&Status::from(status.to_string().as_str()), status);
        }
        assert_eq!(Status::from("ENABLED_BY_DEFAULT"), Status::Enabled);
        assert_eq!(Status::from("NEW"), Status::Other("NEW".to_owned()));
        let written = serde_json::to_value([Status::Disabled, Status::from("NEW")]).unwrap();
        assert_eq!(written, serde_json::json!(["DISABLED", "NEW"]));
    }
}
