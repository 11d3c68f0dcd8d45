//! The operators' listener: whether the process lives, and whether it can serve.

use actix_web::{HttpResponse, web};

use crate::{
    audit::{self, Seal},
    db::{
        DbError,
        ceiling::{self, Daily},
        counters, queue,
        queue::Waiting,
        statement,
    },
    http::Portal,
    words::measure::Measure,
};

/// Mounts the operators' pages.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/health/live", web::get().to(|| async { HttpResponse::Ok().body("alive\n") }))
        .route("/health/ready", web::get().to(ready))
        .route("/metrics", web::get().to(metrics))
        .route("/audit/verify", web::get().to(verify_audit));
}

statement! {
    Ping;
    "RETURN 1"
}

/// Ready means that the database answers.
async fn ready(portal: web::Data<Portal>) -> HttpResponse {
    match portal.db.ask(Ping {}).await {
        Ok(()) => HttpResponse::Ok().body("ready\n"),
        Err(_) => HttpResponse::ServiceUnavailable().body("the database is away\n"),
    }
}

/// A seal that was noted before.
#[derive(serde::Deserialize)]
struct Noted {
    seal: Option<String>,
}

/// Walks the whole chain of the audit: what `springboard audit verify` does, while the portal serves.
async fn verify_audit(portal: web::Data<Portal>, noted: web::Query<Noted>) -> HttpResponse {
    let noted = match noted.seal.as_deref().map(Seal::parse).transpose() {
        Ok(noted) => noted,
        Err(sentence) => return HttpResponse::BadRequest().body(format!("{sentence}\n")),
    };
    match audit::verify(&portal.db, audit::Trust::of(&portal), noted.as_ref()).await {
        Ok(report) if report.flaws.is_empty() => HttpResponse::Ok().body(report.to_string()),
        Ok(report) => HttpResponse::Conflict().body(report.to_string()),
        Err(_) => HttpResponse::ServiceUnavailable().body("the database is away\n"),
    }
}

/// Jobs by queue and status, in Prometheus's text format.
async fn metrics(portal: web::Data<Portal>) -> HttpResponse {
    use std::fmt::Write;
    let mut text = String::from("# TYPE springboard_jobs gauge\n");
    let Ok(waiting) = queue::waiting(&portal.db).await else {
        return HttpResponse::ServiceUnavailable().body("the database is away\n");
    };
    for (queue, Waiting { ready, delayed, held }) in waiting {
        for (stage, count) in [("ready", ready), ("delayed", delayed), ("claimed", held)] {
            let _ = writeln!(text, "springboard_jobs{{queue=\"{queue}\",stage=\"{stage}\"}} {count}");
        }
    }
    if limits(&portal, &mut text).await.is_err() {
        return HttpResponse::ServiceUnavailable().body("the database is away\n");
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
}

/// What is bounded, how much of it is used, and the day's ceilings with what was counted against them.
async fn limits(portal: &Portal, text: &mut String) -> Result<(), DbError> {
    use std::fmt::Write;
    let _ = writeln!(text, "# TYPE springboard_pool_load gauge\n# TYPE springboard_pool_refused_total counter");
    for pool in portal.pools.all() {
        let (load, refused) = pool.load();
        let _ = writeln!(text, "springboard_pool_load{{pool=\"{}\"}} {load}", pool.name());
        let _ = writeln!(text, "springboard_pool_refused_total{{pool=\"{}\"}} {refused}", pool.name());
    }
    let _ =
        writeln!(text, "# TYPE springboard_requests_open gauge\nspringboard_requests_open {}", portal.requests.open());
    let _ = writeln!(text, "# TYPE springboard_streams_open gauge\nspringboard_streams_open {}", portal.streams.open());
    let _ = writeln!(text, "# TYPE springboard_daily gauge\n# TYPE springboard_daily_ceiling gauge");
    let today = portal.agency().calendar().day(portal.now());
    let counts = counters::since(&portal.db, today).await?;
    let _ = writeln!(text, "# TYPE springboard_bounces gauge");
    for (result, measure) in [("read", Measure::MailsCameBack), ("ignored", Measure::ReportsIgnored)] {
        let counted = counts.get(&(today, measure)).copied().unwrap_or(0);
        let _ = writeln!(text, "springboard_bounces{{result=\"{result}\"}} {counted}");
    }
    for what in Daily::ALL {
        let counted = ceiling::counted(&portal.db, what, today).await?;
        let _ = writeln!(text, "springboard_daily{{what=\"{}\"}} {counted}", what.code());
        let _ = writeln!(text, "springboard_daily_ceiling{{what=\"{}\"}} {}", what.code(), portal.ceiling(what));
    }
    Ok(())
}
