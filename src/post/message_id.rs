//! What makes a Message-ID of the portal's: the mail's id, and a proof that no one else can make. Ids alone are guessed, and
//! stand in addresses of pages; so a report that a mail came back is believed only for a mail that was sent.

use subtle::ConstantTimeEq;

use crate::words::Keys;

/// The header that says it as well.
pub const HEADER: &str = "Springboard-Message";

const PURPOSE: &str = "message id";
/// Hexadecimal digits of the proof: 64 bits.
const PROOF: usize = 16;

/// The part of the Message-ID before the `@`.
pub fn local_part(keys: &Keys, id: &str) -> String {
    format!("{id}.{}", &keys.hash(PURPOSE, id.as_bytes())[..PROOF])
}

/// The id of such a part, if its proof is right: under any key that is still in use.
pub fn id_of<'a>(keys: &Keys, local: &'a str) -> Option<&'a str> {
    let (id, proof) = local.rsplit_once('.')?;
    let right = keys.hashes(PURPOSE, id.as_bytes());
    let is_right = right.iter().any(|hash| bool::from(hash.as_bytes()[..PROOF].ct_eq(proof.as_bytes())));
    (is_right && !id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::{id_of, local_part};
    use crate::words::Keys;

    #[test]
    fn only_what_was_proved_is_known() {
        let keys = Keys::parse("a secret of more than thirty-two characters").unwrap();
        let local = local_part(&keys, "alert-1");
        assert_eq!(id_of(&keys, &local), Some("alert-1"));
        let replaced =
            Keys::parse("another secret of that many characters, or more\na secret of more than thirty-two characters")
                .unwrap();
        assert_eq!(id_of(&replaced, &local), Some("alert-1"));
        for wrong in [
            "",
            ".",
            "alert-1",
            "alert-1.",
            "alert-1.0123456789abcdef",
            &local.replace("alert-1", "alert-2"),
            &local_part(&keys, ""),
        ] {
            assert_eq!(id_of(&keys, wrong), None, "{wrong}");
        }
    }
}
