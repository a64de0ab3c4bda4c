//! The documents of a configuration folder: reading them, and finding every problem of them.
//! A crate of its own because the command `avm` and the import both need it, and the import must not build the AWS SDK.

mod folder;
mod placeholders;
mod problems;

pub use self::folder::{File, Kind, landing_zones, read};
pub use self::placeholders::placeholders;
pub use self::problems::{Found, problems};
