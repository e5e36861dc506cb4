//! Which sites to contract: facility location with bounds.
