//! A line to PostgreSQL that can be cut, fall silent, be refused, or lose the answer to a COMMIT.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// What becomes of lines, those that stand and new ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Open,
    /// Lines break, and new ones do at once.
    Cut,
    /// Lines stand and are made, and nothing comes through.
    Silent,
    /// Lines break, and nobody listens for new ones.
    Refused,
}

/// What happens to the next COMMIT; its line breaks either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It never arrives.
    Commit,
    /// It is done, and nobody is told.
    Answer,
}

/// A proxy on a port of its own.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    server: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    way: Way,
    lost: Option<Lost>,
    lines: Vec<TcpStream>,
    ended: bool,
}

impl Proxy {
    /// Before the server of a URL, with the URL that leads through here; `None` for a server that has no port, as on a socket.
    pub fn before(url: &str) -> Option<(Self, String)> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let with_port = if host.ends_with(|last: char| last.is_ascii_digit()) && host.contains(':') {
            host.to_owned()
        } else {
            format!("{host}:5432")
        };
        let server = (!host.is_empty()).then(|| with_port.to_socket_addrs().ok()?.next()).flatten()?;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = State { way: Way::Open, lost: None, lines: Vec::new(), ended: false };
        let shared = Arc::new(Shared { server, state: Mutex::new(state), changed: Condvar::new() });
        let user = user.map_or_else(String::new, |user| format!("{user}@"));
        let through = format!("{scheme}://{user}{address}{tail}");
        let (of, at) = (shared.clone(), address);
        std::thread::spawn(move || of.accept(listener, at));
        Some((Self { address, shared }, through))
    }

    pub fn set(&self, way: Way) {
        let mut state = self.shared.state();
        state.way = way;
        if matches!(way, Way::Cut | Way::Refused) {
            state.cut();
        }
        self.shared.changed.notify_all();
        drop(state);
        // Whoever comes next is to find the port as it shall be.
        while way == Way::Refused && TcpStream::connect(self.address).is_ok() {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn lose_next(&self, lost: Lost) {
        self.shared.state().lost = Some(lost);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        state.ended = true;
        state.cut();
        self.shared.changed.notify_all();
    }
}

impl State {
    fn cut(&mut self) {
        for line in self.lines.drain(..) {
            // It may have ended by itself.
            let _ = line.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the proxy's state")
    }

    fn accept(self: &Arc<Self>, first: TcpListener, address: SocketAddr) {
        let mut listener = Some(first);
        loop {
            std::thread::sleep(Duration::from_millis(2));
            let (way, ended) = {
                let state = self.state();
                (state.way, state.ended)
            };
            if ended {
                return;
            }
            if way == Way::Refused {
                listener = None;
                continue;
            }
            let open = listener.get_or_insert_with(|| TcpListener::bind(address).expect("the same port again"));
            open.set_nonblocking(true).expect("a listener that does not block");
            match open.accept() {
                Ok((client, _)) if way != Way::Cut => self.connect(client),
                Ok(_) => {}
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
            }
        }
    }

    fn connect(self: &Arc<Self>, client: TcpStream) {
        let Ok(server) = TcpStream::connect(self.server) else { return };
        client.set_nonblocking(false).expect("a line that blocks");
        for line in [&client, &server] {
            line.set_nodelay(true).expect("a line without delay");
            self.state().lines.push(line.try_clone().expect("a second hand on it"));
        }
        let answer_lost = Arc::new(Mutex::new(false));
        let (up, lost) = (self.clone(), answer_lost.clone());
        let (from, to) = (client.try_clone().expect("a second hand on it"), server.try_clone().expect("a second hand on it"));
        std::thread::spawn(move || up.carry(from, to, |shared, bytes| shared.asked(bytes, &lost)));
        let down = self.clone();
        std::thread::spawn(move || down.carry(server, client, |_, _| !*answer_lost.lock().expect("a flag")));
    }

    /// Whether what the client says comes through.
    fn asked(&self, bytes: &[u8], answer_lost: &Mutex<bool>) -> bool {
        if !bytes.windows(6).any(|word| word == b"COMMIT") {
            return true;
        }
        let lost = self.state().lost.take();
        *answer_lost.lock().expect("a flag") = lost == Some(Lost::Answer);
        lost != Some(Lost::Commit)
    }

    /// Carries bytes one way while `lets` says so, then breaks the line.
    fn carry(&self, mut from: TcpStream, mut to: TcpStream, lets: impl Fn(&Self, &[u8]) -> bool) {
        let mut bytes = [0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let state = self.changed.wait_while(self.state(), |state| state.way == Way::Silent && !state.ended);
            drop(state.expect("the proxy's state"));
            if !lets(self, &bytes[..count]) || to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        for line in [from, to] {
            let _ = line.shutdown(Shutdown::Both);
        }
    }
}
