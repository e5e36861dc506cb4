//! What pages load beside themselves: style, script, type, mark. All of it lies in the binary.

/// One file.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its name under `/assets/`.
    pub name: &'static str,
    /// Its media type.
    pub media: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

/// All files.
pub const ASSETS: [Asset; 4] = [
    Asset {
        name: "console.css",
        media: "text/css; charset=utf-8",
        bytes: include_bytes!("../assets/console.css"),
    },
    Asset {
        name: "console.js",
        media: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../assets/console.js"),
    },
    Asset { name: "inter.woff2", media: "font/woff2", bytes: include_bytes!("../assets/inter.woff2") },
    Asset { name: "mark.svg", media: "image/svg+xml", bytes: include_bytes!("../assets/mark.svg") },
];

/// The content-security policy every page is made for: nothing inline, nothing from elsewhere.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     font-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// The file of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// A file's address; it changes with its content, so that it may be cached for ever.
#[must_use]
pub fn address(name: &str) -> String {
    let hash = find(name).map_or(0, |asset| {
        // FNV-1a: only to tell one build's file from the next one's.
        asset.bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        })
    });
    format!("/assets/{name}?v={hash:016x}")
}
