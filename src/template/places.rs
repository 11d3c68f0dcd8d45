//! The places in a message for an account's own facts: `{name}`, `{number}`, `{type}`.

use crate::{
    db::value::SurrealValue,
    words::{AccountNumber, Agency, places},
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
    places::filled(text, &[("name", to.name.as_str()), ("number", &number), ("type", agency.type_name(kind))])
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
