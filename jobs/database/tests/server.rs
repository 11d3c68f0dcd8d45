//! The server as a process: it starts, answers, and ends.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

#[test]
fn it_starts_answers_and_ends() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut server = Command::new(env!("CARGO_BIN_EXE_springboard-database"))
        .args(["start", "--bind", &address, "--user", "root", "--pass", "secret", "--log", "error", "memory"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let healthy = loop {
        assert!(begun.elapsed() < Duration::from_secs(60), "no answer within a minute");
        let Ok(mut stream) = TcpStream::connect(&address) else {
            std::thread::sleep(Duration::from_millis(50));
            continue;
        };
        stream.write_all(format!("GET /health HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        break answer.contains(" 200 ");
    };
    assert!(healthy);
    let told = Command::new("kill").arg("-TERM").arg(server.id().to_string()).status().unwrap();
    assert!(told.success());
    assert!(server.wait().unwrap().success());
}
