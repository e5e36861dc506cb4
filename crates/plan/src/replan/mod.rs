//! Re-planning open orders after a loss, with a proven bound.
