//! An authenticator app, as somebody has it on their phone.

use springboard::second_factor::Authenticator;

use super::browser::Page;

/// The authenticator whose key a page shows (RFC 4648, base 32).
pub fn app_of(page: &Page) -> Authenticator {
    let (_, rest) = page.body.split_once("<code class=\"key\">").expect("a key");
    let text: String = rest.split('<').next().unwrap().split_whitespace().collect();
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut bytes) = (0u32, 0u32, Vec::new());
    for letter in text.bytes() {
        bits = (bits << 5) | u32::try_from(letters.iter().position(|one| *one == letter).unwrap()).unwrap();
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xFF).unwrap());
        }
    }
    Authenticator::known(bytes)
}
