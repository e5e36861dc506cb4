//! The operator's book: bytes of files in, typed rows and row errors out.
//!
//! A *book* is everything an operator hands over: merchants, sites, goods, stock, lanes, zones, customers,
//! orders, contacts and processes. This crate opens no file: the caller reads the bytes. Nothing is rejected
//! silently: for each file, rows read = accepted + refused + duplicates + known + ignored, each with its reason.

pub mod cell;
pub mod country;
pub mod demo;
pub mod doctor;
pub mod encoding;
mod export;
pub mod formats;
pub mod join;
pub mod kind;
pub mod known;
pub mod limits;
pub mod mapping;
pub mod model;
mod moment;
pub mod read;
pub mod refer;
pub mod report;
pub mod row;
pub mod rule;
pub mod sheet;
mod table;
pub mod uci;
pub mod unpack;
mod view;
pub mod write;

pub use doctor::{MissingAnswer, missing_answers};
pub use model::Book;
pub use read::{Reading, read_book};
pub use write::write_book;

use row::{FileSpec, Row};

/// Every file of the book, in the order the documentation has them.
pub const FILES: [FileSpec; 17] = [
    model::Operator::FILE,
    model::Merchant::FILE,
    model::Site::FILE,
    model::CapacityDay::FILE,
    model::StandbyContract::FILE,
    model::Sku::FILE,
    model::Stock::FILE,
    model::Inbound::FILE,
    model::ZoneArea::FILE,
    model::Carrier::FILE,
    model::Lane::FILE,
    model::Customer::FILE,
    model::Order::FILE,
    model::OrderLine::FILE,
    model::Return::FILE,
    model::Contact::FILE,
    model::Process::FILE,
];
