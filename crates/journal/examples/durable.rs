//! How fast orders become durable: full order records, one transaction for each group, on the disk at hand.
//!
//! `cargo run --release -p holdfast-journal --example durable -- [folder] [orders]`
fn main() {}
