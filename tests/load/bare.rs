//! What the load script holds the portal against: a bare actix-web handler that answers with as many bytes as
//! it is told, and one that checks a password and does nothing else.

use actix_web::{App, HttpResponse, HttpServer, web};
use springboard::{logon::Hasher, services::Pools};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().expect("an address");
    let sizes: Vec<usize> = arguments.map(|size| size.parse().expect("a size in bytes")).collect();
    let hasher = Hasher::new(Pools::for_processors(2).hashing);
    HttpServer::new(move || {
        let hasher = hasher.clone();
        let check = move || {
            let hasher = hasher.clone();
            async move { hasher.check("Torque-Wrench-77".into(), None).await.map(|right| right.to_string()) }
        };
        let app = App::new().route("/password", web::get().to(check));
        sizes.iter().fold(app, |app, size| {
            let body = web::Bytes::from("x".repeat(*size));
            let answer = move || {
                let body = body.clone();
                async move { HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body) }
            };
            app.route(&format!("/{size}"), web::get().to(answer))
        })
    })
    .bind(address)?
    .run()
    .await
}
