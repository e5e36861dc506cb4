//! The rules of re-planning, one a file: what each adds to the cost, or what it forbids.
//!
//! Each file has its counterpart of the same name in `replan/check`, written apart from this one.
//! To add a rule: one file here, one there, one line in each `mod.rs`, and its use in `model.rs`.

pub(crate) mod activation;
pub(crate) mod backorder;
pub(crate) mod capacity;
pub(crate) mod fairness;
pub(crate) mod handling;
pub(crate) mod held;
pub(crate) mod lane_open;
pub(crate) mod late;
pub(crate) mod moving;
pub(crate) mod ship_day;
pub(crate) mod shipping;
pub(crate) mod site_open;
pub(crate) mod split;
pub(crate) mod stock;
pub(crate) mod storage;
pub(crate) mod transfer;
