//! Losses and how often they are exceeded.
