//! What a hazard's footprint hits: sites, lanes, zones; when, how hard, how surely.
