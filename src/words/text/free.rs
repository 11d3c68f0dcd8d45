//! Prose: messages, answers, reasons. Nothing of it is lost.

/// Text as it is kept: ends of lines of all systems and programs are `\n`, and control letters that no program shows are
/// gone. All else stays as it was typed, blanks and direction marks included.
pub fn free_text(typed: &str) -> String {
    let mut kept = String::with_capacity(typed.len());
    let mut letters = typed.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => {
                letters.next_if_eq(&'\n');
                kept.push('\n');
            }
            // A line in a cell of a spreadsheet or on a slide, a page, and Unicode's own separators.
            '\n' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => kept.push('\n'),
            '\t' => kept.push('\t'),
            letter if letter.is_control() => {}
            letter => kept.push(letter),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_a_line_wherever_it_was_written() {
        assert_eq!(free_text("a\r\nb\rc\nd\u{B}e\u{2028}f\0g"), "a\nb\nc\nd\ne\nfg");
    }

    proptest! {
        #[test]
        fn nothing_that_can_be_seen_is_lost(typed in "(\\PC|[\r\n\t]){0,80}") {
            let kept = free_text(&typed);
            let seen = |text: &str| text.chars().filter(|letter| !letter.is_control()).collect::<String>();
            prop_assert_eq!(seen(&kept), seen(&typed).replace(['\u{2028}', '\u{2029}'], ""));
            prop_assert_eq!(free_text(&kept), kept);
        }
    }
}
