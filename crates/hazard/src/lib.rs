//! What threatens: readers of alerts and tracks, geometry, exposure, event catalogue
