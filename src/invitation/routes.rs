//! The routes of campaigns.

use actix_web::{HttpResponse, http::StatusCode, web};

use super::{
    Campaign, pages,
    queries::{self, New},
};
use crate::{
    audit::{self, Deed},
    form::{Faults, Fields, line},
    http::{
        Fault, Portal, Posted, answer,
        csv::{csv_of, moment},
        page, see_other, unprocessable,
    },
    page::{Frame, fields::Filled},
    session::{
        Staff, StepUp,
        staff::{Clerk, Employee},
    },
    words::Agency,
};

/// How many the page shows, and a list that is taken away at most.
const SHOWN: i64 = 20;
const EXPORTED: i64 = 5000;
/// The most invitations in an hour that may be asked for.
const FASTEST: i64 = 20_000;

/// The latest campaigns, and the form of a new one.
///
/// # Errors
/// When the database does not answer.
pub async fn list(staff: Staff<Employee>, portal: Portal, frame: Frame) -> Result<HttpResponse, Fault> {
    let fields = Fields::default().with("pace", "1000").with("letters", "yes");
    let faults = Faults::default();
    let all = queries::latest(&portal.db, SHOWN).await?;
    Ok(page(&frame, &pages::list(&frame, &all, staff.by(), Filled { fields: &fields, faults: &faults })))
}

/// The same as CSV, with those that the page leaves out.
///
/// # Errors
/// When the database does not answer.
pub async fn export(staff: Staff<Employee>, _: StepUp, portal: Portal) -> Result<HttpResponse, Fault> {
    audit::row(portal.now(), staff.id(), Deed::ExportedList, "campaigns", "").run(&portal.db).await?;
    let campaigns = queries::latest(&portal.db, EXPORTED).await?;
    let row = |campaign: Campaign| {
        vec![
            moment(campaign.created),
            campaign.author_name,
            campaign.released_by.unwrap_or_default(),
            campaign.name,
            campaign.kinds.join(", "),
            campaign.considered.to_string(),
            campaign.by_email.to_string(),
            campaign.by_letter.to_string(),
            campaign.state.label().to_owned(),
        ]
    };
    let columns =
        ["Written", "By", "Released by", "Name", "Account types", "Gone through", "By e-mail", "By letter", "State"];
    Ok(csv_of("campaigns", &columns, campaigns.into_iter().map(row).collect()))
}

/// Writes a campaign.
///
/// # Errors
/// When the database does not answer.
pub async fn create(
    staff: Staff<Clerk>,
    portal: Portal,
    frame: Frame,
    Posted(posted): Posted,
) -> Result<HttpResponse, Fault> {
    match parse(&posted, &portal.agency()) {
        Ok(new) => {
            let id = ulid::Ulid::generate().to_string();
            queries::create(&portal.db, &id, new, staff.by(), portal.now()).await?;
            Ok(see_other(&pages::path(&id)))
        }
        Err(faults) => {
            let all = queries::latest(&portal.db, SHOWN).await?;
            let form = Filled { fields: &posted, faults: &faults };
            Ok(unprocessable(&frame, &pages::list(&frame, &all, staff.by(), form)))
        }
    }
}

fn parse(posted: &Fields, agency: &Agency) -> Result<New, Faults> {
    let mut faults = Faults::default();
    let name = faults.take("name", line(posted.text("name"), "a name", 80));
    let all = agency.account_types.iter().map(|kind| kind.key.clone());
    let kinds: Vec<String> = all.filter(|kind| posted.all("kinds").any(|chosen| chosen == kind)).collect();
    let kinds =
        faults.take("kinds", if kinds.is_empty() { Err("Select at least one account type.") } else { Ok(kinds) });
    let pace = posted.text("pace").trim().parse().ok().filter(|pace| (1..=FASTEST).contains(pace));
    let pace = faults.take("pace", pace.ok_or("Enter a number from 1 to 20000."));
    let ((name, kinds), pace) = faults.or(name.zip(kinds).zip(pace))?;
    Ok(New { name, kinds, pace, letters: posted.has("letters") })
}

async fn find(portal: &Portal, id: &str) -> Result<Campaign, Fault> {
    queries::find(&portal.db, id).await?.ok_or(Fault::NotFound)
}

/// One campaign, with its report.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn open(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let campaign = find(&portal, &id).await?;
    let outcomes = queries::outcomes(&portal.db, &id).await?;
    Ok(page(&frame, &pages::one(&frame, &campaign, &outcomes, staff.by())))
}

/// Its report, for an open page that was told that something changed.
///
/// # Errors
/// [`Fault::NotFound`] for one that is not there.
pub async fn part(
    staff: Staff<Employee>,
    portal: Portal,
    frame: Frame,
    id: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let campaign = find(&portal, &id).await?;
    let outcomes = queries::outcomes(&portal.db, &id).await?;
    Ok(answer(StatusCode::OK, pages::report(&frame, &campaign, &outcomes, staff.by())))
}
