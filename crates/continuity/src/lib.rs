//! Before the disaster: impact analysis, critical inventory, the plan document's content, statistics
