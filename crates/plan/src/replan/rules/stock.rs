//! What leaves a site of a SKU is no more than its stock there.

/// Whether `wanted` more units fit into what is left.
pub(crate) fn fits(left: u32, wanted: u32) -> bool {
    wanted <= left
}
