//! What `tests/install` puts in place.

use std::path::{Path, PathBuf};

/// The folder of the tools and the collections.
pub fn tools() -> PathBuf {
    let set = std::env::var_os("SPRINGBOARD_TEST_TOOLS").map(PathBuf::from);
    set.unwrap_or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        cache.unwrap_or_else(|| Path::new(&std::env::var("HOME").unwrap()).join(".cache")).join("springboard/tools")
    })
}

/// Whether collections are run whole (`SPRINGBOARD_TEST_ALL`), and not only a part of them.
pub fn is_whole() -> bool {
    std::env::var_os("SPRINGBOARD_TEST_ALL").is_some()
}
