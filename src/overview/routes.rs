//! Today at a glance, and the last thirty days: each figure leads to the list behind it.

use actix_web::{HttpResponse, web};
use chrono::{Days, NaiveDate};
use futures_util::stream;

use super::{pages, queries};
use crate::{
    audit::{self, Deed},
    db::{
        ceiling::{self, Daily},
        counters,
    },
    http::{Fault, Portal, csv, page},
    letter::room,
    page::Frame,
    session::{Staff, StepUp, staff::Employee},
    words::measure::Measure,
};

/// How far back it looks, in days.
const DAYS: u64 = 30;
/// Used codes whose time until then is looked at.
const USED: usize = 500;

/// The days that are shown, oldest first.
fn days(portal: &Portal) -> Vec<NaiveDate> {
    let today = portal.agency().calendar().day(portal.now());
    (0..DAYS).rev().filter_map(|back| today.checked_sub_days(Days::new(back))).collect()
}

/// The overview.
///
/// # Errors
/// When the database does not answer.
pub async fn show(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let (db, days) = (&portal.db, days(&portal));
    // What this process counted is to be on its own page.
    portal.tally.write(db).await?;
    let first = days.first().copied().unwrap_or_default();
    let (counts, now, letters, used, queues) = futures_util::try_join!(
        counters::since(db, first),
        queries::now(db),
        room::waiting(db),
        queries::until_used(db, USED),
        queries::queues(db),
    )?;
    let today = days.last().copied().unwrap_or_default();
    let mut ceilings = Vec::new();
    for what in Daily::ALL {
        ceilings.push((what, ceiling::counted(db, what, today).await?, portal.ceiling(what)));
    }
    let view = pages::View {
        ceilings: &ceilings,
        days: &days,
        counts: &counts,
        now: &now,
        letters,
        used: &used,
        queues: &queues,
        by: staff.by(),
    };
    Ok(page(&frame, &pages::overview(&view)))
}

/// The figures of the last thirty days as CSV.
///
/// # Errors
/// When the database does not answer.
pub async fn export(staff: Staff<Employee>, _: StepUp, portal: Portal) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "overview", "").run(&portal.db).await?;
    let days = days(&portal);
    portal.tally.write(&portal.db).await?;
    let counts = counters::since(&portal.db, days.first().copied().unwrap_or_default()).await?;
    let columns: Vec<&str> = std::iter::once("Day").chain(Measure::ALL.map(Measure::label)).collect();
    let row = |day: &NaiveDate| {
        let figures = Measure::ALL.map(|measure| counts.get(&(*day, measure)).copied().unwrap_or(0).to_string());
        std::iter::once(day.to_string()).chain(figures).collect()
    };
    let rows: Vec<Vec<String>> = days.iter().map(row).collect();
    Ok(csv("overview", &columns, stream::once(std::future::ready(Ok(rows)))))
}

/// Alerts that nothing could tell of, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn alerts(
    _: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    after: web::Query<pages::After>,
) -> Result<HttpResponse, Fault> {
    let lost = queries::lost_alerts(&portal.db, after.after(), pages::ON_A_PAGE + 1).await?;
    Ok(page(&frame, &pages::alerts(&frame, lost)))
}
