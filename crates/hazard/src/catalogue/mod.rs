//! The event catalogue: years of hazard events at published rates.
