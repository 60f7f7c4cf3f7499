//! A connection between its answers. The framework times the head of a connection's first request alone, and a body that nobody
//! wants it reads to the end, however long that takes: who sends slowly there is cut off here.

use std::cell::Cell;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant as Stopwatch};

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::{SockRef, Socket};

/// How long a connection may stand between two requests: longer than proxies keep theirs.
pub const KEPT: Duration = Duration::from_secs(75);
/// How long what is left of an unread body may take.
const LEFT_OVER: Duration = Duration::from_secs(1);
/// A peer that takes no more bytes is cut off by the kernel after this.
const UNREAD: Duration = Duration::from_secs(8);
/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(2);

/// What is known of a connection; it is dropped with it.
pub struct Line {
    /// A second hand on it, to cut it off with.
    socket: Socket,
    /// Since when it has no request at work, and how long that may last.
    quiet: Cell<Option<(Stopwatch, Duration)>>,
    unread: Cell<bool>,
}

/// Keeps an eye on a new connection. A failure leaves it to the framework's own limits.
pub fn watch(io: &dyn std::any::Any, data: &mut Extensions) {
    let Some(tcp) = io.downcast_ref::<TcpStream>() else { return };
    let tcp = SockRef::from(tcp);
    let _ = tcp.set_tcp_user_timeout(Some(UNREAD));
    let Ok(socket) = tcp.try_clone() else { return };
    let line = Rc::new(Line { socket, quiet: Cell::new(Some((Stopwatch::now(), KEPT))), unread: Cell::new(false) });
    actix_web::rt::spawn(keep(Rc::downgrade(&line)));
    data.insert(line);
}

async fn keep(line: Weak<Line>) {
    loop {
        actix_web::rt::time::sleep(EVERY).await;
        let Some(line) = line.upgrade() else { return };
        if line.quiet.get().is_some_and(|(since, most)| since.elapsed() > most) {
            // It may be gone already.
            let _ = line.socket.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

impl Line {
    /// A request has come, with a body whose end only its last piece tells, or without.
    pub fn begin(&self, in_pieces: bool) {
        self.quiet.set(None);
        self.unread.set(in_pieces);
    }

    /// The request's body was read to its end.
    pub fn read(&self) {
        self.unread.set(false);
    }

    /// The request has its answer.
    pub fn end(&self) {
        self.quiet.set(Some((Stopwatch::now(), if self.unread.get() { LEFT_OVER } else { KEPT })));
    }
}
