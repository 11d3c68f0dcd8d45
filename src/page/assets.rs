//! Files for the browser, compiled in. Each is served under a name with its own hash, so that it
//! may be kept for a year.

use std::{collections::HashMap, sync::LazyLock};

use sha2::{Digest, Sha256};

/// One file.
pub struct Asset {
    /// Its media type.
    pub media: &'static str,
    /// Its text.
    pub text: Box<str>,
    /// Its path with the hash, `/assets/….0123456789.css`.
    pub path: String,
}

/// The scripts, served as one file: htmx starts before a second deferred script is there, so its
/// extension must come along.
const SCRIPTS: &[&str] = &[
    include_str!("../../assets/vendor/htmx/htmx.min.js"),
    include_str!("../../assets/vendor/htmx/hx-sse.min.js"),
    include_str!("../../assets/scripts/portal.js"),
    include_str!("../../assets/scripts/passkey.js"),
];

/// The stylesheets, one per component, in the order of their layers; served as one file.
const STYLES: &[&str] = &[
    include_str!("../../assets/styles/base.css"),
    include_str!("../../assets/styles/frame.css"),
    include_str!("../../assets/styles/menu.css"),
    include_str!("../../assets/styles/forms.css"),
    include_str!("../../assets/styles/stepper.css"),
    include_str!("../../assets/styles/sign_in.css"),
    include_str!("../../assets/styles/tables.css"),
    include_str!("../../assets/styles/springboard.css"),
    include_str!("../../assets/styles/messages.css"),
    include_str!("../../assets/styles/content.css"),
    include_str!("../../assets/styles/print.css"),
];

static ASSETS: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    let files = [
        ("portal.css", "text/css; charset=utf-8", STYLES.join("\n")),
        ("portal.js", "text/javascript; charset=utf-8", SCRIPTS.join("\n")),
        ("icon.svg", "image/svg+xml", include_str!("../../assets/icons/icon.svg").to_owned()),
    ];
    files
        .into_iter()
        .map(|(name, media, text)| {
            let hash = &hex::encode(Sha256::digest(&text))[..16];
            let (stem, kind) = name.rsplit_once('.').expect("an asset's name has an ending");
            (name, Asset { media, path: format!("/assets/{stem}.{hash}.{kind}"), text: text.into() })
        })
        .collect()
});

/// The path under which a page asks for the file.
///
/// # Panics
/// When no such file is compiled in, which any test of the page shows.
pub fn path(name: &str) -> &'static str {
    &ASSETS.get(name).unwrap_or_else(|| panic!("no asset {name}")).path
}

/// The file that a browser asks for by its path.
pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.values().find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendored_files_are_unmodified() {
        let list = include_str!("../../assets/vendor/htmx/README.md");
        for file in &SCRIPTS[..2] {
            assert!(
                list.contains(&hex::encode(Sha256::digest(file))),
                "a vendored file differs from its hash in the README"
            );
        }
    }

    #[test]
    fn an_asset_is_found_by_its_hashed_path_only() {
        assert!(find(path("portal.css")).is_some());
        assert!(find("/assets/portal.css").is_none());
    }
}
