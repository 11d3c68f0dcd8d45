//! Crockford's base 32: no I, L, O or U, so nothing that is read wrong on paper.

use rand::RngExt;

use super::text::identifier;

/// The letters and digits.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many characters the portal's codes on letters have: 50 bits.
pub const LENGTH: usize = 10;

/// Draws a code of this many characters, five bits each, from the system's random source.
pub fn draw(length: usize) -> String {
    let mut source = rand::rng();
    (0..length).map(|_| char::from(ALPHABET[source.random_range(0..ALPHABET.len())])).collect()
}

/// What is wrong with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misread {
    /// Nothing was typed.
    Empty,
    /// Something that no code has.
    Sign,
    /// Too few or too many.
    Length,
}

/// Reads a code of this many characters as a person typed or pasted it ([`identifier`]): case, blanks and dashes do not
/// matter, O is zero, I and L are one (R119).
///
/// # Errors
/// What is wrong.
pub fn read(typed: &str, length: usize) -> Result<String, Misread> {
    let mut code = String::with_capacity(length);
    let typed = identifier(typed);
    // A sentence may have it in brackets; in other identifiers those belong to what is read.
    for letter in typed.trim_matches(['(', ')']).chars().filter(|letter| *letter != ' ' && *letter != '-') {
        let folded = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if !folded.is_ascii() || !ALPHABET.contains(&(folded as u8)) {
            return Err(Misread::Sign);
        }
        code.push(folded);
    }
    match code.len() {
        0 => Err(Misread::Empty),
        read if read == length => Ok(code),
        _ => Err(Misread::Length),
    }
}

/// A code as it is printed: in groups of five.
pub fn grouped(code: &str) -> String {
    let mut printed = String::with_capacity(code.len() + code.len() / 5);
    for (place, letter) in code.chars().enumerate() {
        if place > 0 && place % 5 == 0 {
            printed.push(' ');
        }
        printed.push(letter);
    }
    printed
}
