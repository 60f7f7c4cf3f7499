//! Clients that send or read slowly: none holds its connection for long, and nobody else waits for them.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant as Stopwatch};

use actix_web::rt::net::TcpStream;
use actix_web::rt::spawn;
use actix_web::rt::time::sleep;

use crate::town::Town;

/// Connections of each kind.
const MANY: usize = 200;
const GIVEN_UP: Duration = Duration::from_secs(10);

/// Says `head`, then `piece` again and again; how long the server listened, `None` for longer than it may.
async fn drip(address: SocketAddr, head: String, piece: &'static str) -> Option<Duration> {
    let started = Stopwatch::now();
    let line = TcpStream::connect(address).await.expect("a connection");
    line.writable().await.expect("a line to write on");
    assert_eq!(line.try_write(head.as_bytes()).expect("a head"), head.len());
    let mut answer = [0; 4096];
    while started.elapsed() < GIVEN_UP + Duration::from_secs(2) {
        sleep(Duration::from_millis(400)).await;
        let gone = loop {
            match line.try_read(&mut answer) {
                Ok(0) => break true,
                Ok(_) => {}
                Err(error) => break error.kind() != std::io::ErrorKind::WouldBlock,
            }
        };
        if gone || line.try_write(piece.as_bytes()).is_err() {
            return Some(started.elapsed());
        }
    }
    None
}

/// Others ask every 100 ms until told to stop; the longest that one waited.
async fn others(town: Rc<Town>, going: Rc<Cell<bool>>) -> Duration {
    let mut longest = Duration::ZERO;
    while going.get() {
        let asked = Stopwatch::now();
        town.office().get("/v1/meetings").send().await.is(200);
        longest = longest.max(asked.elapsed());
        sleep(Duration::from_millis(100)).await;
    }
    longest
}

fn address(town: &Town) -> SocketAddr {
    town.base.trim_start_matches("http://").parse().expect("an address")
}

#[actix_web::test]
async fn who_sends_slowly_is_cut_off_while_others_are_served() {
    let town = Rc::new(Town::on("sqlite").await);
    let (address, token) = (address(&town), town.affairs().token.expect("a token"));
    let post =
        |more: &str| format!("POST /v1/sectors HTTP/1.1\r\nHost: lianxi\r\nContent-Type: application/json\r\n{more}\r\n\r\n");
    let known = format!("Authorization: Bearer {token}\r\n");
    let heads = [
        ("a head", "GET /v1/sectors HTTP/1.1\r\nX-Slow: ".to_owned(), "a"),
        ("a body", post(&format!("{known}Content-Length: 9000")), " "),
        ("a body in pieces", post(&format!("{known}Transfer-Encoding: chunked")), "1\r\n \r\n"),
        ("a body that nobody wants", post("Content-Length: 9000"), " "),
        ("a body in pieces that nobody wants", post("Transfer-Encoding: chunked"), "1\r\n \r\n"),
    ];
    let going = Rc::new(Cell::new(true));
    let served = spawn(others(town.clone(), going.clone()));
    let mut slow = Vec::new();
    for (at, (kind, head, piece)) in heads.iter().enumerate() {
        // As many heads as bodies.
        let many = if at == 0 { MANY } else { MANY / 4 };
        slow.extend((0..many).map(|_| (*kind, spawn(drip(address, head.clone(), piece)))));
    }
    for (kind, one) in slow {
        let took = one.await.expect("a slow client");
        assert!(took.is_some_and(|took| took < GIVEN_UP), "{kind}: {took:?}");
    }
    going.set(false);
    let longest = served.await.expect("others");
    assert!(longest < Duration::from_secs(1), "somebody else waited {longest:?}");
}

/// The clients' ports that the server still has connections to.
#[cfg(target_os = "linux")]
fn connected(server: u16) -> Vec<u16> {
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the table of connections");
    let port = |address: &str| u16::from_str_radix(address.rsplit(':').next().unwrap_or_default(), 16).ok();
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| port(row[1]) == Some(server) && row[3] == "01").filter_map(|row| port(row[2])).collect()
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn who_does_not_read_the_answer_is_cut_off() {
    let town = Rc::new(Town::on("sqlite").await);
    let address = address(&town);
    let readers: Vec<std::net::TcpStream> = (0..20)
        .map(|_| {
            let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
            // A small window, so that the answer stays on the server's side.
            socket.set_recv_buffer_size(4096).expect("a small buffer");
            socket.connect(&address.into()).expect("a connection");
            let mut line = std::net::TcpStream::from(socket);
            std::io::Write::write_all(&mut line, b"GET /openapi.json HTTP/1.1\r\nHost: lianxi\r\n\r\n").expect("a request");
            line
        })
        .collect();
    let ports: Vec<u16> = readers.iter().map(|line| line.local_addr().expect("an address").port()).collect();
    let left = || connected(address.port()).into_iter().filter(|port| ports.contains(port)).count();
    let going = Rc::new(Cell::new(true));
    let served = spawn(others(town.clone(), going.clone()));
    assert_eq!(left(), 20);
    let started = Stopwatch::now();
    while left() > 0 {
        assert!(started.elapsed() < GIVEN_UP, "{} still connected", left());
        sleep(Duration::from_millis(100)).await;
    }
    going.set(false);
    let longest = served.await.expect("others");
    assert!(longest < Duration::from_secs(1), "somebody else waited {longest:?}");
}

/// Eighty seconds: `cargo test --test api slow -- --ignored`.
#[actix_web::test]
#[ignore = "it waits as long as an idle connection may stand"]
async fn a_second_request_that_never_ends_does_not_hold_its_connection_for_ever() {
    let town = Town::on("sqlite").await;
    let line = TcpStream::connect(address(&town)).await.expect("a connection");
    line.writable().await.expect("a line to write on");
    line.try_write(b"GET /health/live HTTP/1.1\r\nHost: lianxi\r\n\r\nGET /health/live HTTP/1.1\r\nX-Slow: ").expect("two heads");
    let (started, mut answer) = (Stopwatch::now(), [0; 4096]);
    loop {
        match line.try_read(&mut answer) {
            Ok(0) => break,
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => break,
            _ => {}
        }
        assert!(started.elapsed() < Duration::from_secs(90), "still connected");
        sleep(Duration::from_secs(1)).await;
        if line.try_write(b"a").is_err() {
            break;
        }
    }
}
