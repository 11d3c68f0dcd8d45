//! The files of docs/deploy hold what they promise. The proxy's on the same machine is run by the first day.

use std::process::Command;

use crate::production::Production;

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
        let plain = address.replace("https://", "http://");
        assert!(reqwest::get(&plain).await.is_err(), "without TLS: {plain}");
    }
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
        std::fs::write(vault.join(name), file.unwrap_or_else(|| value.to_owned())).unwrap();
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
