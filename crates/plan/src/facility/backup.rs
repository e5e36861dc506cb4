//! Which candidate sites to contract as backups against sites that fail together.
//!
//! Placeholder until the search is in.
