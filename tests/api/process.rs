//! The program in processes of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant as Stopwatch};

use lianxi::base::id::Id;
use lianxi::db::engine::Place;

use crate::town::{Account, Actor};

/// The program with nothing of this process's environment.
pub fn program(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lianxi"));
    command.args(arguments).env_clear().envs(environment.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// DATABASE_URL of an empty place.
pub fn url(place: &Place) -> String {
    match place {
        Place::Sqlite(path) => format!("sqlite:{}", path.display()),
        Place::Postgresql(url) => url.clone(),
    }
}

/// A folder of this test's own, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("lianxi-commands-{}", Id::fresh()));
        std::fs::create_dir(&folder).expect("a folder");
        Self(folder)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().expect("a path in UTF-8")
    }

    pub fn database(&self) -> String {
        format!("sqlite:{}/county.db", self.path())
    }

    pub fn is_empty(&self) -> bool {
        std::fs::read_dir(&self.0).expect("a folder").next().is_none()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server in a process of its own; killed if the test ends before it does.
pub struct Running {
    pub child: Child,
    /// What it printed up to and with its address.
    pub said: String,
    pub base: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Waits until a line of standard output names `last`; the first address on the way is its own.
    pub fn start(mut command: Command, last: &str) -> Self {
        let mut child = command.stderr(Stdio::null()).spawn().expect("the program");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let (mut said, mut line) = (String::new(), String::new());
        while !line.contains(last) {
            line.clear();
            assert!(lines.read_line(&mut line).expect("a line") > 0, "it ended: {said}");
            said.push_str(&line);
        }
        // Nothing that it says later may fill the pipe.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        let base = said.split_whitespace().find_map(|word| word.strip_prefix("http://")).expect("an address");
        let base = format!("http://{}", base.split('/').next().unwrap_or_default());
        Self { child, said, base }
    }

    pub fn nobody(&self) -> Actor {
        let account = Account { id: Id::NIL, name: String::new(), person: None, organization: None };
        Actor { base: self.base.clone(), token: None, account }
    }

    #[cfg(unix)]
    pub fn tell(&self, signal: &str) {
        let told = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status();
        assert!(told.is_ok_and(|told| told.success()), "no kill");
    }

    /// Its exit code, at the latest after ten seconds.
    pub async fn end(&mut self) -> Option<i32> {
        let started = Stopwatch::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return status.code();
            }
            assert!(started.elapsed() < Duration::from_secs(10), "it does not stop");
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
