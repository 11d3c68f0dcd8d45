//! Crockford's base 32: no I, L, O or U, so nothing that is read wrong on paper.

/// The letters and digits.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many characters the portal's codes have: 50 bits.
pub const LENGTH: usize = 10;

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

/// Reads what a person typed from paper: case, blanks and dashes do not matter, O is zero, I and L are one (R119).
///
/// # Errors
/// What is wrong.
pub fn read(typed: &str) -> Result<String, Misread> {
    let mut code = String::with_capacity(LENGTH);
    for letter in typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
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
        LENGTH => Ok(code),
        _ => Err(Misread::Length),
    }
}

/// A code as it is printed: two groups of five.
pub fn grouped(code: &str) -> String {
    let (one, other) = code.split_at(code.len() / 2);
    format!("{one} {other}")
}
