//! Requests over kept connections, one after the other on each, and how long each took.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What one round of requests showed.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Microseconds, in no order.
    pub times: Vec<u32>,
    pub seconds: f64,
}

impl Seen {
    pub fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.seconds += other.seconds;
    }

    /// The time that so many of a hundred requests stay below, in milliseconds.
    pub fn percentile(&mut self, of: usize) -> f64 {
        self.times.sort_unstable();
        let at = (self.times.len() * of / 100).min(self.times.len().saturating_sub(1));
        self.times.get(at).map_or(0.0, |time| f64::from(*time) / 1000.0)
    }
}

/// When a round ends.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    Passed(Duration),
    /// So many requests were sent.
    Sent(usize),
}

/// Sends what `request` makes of each number from 0 on; any other answer than one of 2xx ends all.
pub fn run(to: SocketAddr, connections: usize, until: Until, request: &(dyn Fn(usize) -> Vec<u8> + Sync)) -> Result<Seen, String> {
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let started = Instant::now();
    let one = || -> Result<Vec<u32>, String> {
        let mut line = Line::open(to)?;
        let mut times = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let enough = match until {
                Until::Passed(time) => started.elapsed() >= time,
                Until::Sent(count) => number >= count,
            };
            if enough {
                break;
            }
            let bytes = request(number);
            let began = Instant::now();
            let (status, body) = line.send(&bytes)?;
            times.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
            if !(200..300).contains(&status) {
                over.store(true, Ordering::Relaxed);
                return Err(format!("{status} {}", String::from_utf8_lossy(&body)));
            }
        }
        Ok(times)
    };
    let told: Vec<Result<Vec<u32>, String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a client panicked".to_owned()))).collect()
    });
    let mut seen = Seen { times: Vec::new(), seconds: started.elapsed().as_secs_f64() };
    for times in told {
        seen.times.extend(times?);
    }
    Ok(seen)
}

/// A connection that is kept, with what was read beyond the last answer.
pub struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    pub fn open(to: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(to).map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(|error| error.to_string())?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// One request and its answer, which says how long it is.
    pub fn send(&mut self, request: &[u8]) -> Result<(u16, Vec<u8>), String> {
        self.stream.write_all(request).map_err(|error| error.to_string())?;
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more()?;
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")).and_then(|of| of.trim().parse().ok());
        let end = head + length.unwrap_or(0_usize);
        while self.buffer.len() < end {
            self.more()?;
        }
        let rest = self.buffer.split_off(end);
        let answer = std::mem::replace(&mut self.buffer, rest);
        Ok((status, answer[head..].to_vec()))
    }

    fn more(&mut self) -> Result<(), String> {
        let mut some = [0; 64 * 1024];
        match self.stream.read(&mut some).map_err(|error| error.to_string())? {
            0 => Err("the server closed the connection".to_owned()),
            count => {
                self.buffer.extend_from_slice(&some[..count]);
                Ok(())
            }
        }
    }
}
