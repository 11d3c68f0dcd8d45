//! The files of docs/deploy hold what they promise. The proxy's on the same machine is run by the first day.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
};

use crate::{
    process::free_port,
    production::{Production, make_certificates, start_nginx},
};

const CREDENTIALS: &str = include_str!("../../docs/deploy/credentials.conf");

/// What a tool says of the unit, whose program is one that is on every machine.
fn analyze(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("springboard.service");
    let drop_ins = folder.path().join("springboard.service.d");
    std::fs::create_dir(&drop_ins).unwrap();
    std::fs::write(drop_ins.join("credentials.conf"), CREDENTIALS).unwrap();
    let text = include_str!("../../docs/deploy/springboard.service").replace("/usr/local/bin/springboard", "/bin/true");
    std::fs::write(&unit, text).unwrap();
    let ran = Command::new("systemd-analyze").args(arguments).arg(&unit).output().unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(ran.status.success(), "{said}");
    said
}

#[test]
fn the_unit_is_right_and_exposes_little() {
    assert_eq!(analyze(&["verify"]), "");
    // The scale ends at 10; "OK" is below 5.
    let said = analyze(&["security", "--offline=true", "--threshold=20"]);
    assert!(said.contains("Overall exposure level"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_on_another_machine_shows_its_certificate() {
    let production = Production::prepare_apart();
    production.init();
    let home = production.home();
    assert!(production.command(&home, &["check-config"]).contains("The configuration is good."));
    let program = production.serve(&home).await;
    let people = production.client(false);
    let answer = people.get(production.url()).send().await.unwrap();
    assert!(answer.status().is_success(), "through the proxy: {answer:?}");
    assert!(answer.text().await.unwrap().contains("<h1"));
    for listener in [&program.url, &program.ops] {
        let path = if *listener == program.ops { "/health/live" } else { "/" };
        let address = format!("{listener}{path}");
        assert!(production.client(true).get(&address).send().await.unwrap().status().is_success(), "{address}");
        assert!(production.client(true).head(&address).send().await.unwrap().status().is_success(), "HEAD {address}");
        assert!(people.get(&address).send().await.is_err(), "without a certificate: {address}");
        assert!(production.foreign_client().get(&address).send().await.is_err(), "of another authority: {address}");
        let plain = address.replace("https://", "http://");
        assert!(reqwest::get(&plain).await.is_err(), "without TLS: {plain}");
    }
}

/// A running program, killed at the end of a test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop((self.0.kill(), self.0.wait()));
    }
}

/// The line of a program's log, as a journal exports it.
fn exported(line: &str) -> String {
    format!("__REALTIME_TIMESTAMP=1700000000000000\n_BOOT_ID={}\nMESSAGE={line}\n\n", "0123456789abcdef".repeat(2))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_kept_on_another_machine() {
    let production = Production::prepare();
    production.init();
    let program = production.serve(&production.home()).await;
    let log = std::fs::read_to_string(production.home().join("serve.log")).unwrap();
    let line = log.lines().find(|line| line.contains("serving")).expect("a line in JSON");
    drop(program);
    // The other machine.
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make_certificates(folder);
    let (port, behind) = (free_port(), free_port());
    let server = include_str!("../../docs/deploy/nginx-journal.conf")
        .replace("listen 19532 ssl", &format!("listen 127.0.0.1:{port} ssl"))
        .replace("/etc/ssl/logs.internal.example.gov.pem", "cert.pem")
        .replace("/etc/ssl/logs.internal.example.gov.key", "key.pem")
        .replace("/etc/ssl/certs/agency-authority.pem", "ca.pem")
        .replace("127.0.0.1:19531", &format!("127.0.0.1:{behind}"));
    let _proxy = Running(start_nginx(folder, &server));
    let mut keeper = Command::new("/lib/systemd/systemd-journal-remote");
    keeper.args([&format!("--listen-http=127.0.0.1:{behind}"), "--split-mode=none", "--output=kept.journal"]);
    let _keeper = Running(keeper.current_dir(folder).stderr(Stdio::null()).spawn().unwrap());
    until_open(&[port, behind]).await;
    std::fs::write(folder.join("export"), exported(line)).unwrap();
    let upload = |certificate: &str, key: &str| {
        let place = |value: &str| match value {
            "/etc/ssl/private/springboard-log.key" => key.to_owned(),
            "/etc/ssl/certs/springboard-log.pem" => certificate.to_owned(),
            "/etc/ssl/certs/agency-authority.pem" => "ca.pem".to_owned(),
            url => url.replace("logs.internal.example.gov:19532", &format!("localhost:{port}")),
        };
        let settings =
            include_str!("../../docs/deploy/journal-upload.conf").lines().filter_map(|line| line.split_once('='));
        let flags = [
            ("URL", "url"),
            ("ServerKeyFile", "key"),
            ("ServerCertificateFile", "cert"),
            ("TrustedCertificateFile", "trust"),
        ];
        let words = settings.filter_map(|(name, value)| {
            let (_, flag) = flags.iter().find(|(known, _)| *known == name)?;
            Some(format!("--{flag}={}", place(value)))
        });
        let words: Vec<String> = words.chain(["export".into()]).collect();
        Command::new("/lib/systemd/systemd-journal-upload").args(words).current_dir(folder).output().unwrap().status
    };
    assert!(!upload("other.pem", "other.key").success(), "nobody's log but the agency's");
    assert!(upload("cert.pem", "key.pem").success());
    let kept = Command::new("journalctl").args(["--file", "kept.journal", "-o", "cat"]).current_dir(folder).output();
    assert_eq!(String::from_utf8_lossy(&kept.unwrap().stdout).trim(), line);
}

/// Waits until somebody listens at each port.
async fn until_open(ports: &[u16]) {
    for port in ports {
        while tokio::net::TcpStream::connect(("127.0.0.1", *port)).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

/// What `systemd-creds` makes of a text, with the key of this machine, which root has.
fn systemd_creds(words: &[&str], text: &str) -> String {
    let root = rustix::process::getuid().is_root();
    let mut command = Command::new(if root { "systemd-creds" } else { "sudo" });
    if !root {
        command.args(["-n", "systemd-creds"]);
    }
    let mut child = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{words:?}");
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn a_proxy_that_is_not_named_is_a_problem_of_the_configuration() {
    let production = Production::prepare();
    production.init();
    let home = production.home();
    let settings = home.join("springboard.toml");
    let whole = std::fs::read_to_string(&settings).unwrap();
    let named: Vec<&str> = whole.lines().filter(|line| !line.starts_with("trusted_proxy")).collect();
    std::fs::write(&settings, named.join("\n")).unwrap();
    let vault = home.join("../vault");
    std::fs::create_dir(&vault).unwrap();
    let said = production.check_config(&vault).unwrap_err();
    assert!(said.contains("SPRINGBOARD_TRUSTED_PROXY"), "{said}");
    assert!(!said.contains("The configuration is good."), "{said}");
}

#[test]
fn secrets_may_stand_in_a_vault_and_nowhere_in_the_settings() {
    let production = Production::prepare();
    production.init();
    let home = production.home();
    let settings = std::fs::read_to_string(home.join("springboard.toml")).unwrap();
    let names = CREDENTIALS.lines().filter_map(|line| line.strip_prefix("LoadCredentialEncrypted=")?.split(':').next());
    let vault = home.join("../vault");
    std::fs::create_dir(&vault).unwrap();
    let empty = production.home().join("../empty");
    std::fs::create_dir(&empty).unwrap();
    let mut left = settings;
    for name in names {
        let setting = name.strip_prefix("springboard.").unwrap();
        let is_of = |line: &&str| line.starts_with(setting);
        let line = left.lines().find(is_of).unwrap();
        let value = line.split('"').nth(1).unwrap();
        let file = setting.ends_with("_key").then(|| std::fs::read_to_string(home.join(value)).unwrap());
        let secret = file.unwrap_or_else(|| value.to_owned());
        let encrypted = systemd_creds(&["encrypt", &format!("--name={name}"), "--with-key=host", "-", "-"], &secret);
        assert!(!encrypted.contains(&secret));
        // As systemd does before it starts the program.
        let decrypted = systemd_creds(&["decrypt", &format!("--name={name}"), "-", "-"], &encrypted);
        std::fs::write(vault.join(name), decrypted).unwrap();
        left = left.lines().filter(|line| !is_of(line)).map(|line| format!("{line}\n")).collect();
    }
    // The name of a CA is no secret.
    left += "smtp_ca = \"../ca.pem\"\n";
    std::fs::write(home.join("springboard.toml"), left).unwrap();
    for key in ["secret-key", "audit-key.pem"] {
        std::fs::remove_file(home.join(key)).unwrap();
    }
    assert!(production.check_config(&vault).unwrap().contains("The configuration is good."));
    let said = production.check_config(&empty).unwrap_err();
    for missing in ["SPRINGBOARD_SMTP", "SPRINGBOARD_SECRET_KEY", "SPRINGBOARD_AUDIT_KEY_FILE"] {
        assert!(said.contains(missing), "{said}");
    }
}
