//! A portal in the production profile, as it stands in public: the reference proxy with TLS in front (docs/deploy), a mail
//! server that takes nothing without TLS behind.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{
    process::{Program, free_port},
    shared::browser::Browser,
};

/// The machine.
pub struct Production {
    folder: tempfile::TempDir,
    services: Vec<Child>,
    /// The port of the proxy with TLS.
    pub https: u16,
    /// The port of the mail server.
    pub smtp: u16,
    bind: u16,
    ops: u16,
    /// Whether the proxy reaches the portal over TLS, as from another machine.
    is_apart: bool,
}

fn openssl(folder: &Path, arguments: &str) {
    let made = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Certificates in a folder: of an authority (`ca.pem`), of `localhost` by it (`cert.pem`, `key.pem`), and of `localhost` by
/// nobody (`other.pem`, `other.key`).
pub fn make_certificates(folder: &Path) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(folder, &format!("req -x509 {key} -days 2 -keyout ca.key -out ca.pem -subj /CN=authority"));
    openssl(folder, &format!("req {key} -keyout key.pem -out leaf.csr -subj /CN=localhost"));
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost").unwrap();
    openssl(
        folder,
        "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem",
    );
    // The same name, by an authority that nobody here knows.
    openssl(folder, &format!("req -x509 {key} -days 2 -keyout other.key -out other.pem -subj /CN=localhost"));
}

/// nginx with a server of docs/deploy in a folder.
pub fn start_nginx(folder: &Path, server: &str) -> Child {
    std::fs::write(folder.join("springboard.conf"), server).unwrap();
    let own = "user root;\ndaemon off;\npid nginx.pid;\nerror_log nginx.log;\nevents {}\nhttp {\n    access_log off;\n    \
        client_body_temp_path body;\n    proxy_temp_path proxy;\n    fastcgi_temp_path fastcgi;\n    uwsgi_temp_path uwsgi;\n    \
        scgi_temp_path scgi;\n    include springboard.conf;\n}\n";
    std::fs::write(folder.join("nginx.conf"), own).unwrap();
    let mut proxy = Command::new("/usr/sbin/nginx");
    proxy.arg("-p").arg(folder).arg("-e").arg("nginx.log").arg("-c").arg(folder.join("nginx.conf"));
    proxy.stdin(Stdio::null()).spawn().unwrap()
}

impl Production {
    /// An empty folder, with a proxy and a mail server that are running.
    pub fn prepare() -> Self {
        Self::set_up(false)
    }

    /// The same, with the proxy as on another machine.
    pub fn prepare_apart() -> Self {
        Self::set_up(true)
    }

    fn set_up(is_apart: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut production = Self {
            folder,
            services: Vec::new(),
            https: free_port(),
            smtp: free_port(),
            bind: free_port(),
            ops: free_port(),
            is_apart,
        };
        make_certificates(production.folder.path());
        production.start_mail_server();
        production.start_proxy();
        production
    }

    fn start_mail_server(&mut self) {
        let mut server = Command::new("aiosmtpd");
        server.args([
            "-n",
            "-u",
            "-l",
            &format!("localhost:{}", self.smtp),
            "--tlscert",
            "cert.pem",
            "--tlskey",
            "key.pem",
        ]);
        server.args(["-c", "aiosmtpd.handlers.Mailbox", "maildir"]).current_dir(self.folder.path());
        self.services.push(server.stdin(Stdio::null()).spawn().unwrap());
    }

    /// nginx with the configuration of docs/deploy; only names, ports and folders are others.
    fn start_proxy(&mut self) {
        let folder = self.folder.path();
        let reference = include_str!("../../docs/deploy/nginx.conf");
        let of_test: String = reference
            .lines()
            .filter(|line| !line.contains("listen [::]"))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
            .replace("listen 80;", &format!("listen 127.0.0.1:{};", free_port()))
            .replace("listen 443 ", &format!("listen 127.0.0.1:{} ", self.https))
            .replace("services.example.gov;", "localhost;")
            .replace("/etc/ssl/services.example.gov.pem", "cert.pem")
            .replace("/etc/ssl/services.example.gov.key", "key.pem")
            .replace("server 127.0.0.1:8080;", &format!("server 127.0.0.1:{};", self.bind));
        let of_test = if self.is_apart { apart(&of_test) } else { of_test };
        let proxy = start_nginx(folder, &of_test);
        self.services.push(proxy);
    }

    /// Where the portal is set up.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A command of the program in a folder, which has to end well; what it prints.
    pub fn command(&self, folder: &Path, arguments: &[&str]) -> String {
        said_by(program(folder).args(arguments)).unwrap_or_else(|said| panic!("{arguments:?}: {said}"))
    }

    /// What the program says of its settings, good or bad, with secrets in this folder.
    pub fn check_config(&self, credentials: &Path) -> Result<String, String> {
        said_by(program(&self.home()).arg("check-config").env("CREDENTIALS_DIRECTORY", credentials))
    }

