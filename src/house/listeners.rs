//! What the process listens on: people, operators and, where one is wanted, the board of the queues.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    web,
};
use rustls::ServerConfig;
use springboard_jobs::Queues;

use super::{
    app::{Built, Listener},
    limits, operators, tls,
};
use crate::{
    http::gate,
    words::{Config, telemetry},
};

/// What the kernel keeps of what one connection sent, in bytes. A connection is read until nothing is left of it: more than
/// this at a time would have all others wait. Proxies are near, so a small window slows nobody down.
const RECEIVED: usize = 16 * 1024;

/// Sockets that are open, and what they are encrypted with.
pub(super) struct Listeners {
    people: TcpListener,
    operators: TcpListener,
    board: Option<TcpListener>,
    tls: Option<ServerConfig>,
}

impl Listeners {
    /// Opens them.
    ///
    /// # Errors
    /// A sentence for the operator: an address is taken, or a certificate can't be read.
    pub(super) fn open(config: &Config) -> Result<Self, String> {
        let bind = |address| listen(address).map_err(|fault| format!("{address}: {fault}"));
        Ok(Self {
            people: bind(config.bind)?,
            operators: bind(config.ops_bind)?,
            board: config.board_bind.map(bind).transpose()?,
            tls: config.tls.as_ref().map(tls::prepare).transpose()?,
        })
    }

    /// Answers until a signal, then finishes what is under way. `greeting` comes last, so that it is what stands on the
    /// screen.
    pub(super) async fn answer(self, config: &Config, built: &Built, greeting: Option<String>) -> io::Result<()> {
        let app = built.clone();
        let mut server = HttpServer::new(move || app.app(&Listener::Portal))
            .client_request_timeout(Duration::from_secs(10))
            // So long the rest of a refused body is read and thrown away, so that its sender sees the answer: work for nothing.
            .client_disconnect_timeout(Duration::from_millis(100))
            .keep_alive(Duration::from_secs(75))
            .max_connections(limits::connections_per_worker(config.workers))
            .shutdown_timeout(5)
            .disable_signals();
        if let Some(workers) = config.workers {
            server = server.workers(workers);
        }
        let server = match self.tls.clone() {
            Some(tls) => server.listen_rustls_0_23(self.people, tls)?,
            None => server.listen(self.people)?,
        };
        let server = server.run();
        let others: Vec<Server> = std::iter::once(operators_server(self.operators, self.tls.clone(), built))
            .chain(self.board.map(|board| board_server(board, self.tls, built)))
            .collect::<io::Result<_>>()?;
        let handle = server.handle();
        let handles: Vec<ServerHandle> = others.iter().map(Server::handle).collect();
        others.into_iter().for_each(|other| drop(actix_web::rt::spawn(other)));
        actix_web::rt::spawn(async move {
            stopped().await;
            tracing::info!("stopping");
            telemetry::ending();
            handle.stop(true).await;
            for other in handles {
                other.stop(false).await;
            }
        });
        tracing::info!(address = %config.bind, "serving");
        if let Some(greeting) = greeting {
            println!("{greeting}");
        }
        server.await
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    // Connections have what their listener had.
    socket2::SockRef::from(&listener).set_recv_buffer_size(RECEIVED)?;
    Ok(listener)
}

fn operators_server(listener: TcpListener, tls: Option<ServerConfig>, built: &Built) -> io::Result<Server> {
    let portal = web::Data::new(built.portal.clone());
    let app = move || App::new().app_data(portal.clone()).configure(operators::routes).wrap(from_fn(gate::head_as_get));
    let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(1);
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

fn board_server(listener: TcpListener, tls: Option<ServerConfig>, built: &Built) -> io::Result<Server> {
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "the board of the queues");
    }
    let (app, board) = (built.clone(), Listener::Board(Queues::new(built.portal.db.queue())));
    let server = HttpServer::new(move || app.app(&board)).workers(1).disable_signals().shutdown_timeout(1);
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// Resolves when the process is told to stop.
pub(super) async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
