//! Places in a text, `{name}`, that the portal fills.

/// A text with what belongs in its places. One pass: what fills a place is no place again, and a brace that names
/// none stays as it is.
pub fn filled(text: &str, places: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = named(rest).and_then(|name| places.iter().find(|(place, _)| *place == name));
        match known {
            Some((place, value)) => {
                out.push_str(value);
                rest = &rest[place.len() + 2..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// The places that a text names, in order.
pub fn of(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(|(at, _)| named(&text[at..]))
}

/// The name of the place that a text begins with.
fn named(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let is_name = !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_');
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fills_a_place_is_no_place_again() {
        let places = [("name", "{number} & SONS"), ("number", "7")];
        assert_eq!(
            filled("{name} {number}: {other} {{name} {", &places),
            "{number} & SONS 7: {other} {{number} & SONS {"
        );
        assert_eq!(of("{name} {Name} {} {x_y} {{a} {b").collect::<Vec<_>>(), ["name", "x_y", "a"]);
    }

    proptest! {
        #[test]
        fn a_text_without_known_places_stays_as_it_is(text in "\\PC*") {
            prop_assert_eq!(filled(&text, &[]), text);
        }
    }
}
