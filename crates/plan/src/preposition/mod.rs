//! How much of which SKU to lay at which site before a disaster.
