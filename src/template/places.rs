//! The places in a message for an account's own facts: `{name}`, `{number}`, `{type}`.

use crate::{
    store::value::SurrealValue,
    words::{AccountNumber, Agency},
};

/// An account as a message reaches it.
#[derive(Clone, Debug, SurrealValue)]
pub struct Addressee {
    /// The account's number.
    pub number: String,
    /// Its name.
    pub name: String,
}

/// A text with an account's facts in their places: `{name}`, `{number}`, `{type}`.
pub fn filled(text: &str, agency: &Agency, kind: &str, to: &Addressee) -> String {
    let number = AccountNumber::parse(&to.number).map_or_else(|_| to.number.clone(), |number| number.to_string());
    // One pass: what a name holds is no place again.
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let places = [("{name}", to.name.as_str()), ("{number}", &number), ("{type}", agency.type_name(kind))];
        match places.into_iter().find(|(place, _)| rest.starts_with(place)) {
            Some((place, value)) => {
                out.push_str(value);
                rest = &rest[place.len()..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::agency::SEED;

    #[test]
    fn facts_come_into_their_places_and_nothing_else_does() {
        let agency = Agency::parse(SEED).unwrap();
        let to = Addressee { number: "0000001005".into(), name: "{number} & SONS".into() };
        let text = "For {name}, {type} {number}: {other} {{name} {";
        assert_eq!(
            filled(text, &agency, "dealer", &to),
            "For {number} & SONS, Dealer 00-00001005: {other} {{number} & SONS {"
        );
    }
}
