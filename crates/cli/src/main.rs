//! The holdfast command: composition root, commands, exit codes.

fn main() {}
