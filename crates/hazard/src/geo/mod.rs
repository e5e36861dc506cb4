//! Geometry on the globe: areas, and how far a place is from them.
