//! Storms that ship with the product, typed as facts.
