//! What threatens: readers of alerts and tracks, geometry, exposure in time, event catalogue.
//!
//! Everything here is a pure function of what it is given: no clock, entropy, network or file. A reader
//! takes bytes or text and refuses what it cannot vouch for, by line and column; chance is ChaCha keyed by
//! seed, purpose and entity.

pub mod alert;
pub mod catalogue;
pub mod document;
pub mod exposure;
pub mod geo;
pub mod loss;
pub mod storms;
pub mod threat;
pub mod track;
pub mod wind;
