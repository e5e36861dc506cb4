//! Tracks of tropical cyclones: readers, wind fields swept in time.
