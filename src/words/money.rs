//! Money: whole cents, never a fraction (R140).

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::{Fault, text};

/// An amount in cents; below zero it is owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cents(pub i64);

impl Cents {
    /// The largest amount of one entry: ten million dollars less a cent.
    pub const LARGEST: i64 = 999_999_999;

    /// Reads an amount as people and programs write it: `-1,234.05`, `$12`, `12.5`. A comma groups three digits; there are
    /// one or two digits after the point.
    ///
    /// # Errors
    /// A sentence for whoever typed it.
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        const SHAPE: Fault = "Enter an amount in dollars and cents, like 25.00 or 1,234.56.";
        // Full-width digits, dashes of all kinds, and what nobody sees.
        let seen = typed.nfkc().filter(|letter| !text::is_invisible(*letter) && !letter.is_whitespace());
        let text: String = seen.map(|letter| if text::is_dash(letter) { '-' } else { letter }).collect();
        // Accountants put what is owed in brackets.
        let bare = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let (is_negative, text) = match bare {
            Some(bare) => (true, bare),
            None => text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest)),
        };
        let text = text.strip_prefix('$').unwrap_or(text);
        let (dollars, cents) = text.split_once('.').map_or((text, None), |(dollars, cents)| (dollars, Some(cents)));
        let cents = match cents.map(str::as_bytes) {
            None => 0,
            Some([tens @ b'0'..=b'9']) => i64::from(tens - b'0') * 10,
            Some([tens @ b'0'..=b'9', ones @ b'0'..=b'9']) => i64::from(tens - b'0') * 10 + i64::from(ones - b'0'),
            Some(_) => return Err(SHAPE),
        };
        let mut groups = dollars.split(',');
        let first = groups.next().unwrap_or_default();
        let grouped = !dollars.contains(',') || first.len() <= 3;
        let is_number = |group: &str| !group.is_empty() && group.bytes().all(|digit| digit.is_ascii_digit());
        if !grouped || !is_number(first) || !groups.all(|group| group.len() == 3 && is_number(group)) {
            return Err(SHAPE);
        }
        let dollars: i64 = dollars.replace(',', "").parse().unwrap_or(i64::MAX);
        let cents = dollars.saturating_mul(100).saturating_add(cents);
        if cents > Self::LARGEST {
            return Err("An amount is at most $9,999,999.99.");
        }
        Ok(Self(if is_negative { -cents } else { cents }))
    }

    /// The amount as programs read it: `-1234.05`.
    pub fn plain(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dollars, cents) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let digits = dollars.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}${grouped}.{cents:02}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Cents;

    #[test]
    fn reads_dollars_and_cents() {
        for (typed, cents) in [
            ("-1,234.05", -123_405),
            (" $12 ", 1200),
            ("12.5", 1250),
            ("\u{2212}0.07", -7),
            ("-$3.00", -300),
            ("(12.00)", -1200),
            ("\u{2013}$ 1２", -1200),
            ("9,999,999.99", Cents::LARGEST),
        ] {
            assert_eq!(Cents::parse(typed), Ok(Cents(cents)), "{typed}");
        }
        for typed in [
            "",
            "-",
            "$",
            "1.234",
            "1.",
            ".5",
            "1,23",
            "1234,567",
            ",123",
            "12a",
            "1e3",
            "--1",
            "10,000,000.00",
            "99999999999999999999",
        ] {
            assert!(Cents::parse(typed).is_err(), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(cents in -Cents::LARGEST..=Cents::LARGEST) {
            prop_assert_eq!(Cents::parse(&Cents(cents).to_string()), Ok(Cents(cents)));
            prop_assert_eq!(Cents::parse(&Cents(cents).plain()), Ok(Cents(cents)));
        }

        #[test]
        fn no_text_makes_it_panic(typed in "\\PC*") {
            let _ = Cents::parse(&typed);
        }
    }

    #[test]
    fn shows_dollars_and_cents() {
        assert_eq!(Cents(0).to_string(), "$0.00");
        assert_eq!(Cents(123_456_789).to_string(), "$1,234,567.89");
        assert_eq!(Cents(-5).to_string(), "-$0.05");
        assert_eq!((Cents(-5).plain(), Cents(123_456).plain()), ("-0.05".into(), "1234.56".into()));
        assert_eq!(Cents(i64::MIN).to_string(), "-$92,233,720,368,547,758.08");
    }
}
