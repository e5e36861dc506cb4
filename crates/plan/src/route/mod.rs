//! Lanes, zones and roads: how goods reach the customer around a closed area.
