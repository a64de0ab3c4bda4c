//! Takes the powerful access role down to a minimum.
