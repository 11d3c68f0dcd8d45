//! The program, started as an operator starts it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

/// The staff's password in these tests.
pub const STAFF_PASSWORD: &str = "Staff-Password-1";

/// The database server's password in these tests.
const DATABASE_PASSWORD: &str = "Database-Password-1";

/// A running database server, the program's own.
pub struct DatabaseServer {
    child: Child,
    /// Its port.
    pub port: u16,
    /// Who the portal is there, with the password.
    pub user: (String, String),
}

impl DatabaseServer {
    /// Starts it on RocksDB in this folder, and waits until it answers.
    pub async fn start(folder: &Path) -> Self {
        let port = free_port();
        let server = Path::new(env!("CARGO_BIN_EXE_springboard")).with_file_name("springboard-database");
        let log = File::options().create(true).append(true).open(folder.with_extension("log")).unwrap();
        let child = Command::new(server)
            .args(["start", "--bind", &format!("127.0.0.1:{port}")])
            // Not on the command line, which everybody on a machine can read.
            .envs([("SURREAL_USER", "root"), ("SURREAL_PASS", DATABASE_PASSWORD)])
            .args(["--log", "warn", &format!("rocksdb:{}", folder.display())])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { child, port, user: Default::default() };
        for _ in 0..1200 {
            let asked = reqwest::get(format!("http://127.0.0.1:{port}/health")).await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                server.user = database_user(port);
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the database server did not answer within a minute");
    }
}

/// Has the program make a user of the server, as an operator does.
fn database_user(port: u16) -> (String, String) {
    let made = Command::new(env!("CARGO_BIN_EXE_springboard"))
        .args(["database-user", "portal"])
        .env("SPRINGBOARD_DATABASE", format!("ws://127.0.0.1:{port}"))
        // Before anything else is set, in production as well.
        .env("SPRINGBOARD_PROFILE", "production")
        .envs([("SURREAL_USER", "root"), ("SURREAL_PASS", DATABASE_PASSWORD)])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(made.status.success(), "{said}{}", String::from_utf8_lossy(&made.stderr));
    let value = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    (value("SPRINGBOARD_DATABASE_USER="), value("SPRINGBOARD_DATABASE_PASSWORD="))
}

impl DatabaseServer {
    /// What the program says when it is told to sign in as the server's root: it has to refuse.
    pub fn refuses_root(&self, data: &Path) -> String {
        let tried = Command::new(env!("CARGO_BIN_EXE_springboard"))
            .arg("migrate")
            .env("SPRINGBOARD_DATA", data)
            .env("SPRINGBOARD_DATABASE", format!("ws://127.0.0.1:{}", self.port))
            .env("SPRINGBOARD_DATABASE_USER", "root")
            .env("SPRINGBOARD_DATABASE_PASSWORD", DATABASE_PASSWORD)
            .output()
            .unwrap();
        assert!(!tried.status.success());
        String::from_utf8_lossy(&tried.stderr).into_owned()
    }
}

impl DatabaseServer {
    /// Changes what is kept, as only the server's root could.
    pub async fn tamper(&self, statement: &'static str) {
        let asked = reqwest::Client::new()
            .post(format!("http://127.0.0.1:{}/sql", self.port))
            .basic_auth("root", Some(DATABASE_PASSWORD))
            .headers(
                ["surreal-ns", "surreal-db"]
                    .into_iter()
                    .map(|name| (name.parse().unwrap(), "springboard".parse().unwrap()))
                    .collect(),
            )
            .header("accept", "application/json")
            .body(statement);
        let said = asked.send().await.unwrap().text().await.unwrap();
        assert!(said.contains("\"OK\"") && !said.contains("\"ERR\""), "{said}");
    }
}

impl Drop for DatabaseServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running program.
pub struct Program {
    child: Child,
    /// Its address.
    pub url: String,
    /// The operators' address.
    pub ops: String,
    log: PathBuf,
}

/// How it is started.
pub struct Start<'a> {
    /// The folder of everything that is kept.
    pub data: &'a Path,
    /// The role: `serve`, `web`, `worker`.
    pub role: &'a str,
    /// The mail server's port.
    pub smtp: Option<u16>,
    /// The database server; none means the embedded engine.
    pub database: Option<&'a DatabaseServer>,
}

