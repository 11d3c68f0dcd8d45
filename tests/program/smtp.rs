//! A mail server that does something at a chosen moment of a real conversation.

use std::{
    process::Command,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
};

/// A moment of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The server was told whom the mail is for; the text was not asked for yet.
    BeforeData,
    /// The server has the whole mail and has said 250, which the program can't have read.
    AfterAccepted,
}

/// What the server does to the program, once.
#[derive(Default)]
struct Plan {
    kill: Option<(Moment, u32)>,
    refuses: bool,
    refused: usize,
}

/// The server.
#[derive(Clone)]
pub struct Server {
    /// Its port.
    pub port: u16,
    plan: Arc<Mutex<Plan>>,
    accepted: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts it.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server =
            Self { port: listener.local_addr().unwrap().port(), plan: Arc::default(), accepted: Arc::default() };
        let answering = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = answering.clone();
                tokio::spawn(async move { drop(server.converse(stream).await) });
            }
        });
        server
    }

    /// Kills this process at that moment of the next mail with a code.
    pub fn kill_at(&self, moment: Moment, process: u32) {
        self.plan.lock().unwrap().kill = Some((moment, process));
    }

    /// Refuses every mail for now, or takes them again.
    pub fn refuse(&self, refuses: bool) {
        self.plan.lock().unwrap().refuses = refuses;
    }

    /// How many mails were refused.
    pub fn refused(&self) -> usize {
        self.plan.lock().unwrap().refused
    }

    /// The mails that were accepted.
    pub fn accepted(&self) -> Vec<String> {
        self.accepted.lock().unwrap().clone()
    }

    /// The accepted mails with a code, once there are at least `count`.
    pub async fn codes(&self, count: usize) -> Vec<String> {
        for _ in 0..1200 {
            let codes: Vec<String> =
                self.accepted().into_iter().filter(|mail| mail.contains("Authorization code:")).collect();
            if codes.len() >= count {
                return codes;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no mail with a code within a minute");
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut for_whom = String::new();
        say(&mut write, "220 mail.example ESMTP").await?;
        while let Some(line) = lines.next_line().await? {
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" | "HELO" => say(&mut write, "250 mail.example").await?,
                "RCPT" if self.refuses() => say(&mut write, "451 4.3.0 try again later").await?,
                // Whoever's address begins so has no mailbox here.
                "RCPT" if line.to_ascii_lowercase().contains("<nowhere") => {
                    say(&mut write, "550 5.1.1 no such user").await?;
                }
                "RCPT" => {
                    for_whom = line.clone();
                    say(&mut write, "250 2.1.5 Ok").await?;
                }
                "DATA" => {
                    if for_whom.contains("email@email.com") && self.take(Moment::BeforeData).is_some_and(kill) {
                        return Ok(());
                    }
                    say(&mut write, "354 go on").await?;
                    let mut mail = String::new();
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        mail.push_str(&line);
                        mail.push('\n');
                    }
                    let with_code = mail.contains("Authorization code:");
                    self.accepted.lock().unwrap().push(mail);
                    let victim = if with_code { self.take(Moment::AfterAccepted) } else { None };
                    // Stopped, it can't read the answer that is now on its way; then it dies.
                    victim.inspect(|process| super::process::signal(*process, "STOP"));
                    say(&mut write, "250 2.0.0 Ok: queued").await?;
                    victim.map(kill);
                }
                "QUIT" => {
                    say(&mut write, "221 Bye").await?;
                    return Ok(());
                }
                _ => say(&mut write, "250 2.0.0 Ok").await?,
            }
        }
        Ok(())
    }

    fn refuses(&self) -> bool {
        let mut plan = self.plan.lock().unwrap();
        plan.refused += usize::from(plan.refuses);
        plan.refuses
    }

    /// The process that is to die at this moment; once.
    fn take(&self, moment: Moment) -> Option<u32> {
        let mut plan = self.plan.lock().unwrap();
        match plan.kill {
            Some((planned, process)) if planned == moment => {
                plan.kill = None;
                Some(process)
            }
            _ => None,
        }
    }
}

async fn say(write: &mut OwnedWriteHalf, line: &str) -> std::io::Result<()> {
    write.write_all(format!("{line}\r\n").as_bytes()).await
}

fn kill(process: u32) -> bool {
    Command::new("kill").arg("-KILL").arg(process.to_string()).status().unwrap().success()
}
