//! A mail server that others wrote, which keeps each mail as a file.

use std::{
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::{Child, Command, Stdio},
};

use crate::process::free_port;

/// Postfix's own SMTP server for tests: it keeps each mail as a file.
pub struct Sink {
    child: Child,
    folder: tempfile::TempDir,
    /// Its port.
    pub port: u16,
}

impl Sink {
    /// Starts it.
    pub fn start() -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        // Started by root it wants to be somebody else, who must be able to write the mails.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
        let child = Command::new("/usr/sbin/smtp-sink")
            .args(if is_root { ["-u", "nobody"].as_slice() } else { &[] })
            .args(["-d", "mail.", &format!("127.0.0.1:{port}"), "100"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink, of Debian's postfix");
        Self { child, folder, port }
    }

    /// The mail that came for this address and says this, once it is there.
    pub async fn mail(&self, to: &str, text: &str) -> String {
        for _ in 0..600 {
            let mails = std::fs::read_dir(self.folder.path()).unwrap().flatten();
            let found = mails
                .filter_map(|file| std::fs::read_to_string(file.path()).ok())
                .find(|mail| mail.contains(&format!("To: {to}")) && mail.contains(text));
            if let Some(mail) = found {
                return mail;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no mail for {to} says {text:?} within half a minute");
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