/// A port that nobody listens on, and that no other test is given. It lies below those that Linux takes for outgoing
/// connections (from 32768): one of them could have it by the time that a program wants to listen there.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() % 8_000).unwrap();
    loop {
        let port = 20_000 + (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Program {
    /// Starts it and waits until it is ready.
    pub async fn start(start: Start<'_>) -> Self {
        Self::start_at(start, (free_port(), free_port())).await
    }

    /// The same at these ports, for people and for operators.
    pub async fn start_at(start: Start<'_>, (port, ops): (u16, u16)) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_springboard"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SPRINGBOARD_")) {
            command.env_remove(name);
        }
        command
            .arg(start.role)
            .env("SPRINGBOARD_DATA", start.data)
            .env("SPRINGBOARD_BIND", format!("127.0.0.1:{port}"))
            .env("SPRINGBOARD_OPS_BIND", format!("127.0.0.1:{ops}"))
            .env("SPRINGBOARD_DEMO_PASSWORD", STAFF_PASSWORD)
            .env("SPRINGBOARD_WORKERS", "1")
            .env_remove("RUST_LOG");
        if let Some(smtp) = start.smtp {
            command.env("SPRINGBOARD_SMTP", format!("smtp://127.0.0.1:{smtp}"));
        }
        if let Some(DatabaseServer { port, user: (user, password), .. }) = start.database {
            command
                .env("SPRINGBOARD_DATABASE", format!("ws://127.0.0.1:{port}"))
                .env("SPRINGBOARD_DATABASE_USER", user)
                .env("SPRINGBOARD_DATABASE_PASSWORD", password);
        }
        let mut program = Self::spawn(&mut command, &start.data.with_extension("log"), port, ops);
        // A worker listens nowhere.
        if start.role != "worker" {
            program.wait_until_ready(&reqwest::Client::new()).await;
        }
        program
    }

    /// Starts this command, which listens on these ports, and waits until it is ready.
    pub async fn of(mut command: Command, log: &Path, port: u16, ops: u16) -> Self {
        let mut program = Self::spawn(&mut command, log, port, ops);
        program.wait_until_ready(&reqwest::Client::new()).await;
        program
    }

    /// The same for one whose listeners speak TLS with this client.
    pub async fn encrypted(
        mut command: Command,
        log: &Path,
        (port, ops): (u16, u16),
        client: &reqwest::Client,
    ) -> Self {
        let mut program = Self::spawn(&mut command, log, port, ops);
        (program.url, program.ops) = (format!("https://localhost:{port}"), format!("https://localhost:{ops}"));
        program.wait_until_ready(client).await;
        program
    }

    fn spawn(command: &mut Command, log: &Path, port: u16, ops: u16) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file).stdin(Stdio::null());
        let (url, ops) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{ops}"));
        Self { child: command.spawn().unwrap(), url, ops, log: log.to_owned() }
    }

    async fn wait_until_ready(&mut self, client: &reqwest::Client) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            let asked = client.get(format!("{}/health/ready", self.ops)).send().await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                panic!("the program ended at its start: {status}\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the program was not ready within a minute");
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Kills it at once.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits for its end by somebody else's hand.
    pub async fn wait_for_end(&mut self) {
        for _ in 0..600 {
            if self.child.try_wait().unwrap().is_some() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the program did not end within thirty seconds");
    }

    /// Tells it to stop, and waits until it has.
    pub async fn stop(&mut self) {
        signal(self.id(), "TERM");
        self.wait_for_end().await;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Has strace watch all threads of a process and kill it at a system call; returns when it watches.
pub async fn kill_at_call(process: u32, watched: &Path, inject: &str) -> Child {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-p", &process.to_string(), "-e", &format!("inject={inject}")]);
    if inject.starts_with("fsync") {
        strace.arg("-P").arg(watched);
    }
    let mut strace = strace.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..400 {
        let mut tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
        let is_watched = |task: std::fs::DirEntry| {
            let status = std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
            status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0"))
        };
        if tasks.all(is_watched) {
            return strace;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let _ = strace.kill();
    let _ = strace.wait();
    panic!("strace did not attach within ten seconds");
}

/// Sends a signal to a process.
pub fn signal(id: u32, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(id.to_string()).status().unwrap();
    assert!(sent.success());
}

/// The letters in the spool.
pub fn letters(data: &Path) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(data.join("letters")).into_iter().flatten().flatten();
    folder.map(|file| file.path()).filter(|path| path.extension().is_some_and(|kind| kind == "pdf")).collect()
}
