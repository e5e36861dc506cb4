//! Journals: SQLite and memory, versioned records, one conformance suite