    /// Sets a portal up; what that prints.
    pub fn init(&self) -> String {
        let home = self.home();
        std::fs::create_dir(&home).unwrap();
        let (url, smtp) = (self.url(), format!("smtp+starttls://localhost:{}", self.smtp));
        let (bind, ops) = (format!("127.0.0.1:{}", self.bind), format!("127.0.0.1:{}", self.ops));
        let arguments = [
            ("--public-url", url.as_str()),
            ("--smtp", &smtp),
            ("--smtp-ca", "../ca.pem"),
            ("--mail-from", "no-reply@agency.example"),
            ("--proxies", "127.0.0.1"),
            ("--scan", "none"),
            ("--breached-passwords", "none"),
            ("--bind", &bind),
            ("--ops-bind", &ops),
            ("--admin-user-id", "avery"),
            ("--admin-name", "Avery Quinn"),
            ("--admin-email", "avery@agency.example"),
        ];
        let encrypted =
            [("--tls-certificate", "../cert.pem"), ("--tls-key", "../key.pem"), ("--tls-client-ca", "../ca.pem")];
        let encrypted = encrypted.iter().filter(|_| self.is_apart);
        let words: Vec<&str> = std::iter::once("init")
            .chain(arguments.iter().chain(encrypted).flat_map(|(flag, value)| [*flag, *value]))
            .collect();
        self.command(&home, &words)
    }

    /// Starts what is set up in a folder, and waits until it is ready.
    pub async fn serve(&self, folder: &Path) -> Program {
        let mut command = program(folder);
        command.arg("serve");
        if self.is_apart {
            let (log, ports) = (folder.join("serve.log"), (self.bind, self.ops));
            return Program::encrypted(command, &log, ports, &self.client(true)).await;
        }
        Program::of(command, &folder.join("serve.log"), self.bind, self.ops).await
    }

    /// Somebody who trusts the authority, with a certificate of it to show or without one.
    pub fn client(&self, shows_certificate: bool) -> reqwest::Client {
        self.client_with(shows_certificate.then_some(("cert.pem", "key.pem")))
    }

    /// Somebody who trusts the authority, and shows a certificate of another one.
    pub fn foreign_client(&self) -> reqwest::Client {
        self.client_with(Some(("other.pem", "other.key")))
    }

    fn client_with(&self, identity: Option<(&str, &str)>) -> reqwest::Client {
        let read = |name: &str| std::fs::read(self.folder.path().join(name)).unwrap();
        let client = reqwest::Client::builder()
            .use_rustls_tls()
            .add_root_certificate(reqwest::Certificate::from_pem(&read("ca.pem")).unwrap());
        let Some((certificate, key)) = identity else { return client.build().unwrap() };
        let identity = [read(certificate), read(key)].concat();
        client.identity(reqwest::Identity::from_pem(&identity).unwrap()).build().unwrap()
    }

    /// The portal's public address.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.https)
    }

    /// A browser that was never anywhere.
    pub fn browser(&self) -> Browser {
        Browser::trusting(&self.url(), &std::fs::read(self.folder.path().join("ca.pem")).unwrap())
    }

    /// The first mail to an address that says something.
    pub async fn mail(&self, to: &str, says: &str) -> String {
        let folder = self.folder.path().join("maildir/new");
        for _ in 0..1200 {
            let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let mails = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
            let mut mails = mails.map(|mail| mail.replace("\r\n", "\n").replace("=\n", ""));
            if let Some(mail) = mails.find(|mail| mail.contains(&format!("To: {to}")) && mail.contains(says)) {
                return mail;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no mail to {to} says {says}");
    }
}

impl Drop for Production {
    fn drop(&mut self) {
        for service in &mut self.services {
            // nginx ends its workers on TERM.
            crate::process::signal(service.id(), "TERM");
            drop(service.wait());
        }
    }
}

/// The proxy's configuration for a portal on another machine.
fn apart(of_test: &str) -> String {
    let tls = include_str!("../../docs/deploy/nginx-tls.conf")
        .replace("/etc/ssl/springboard-proxy.pem", "cert.pem")
        .replace("/etc/ssl/springboard-proxy.key", "key.pem")
        .replace("/etc/ssl/agency-authority.pem", "ca.pem")
        .replace("portal.internal.example.gov", "localhost");
    of_test
        .replace("proxy_pass http://", "proxy_pass https://")
        .replace("    location / {", &format!("{tls}    location / {{"))
}

/// What a command prints, or what it says when it ends badly.
fn said_by(command: &mut Command) -> Result<String, String> {
    let ran = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    if ran.status.success() { Ok(said) } else { Err(said + &String::from_utf8_lossy(&ran.stderr)) }
}

fn program(folder: &Path) -> Command {
    // tests/hour names a release binary.
    let binary = std::env::var_os("SPRINGBOARD_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_springboard").into());
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SPRINGBOARD_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).env_remove("RUST_LOG").env("SPRINGBOARD_WORKERS", "1");
    command
}
