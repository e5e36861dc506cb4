//! Wind fields of tropical cyclones.
