//! The real app on a fake world: scenarios, faults, workload, independent auditor
