//! A server in a process of its own, and what that process has used, as Linux accounts for it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that listens; it ends with this value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to the line that says where it listens.
    pub started_in: Duration,
}

impl Server {
    /// Starts `command`, which prints `http://ADDRESS` once it listens.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let began = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|error| error.to_string())?;
        let out = child.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(out).lines();
        let line = lines.next().ok_or("the server ended at once")?.map_err(|error| error.to_string())?;
        let address = line.trim().strip_prefix("http://").and_then(|address| address.parse().ok()).ok_or(line)?;
        Ok(Self { child, address, started_in: began.elapsed() })
    }

    /// Seconds of processor that it has used.
    pub fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after = stat.rsplit(") ").next().unwrap_or_default();
        let ticks: u64 = after.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        // USER_HZ is 100 on every architecture that Linux has now.
        ticks as f64 / 100.0
    }

    /// Waits until it has nothing left to do by itself: what is due on a fresh day is done at the start.
    pub fn settle(&self) {
        let mut before = self.cpu();
        loop {
            std::thread::sleep(Duration::from_secs(2));
            let now = self.cpu();
            if now - before < 0.05 {
                return;
            }
            before = now;
        }
    }

    /// MiB of memory that is its own: what it has mapped of files can be dropped and read again.
    pub fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = line.and_then(|line| line.trim().split(' ').next()).and_then(|kib| kib.parse::<f64>().ok());
        kib.unwrap_or_default() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
