//! The operator's book: parsing files of orders, stock, sites and lanes into domain facts
