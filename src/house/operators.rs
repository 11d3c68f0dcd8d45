//! The operators' listener: whether the process lives, and whether it can serve.

use actix_web::{HttpResponse, web};

use crate::{
    audit::{self, Seal},
    http::Portal,
    store::Ask,
};

/// Mounts the operators' pages.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/health/live", web::get().to(|| async { HttpResponse::Ok().body("alive\n") }))
        .route("/health/ready", web::get().to(ready))
        .route("/metrics", web::get().to(metrics))
        .route("/audit/verify", web::get().to(verify_audit));
}

/// Ready means that the database answers.
async fn ready(portal: web::Data<Portal>) -> HttpResponse {
    match portal.store.ask(Ask::new("RETURN 1")).await {
        Ok(_) => HttpResponse::Ok().body("ready\n"),
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
    match audit::verify(&portal.store, &portal.keys, noted.as_ref()).await {
        Ok(report) if report.flaws.is_empty() => HttpResponse::Ok().body(report.to_string()),
        Ok(report) => HttpResponse::Conflict().body(report.to_string()),
        Err(_) => HttpResponse::ServiceUnavailable().body("the database is away\n"),
    }
}

/// Jobs by queue and status, in Prometheus's text format.
async fn metrics(portal: web::Data<Portal>) -> HttpResponse {
    use std::fmt::Write;
    let mut text = String::from("# TYPE springboard_jobs gauge\n");
    for queue in springboard_jobs::QUEUES {
        for stage in ["ready", "delayed", "claimed"] {
            let ask = Ask::new("SELECT VALUE count FROM (SELECT count() FROM apalis_task WHERE queue = $queue AND stage = $stage GROUP ALL)")
                .with("queue", queue)
                .with("stage", stage);
            let Ok(counted) = portal.store.ask(ask).await.and_then(|mut answer| answer.all::<i64>(0)) else {
                return HttpResponse::ServiceUnavailable().body("the database is away\n");
            };
            let count = counted.first().copied().unwrap_or(0);
            let _ = writeln!(text, "springboard_jobs{{queue=\"{queue}\",stage=\"{stage}\"}} {count}");
        }
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
}
