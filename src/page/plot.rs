//! Plots: bars day by day, as SVG that the server draws. The same figures stand in a table below, for those who do not see
//! the bars.

use chrono::NaiveDate;
use maud::{Markup, html};

/// The field that bars are drawn on.
const WIDTH: usize = 600;
const HEIGHT: usize = 120;
/// The room for the figures of the axis.
const LEFT: usize = 40;

/// One thing that is counted, with its count on each day.
pub struct Series {
    /// Its name.
    pub label: &'static str,
    /// Its counts, in the order of the days.
    pub counts: Vec<i64>,
}

/// A plot of some series, one on another.
pub struct Plot<'a> {
    /// What it shows.
    pub title: &'a str,
    /// The days, oldest first.
    pub days: &'a [NaiveDate],
    /// What was counted: up to four.
    pub series: Vec<Series>,
    /// The list behind it.
    pub behind: (&'a str, &'a str),
}

/// The least round number that is not below this one: 1, 2 or 5 with noughts.
fn round(most: i64) -> i64 {
    let mut scale = 1;
    loop {
        for step in [1, 2, 5] {
            if step * scale >= most {
                return step * scale;
            }
        }
        scale *= 10;
    }
}

impl Plot<'_> {
    /// The plot with its table and the way to the list behind it.
    pub fn show(&self) -> Markup {
        let totals: Vec<i64> =
            (0..self.days.len()).map(|day| self.series.iter().map(|series| series.counts[day]).sum()).collect();
        let all: i64 = totals.iter().sum();
        let top = round(totals.iter().copied().max().unwrap_or(0).max(1));
        html! {
            figure class="plot" {
                figcaption { h3 { (self.title) } p { strong { (all) } " in " (self.days.len()) " days. " a href=(self.behind.1) { (self.behind.0) } } }
                svg viewBox=(format!("0 0 {} {}", WIDTH + LEFT, HEIGHT + 24)) role="img" aria-label=(format!("{}: {all} in {} days; the figures are under Figures", self.title, self.days.len())) {
                    line class="axis" x1=(LEFT) y1=(HEIGHT) x2=(LEFT + WIDTH) y2=(HEIGHT) {}
                    line class="grid" x1=(LEFT) y1="6" x2=(LEFT + WIDTH) y2="6" {}
                    text x=(LEFT - 6) y="10" text-anchor="end" { (top) }
                    text x=(LEFT - 6) y=(HEIGHT) text-anchor="end" { "0" }
                    (self.bars(top))
                    @if let (Some(first), Some(last)) = (self.days.first(), self.days.last()) {
                        text x=(LEFT) y=(HEIGHT + 18) { (first.format("%b %-d")) }
                        text x=(LEFT + WIDTH) y=(HEIGHT + 18) text-anchor="end" { (last.format("%b %-d")) }
                    }
                }
                @if self.series.len() > 1 {
                    ul class="legend" { @for (index, series) in self.series.iter().enumerate() { li { span class={ "swatch series-" (index + 1) } aria-hidden="true" {} (series.label) } } }
                }
                details { summary { "Figures" span class="unseen" { ": " (self.title) } } (self.table()) }
            }
        }
    }

    fn bars(&self, top: i64) -> Markup {
        let slot = WIDTH / self.days.len().max(1);
        let tall = |count: i64| usize::try_from(count * i64::try_from(HEIGHT - 6).unwrap_or(0) / top).unwrap_or(0);
        html! {
            @for day in 0..self.days.len() {
                @for (index, series) in self.series.iter().enumerate() {
                    @let below: i64 = self.series[..index].iter().map(|lower| lower.counts[day]).sum();
                    // A count that is there is seen, however small.
                    @let height = tall(series.counts[day]).max(usize::from(series.counts[day] > 0) * 2);
                    @if height > 0 {
                        rect class={ "series-" (index + 1) } x=(LEFT + day * slot + 1) y=(HEIGHT.saturating_sub(tall(below) + height))
                            width=(slot.saturating_sub(2).max(1)) height=(height) {}
                    }
                }
            }
        }
    }

    fn table(&self) -> Markup {
        html! {
            table {
                caption { (self.title) ", day by day, newest first" }
                thead { tr { th scope="col" { "Day" } @for series in &self.series { th scope="col" class="money" { (series.label) } } } }
                tbody {
                    @for (day, date) in self.days.iter().enumerate().rev() {
                        tr { th scope="row" { (date.format("%B %-d")) } @for series in &self.series { td class="money" { (series.counts[day]) } } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_round_number() {
        for (most, top) in [(1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (21, 50), (999, 1000), (1001, 2000)] {
            assert_eq!(round(most), top);
        }
    }

    #[test]
    fn bars_stand_on_one_another_and_stay_within_the_field() {
        let days: Vec<NaiveDate> = (1..=3).map(|day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap()).collect();
        let series =
            vec![Series { label: "one", counts: vec![5, 0, 1] }, Series { label: "other", counts: vec![5, 1000, 0] }];
        let plot = Plot { title: "T", days: &days, series, behind: ("All", "/all") };
        let drawn = plot.show().into_string();
        assert_eq!(drawn.matches("<rect").count(), 4, "{drawn}");
        for part in drawn.split("<rect").skip(1) {
            let number = |name: &str| -> usize {
                part.split_once(&format!(" {name}=\"")).unwrap().1.split('"').next().unwrap().parse().unwrap()
            };
            assert!(number("y") + number("height") <= HEIGHT && number("height") >= 2, "{part}");
        }
        assert!(drawn.contains("1011</strong> in 3 days"));
    }
}
