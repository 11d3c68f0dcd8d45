//! The files of docs/deploy hold what they promise. The proxy's on the same machine is run by the first day.

use std::process::Command;

use crate::production::Production;

/// What a tool says of the unit, whose program is one that is on every machine.
fn analyze(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("springboard.service");
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
        assert!(people.get(&address).send().await.is_err(), "without a certificate: {address}");
        let plain = address.replace("https://", "http://");
        assert!(reqwest::get(&plain).await.is_err(), "without TLS: {plain}");
    }
}
