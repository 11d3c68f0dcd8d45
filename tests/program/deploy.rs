//! The files of docs/deploy hold what they promise. The proxy's is run by the first day.

use std::process::Command;

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
