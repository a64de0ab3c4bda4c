//! Moves the account to its organizational unit.
