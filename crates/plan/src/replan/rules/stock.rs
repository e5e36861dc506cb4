//! What leaves a site of a SKU is no more than its stock there.

/// Whether `wanted` more units fit into what is left.
pub(crate) fn fits(left: i64, wanted: i64) -> bool {
    wanted <= left
}
