//! What was shown before it is done: a form that is sent on from its preview says so by a keyed hash of what it says.

use super::Portal;
use crate::form::Fields;

/// The mark of these fields as they were typed, for one purpose. Whoever changes one of them has another mark, and can't
/// make one.
pub fn seen(portal: &Portal, fields: &Fields, names: &[&str], purpose: &str) -> String {
    let typed: Vec<(&str, &str)> = fields.pairs().filter(|(name, _)| names.contains(name)).collect();
    // Pairs of texts always have a JSON form; in it nothing runs into its neighbor.
    let text = serde_json::to_vec(&(purpose, typed)).unwrap_or_default();
    portal.keys.hash("seen", &text)
}
