//! A bare actix-web handler that answers with as many bytes as it is told: what the load script holds
//! the portal's pages against.

use actix_web::{App, HttpResponse, HttpServer, web};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().expect("an address");
    let sizes: Vec<usize> = arguments.map(|size| size.parse().expect("a size in bytes")).collect();
    HttpServer::new(move || {
        sizes.iter().fold(App::new(), |app, size| {
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
