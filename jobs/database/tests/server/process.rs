//! A running server.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use surrealdb::opt::auth::Root;

/// A connected database.
pub type Client = std::sync::Arc<surrealdb::Surreal<surrealdb::engine::any::Any>>;

/// A server on RocksDB in a folder, at an address that stays the same when it is started again.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    /// Starts it at a free address.
    pub fn start(folder: &Path) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        Self::start_at(folder, format!("127.0.0.1:{port}"))
    }

    /// Starts it at this address, and waits until it is healthy.
    pub fn start_at(folder: &Path, address: String) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_springboard-database"))
            .args(["start", "--bind", &address, "--log", "error"])
            .envs([("SURREAL_USER", "root"), ("SURREAL_PASS", "secret")])
            .arg(format!("rocksdb:{}", folder.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, address };
        let begun = Instant::now();
        while !server.is_healthy() {
            assert!(begun.elapsed() < Duration::from_secs(60), "no answer within a minute");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn is_healthy(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(&self.address) else { return false };
        let asked = stream.write_all(format!("GET /health HTTP/1.0\r\nHost: {}\r\n\r\n", self.address).as_bytes());
        let mut answer = String::new();
        asked.and_then(|()| stream.read_to_string(&mut answer)).is_ok_and(|_| answer.contains(" 200 "))
    }

    /// Kills it, as a machine that loses its power.
    pub fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.address.clone()
    }

    /// Tells it to stop, and waits until it has; whether it ended well.
    pub fn stop(mut self) -> bool {
        let told = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        told.success() && self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Connects to the server at an address, with the queue's tables in place.
pub async fn connect(address: &str) -> Client {
    let db = surrealdb::engine::any::connect(format!("ws://{address}")).await.unwrap();
    db.signin(Root { username: "root".into(), password: "secret".into() }).await.unwrap();
    db.use_ns("test").use_db("test").await.unwrap();
    let db = Arc::new(db);
    apalis_surrealdb::setup(&db).await.unwrap();
    let tables = "DEFINE TABLE IF NOT EXISTS booked; DEFINE TABLE IF NOT EXISTS begun";
    db.query(tables).await.unwrap().check().unwrap();
    db
}

#[test]
fn it_starts_answers_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Server::start(&folder.path().join("database")).stop());
}
