//! Tokens of sessions and browsers: drawn at random, kept as a hash.

use rand::Rng;
use sha2::{Digest, Sha256};

use crate::words::Keys;

/// Draws a token: 256 bits, as text for a cookie.
pub fn draw() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// The key of the record that a token belongs to. The token has 256 random bits, so a plain hash
/// tells nothing of it.
pub fn record_key(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// The token that forms carry, bound to a session's or a browser's cookie.
pub fn for_forms(keys: &Keys, cookie: &str) -> String {
    keys.hash("form", cookie.as_bytes())
}
