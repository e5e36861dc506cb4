//! The operator's book: bytes of files in, typed rows and row errors out.
//!
//! A *book* is everything an operator hands over: merchants, sites, goods, stock, lanes, zones, customers,
//! orders, contacts and processes. This crate opens no file: the caller reads the bytes. Nothing is rejected
//! silently: for each file, rows read = accepted + refused + duplicates + known + ignored, each with its reason.

pub mod cell;
pub mod country;
pub mod demo;
pub mod kind;
pub mod model;
mod moment;
pub mod row;
pub mod rule;
mod table;

pub use model::Book;
