//! Readers of alerts and bulletins.
