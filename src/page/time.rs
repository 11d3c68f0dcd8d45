//! Times, shown in the agency's zone.

use maud::{Markup, html};

use crate::words::{Agency, Moment};

/// A day and time with its zone: "November 24, 2026, 4:36 p.m. EST".
pub fn in_full(agency: &Agency, moment: Moment) -> String {
    let local = moment.with_timezone(&agency.zone());
    let half = if local.format("%P").to_string() == "am" { "a.m." } else { "p.m." };
    format!("{} {half} {}", local.format("%B %-d, %Y, %-I:%M"), local.format("%Z"))
}

/// A day: "November 24, 2026".
pub fn day(agency: &Agency, moment: Moment) -> String {
    moment.with_timezone(&agency.zone()).format("%B %-d, %Y").to_string()
}

/// A moment on a page, readable by programs as well.
pub fn stamp(agency: &Agency, moment: Moment) -> Markup {
    html! { time datetime=(moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)) { (in_full(agency, moment)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_agencys_own_time() {
        let agency = Agency::parse(crate::words::agency::SEED).unwrap();
        let moment = "2026-11-24T21:36:00Z".parse().unwrap();
        assert_eq!(in_full(&agency, moment), "November 24, 2026, 4:36 p.m. EST");
        assert_eq!(day(&agency, moment), "November 24, 2026");
    }
}
