//! Two engines behind one type: pools, transactions, and what their errors mean to a caller.
//!
//! SQLite has one writer and a pool of readers, so that writers queue here instead of failing there; PostgreSQL has one pool.
//! A request takes at most one connection, for as long as its closure runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use chrono::NaiveDate;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use diesel::result::{DatabaseErrorKind, Error as Sql};
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::base::id::Id;
use crate::base::instant::{Clock, Instant};
use crate::base::problem::{Maybe, Problem, say};
use crate::base::seal::Seal;
use crate::policy::Caller;

/// A connection to either engine; every query is written once, against this.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Postgresql(PgConnection),
    Sqlite(SqliteConnection),
}

/// The backend of every query of the house.
pub type Engine = MultiBackend;

/// Where the data lives, read from `DATABASE_URL` by its scheme alone: a typing error never opens a new file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Postgresql(String),
    Sqlite(PathBuf),
}

impl Place {
    pub fn parse(url: &str) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgresql(url.to_owned())),
            Some(("sqlite", path)) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty() { Err("DATABASE_URL: sqlite: needs a path".to_owned()) } else { Ok(Self::Sqlite(path.into())) }
            }
            _ => Err("DATABASE_URL: the scheme must be sqlite: or postgresql:".to_owned()),
        }
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// One connection of our own making: the derived `establish` would try one engine after the other and hide the cause.
    pub fn connect(&self) -> diesel::ConnectionResult<Conn> {
        match self {
            Self::Postgresql(url) => {
                let mut conn = PgConnection::establish(&with_timeouts(url))?;
                conn.batch_execute(
                    "SET TIME ZONE 'UTC'; SET statement_timeout = '30s'; SET lock_timeout = '4s'; \
                     SET idle_in_transaction_session_timeout = '30s'; SET default_transaction_isolation = 'read committed'",
                )
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Postgresql(conn))
            }
            Self::Sqlite(path) => {
                keep_private(path).map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()))?;
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                conn.batch_execute(
                    "PRAGMA busy_timeout = 4000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA cache_size = -1024; PRAGMA mmap_size = 2147418112; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF",
                )
                .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Sqlite(conn))
            }
        }
    }
}

/// Makes the file of a new database for its owner alone: personal data will stand in it. SQLite gives what it writes beside it the
/// same mode.
#[cfg(unix)]
fn keep_private(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn keep_private(_: &std::path::Path) -> std::io::Result<()> {
    Ok(())
}

/// A database that is gone without a word must be noticed within seconds, also by those who only wait for its answer.
fn with_timeouts(url: &str) -> String {
    let mut url = url.to_owned();
    for (key, value) in [
        ("connect_timeout", "2"),
        ("tcp_user_timeout", "4000"),
        ("keepalives_idle", "2"),
        ("keepalives_interval", "1"),
        ("application_name", "lianxi"),
    ] {
        if !url.contains(key) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{key}={value}"));
        }
    }
    url
}

/// A connection in the pool, with what the pool cannot see for itself.
pub struct Held {
    pub conn: Conn,
    broken: bool,
}

/// Makes connections for the pools.
#[derive(Debug)]
pub struct Opener(Place);

impl ManageConnection for Opener {
    type Connection = Held;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Held, Self::Error> {
        Ok(Held { conn: self.0.connect().map_err(diesel::r2d2::Error::ConnectionError)?, broken: false })
    }

    fn is_valid(&self, _: &mut Held) -> Result<(), Self::Error> {
        Ok(())
    }

    fn has_broken(&self, held: &mut Held) -> bool {
        // After a panic nobody knows how far its transaction came.
        held.broken || std::thread::panicking()
    }
}

/// The pools, the clock and the seal: what a transaction is made of.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    place: Place,
    readers: Pool<Opener>,
    writers: Pool<Opener>,
    clock: Clock,
    seal: Seal,
}

/// How many connections, and how long to wait for one.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    pub connections: u32,
    pub wait: Duration,
}

impl Db {
    pub fn open(place: Place, size: PoolSize, clock: Clock, seal: Seal) -> Result<Self, String> {
        let pool = |max: u32| {
            Pool::builder()
                .max_size(max)
                .min_idle(Some(1))
                .connection_timeout(size.wait)
                .test_on_check_out(false)
                .build_unchecked(Opener(place.clone()))
        };
        let readers = pool(size.connections);
        let writers = if place.is_sqlite() { pool(1) } else { readers.clone() };
        Ok(Self(Arc::new(Inner { place, readers, writers, clock, seal })))
    }

    pub fn place(&self) -> &Place {
        &self.0.place
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub fn seal(&self) -> &Seal {
        &self.0.seal
    }

    /// Connections in use and open, for `/metrics`.
    pub fn in_use(&self) -> (u32, u32) {
        let state = self.0.readers.state();
        (state.connections - state.idle_connections, state.connections)
    }

    /// Runs `f` on a reading connection, each statement by itself. A stale connection is replaced and `f` tried again.
    pub fn read<T>(&self, f: impl Fn(&mut Conn) -> Maybe<T>) -> Maybe<T> {
        tried(|| {
            let mut held = take(&self.0.readers)?;
            let done = f(&mut held.conn);
            held.broken = done.as_ref().is_err_and(|problem| problem.code.status() >= 500);
            done
        })
    }

    /// Runs `f` in one writing transaction. A lost race (serialization failure, deadlock) is tried three times more, then 503.
    pub fn write<T>(&self, f: impl Fn(&mut Conn) -> Maybe<T>) -> Maybe<T> {
        tried(|| transaction(&mut *take(&self.0.writers)?, &f))
    }
}

/// After this much time nothing is tried again: the caller is to have an answer while it still waits.
const TRY_AGAIN_WITHIN: Duration = Duration::from_millis(2400);

fn tried<T>(f: impl Fn() -> Maybe<T>) -> Maybe<T> {
    let (started, mut tries) = (Stopwatch::now(), 0);
    loop {
        match f() {
            Err(problem) if problem.again && tries < 3 && started.elapsed() < TRY_AGAIN_WITHIN => tries += 1,
            done => return done,
        }
    }
}

fn take(pool: &Pool<Opener>) -> Maybe<PooledConnection<Opener>> {
    pool.get().map_err(Problem::unavailable)
}

fn transaction<T>(held: &mut Held, f: &impl Fn(&mut Conn) -> Maybe<T>) -> Maybe<T> {
    type Manager = <Conn as Connection>::TransactionManager;
    let begun = match &mut held.conn {
        Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
        Conn::Postgresql(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN"),
    };
    if let Err(error) = begun {
        held.broken = true;
        return Err(Problem::unavailable(error).worth_another_try());
    }
    match f(&mut held.conn) {
        Ok(value) => match Manager::commit_transaction(&mut held.conn) {
            Ok(()) => Ok(value),
            Err(error) => {
                held.broken = true;
                let problem = Problem::from(error);
                // Only a refusal of the engine says that nothing was written; a cut line leaves that open.
                Err(if problem.code == crate::base::problem::Code::Unavailable {
                    Problem::unavailable("lost during COMMIT")
                } else {
                    problem
                })
            }
        },
        Err(problem) => {
            if Manager::rollback_transaction(&mut held.conn).is_err() {
                held.broken = true;
            }
            Err(problem)
        }
    }
}

impl From<Sql> for Problem {
    fn from(error: Sql) -> Self {
        match error {
            Sql::NotFound => Self::not_found(),
            Sql::DatabaseError(DatabaseErrorKind::SerializationFailure, info) => {
                Self::unavailable(info.message()).worth_another_try()
            }
            Sql::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                let mut it = Self::conflict(say("与已有的内容重复", "it duplicates what exists"));
                it.set_cause(info.message());
                it
            }
            Sql::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, info) => {
                let mut it =
                    Self::conflict(say("所指的内容不存在或仍被引用", "it refers to what is gone, or is still referred to"));
                it.set_cause(info.message());
                it
            }
            Sql::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, info) => {
                Self::unavailable(info.message()).worth_another_try()
            }
            // A cut line fails twice; the first failure says what happened.
            Sql::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            Sql::BrokenTransactionManager => Self::unavailable("broken transaction").worth_another_try(),
            Sql::DatabaseError(_, info) => by_message(info.message()),
            error => Self::internal(error),
        }
    }
}

/// What diesel has no kind for: the engines' own words, which are stable.
fn by_message(message: &str) -> Problem {
    let is = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if is(&["deadlock detected", "database is locked", "could not serialize", "lock timeout", "terminating connection"]) {
        Problem::unavailable(message).worth_another_try()
    } else if is(&[
        "database or disk is full",
        "No space left",
        "could not extend",
        "disk I/O error",
        "server closed the connection",
        "no connection to the server",
        "statement timeout",
        "SSL SYSCALL",
        "could not receive data",
        "could not send data",
        "in recovery mode",
        "shutting down",
        "read-only transaction",
    ]) {
        Problem::unavailable(message)
    } else {
        Problem::internal(message)
    }
}

/// What one deed did, until it is written at the end of its transaction.
#[derive(Clone, Debug)]
pub struct Deed {
    pub op: crate::policy::Op,
    /// The role that it is put down to; `None` where none acted yet, as at a login.
    pub role: Option<&'static str>,
    pub kind: &'static str,
    pub thing: Id,
    /// `None`: nothing changed, something was read that must be accounted for.
    pub change: Option<Change>,
    pub details: serde_json::Value,
}

/// What the change feed will say of it.
#[derive(Clone, Debug)]
pub struct Change {
    pub version: i64,
    pub state: Option<&'static str>,
    pub belongs: serde_json::Value,
}

/// One caller's work with the database: a read, or a writing transaction with the deeds it has done so far.
pub struct Tx<'a> {
    pub conn: &'a mut Conn,
    pub caller: &'a Caller,
    pub seal: &'a Seal,
    pub now: Instant,
    /// The day in the jurisdiction's time zone.
    pub today: NaiveDate,
    pub deeds: Vec<Deed>,
}

impl Tx<'_> {
    /// The jurisdiction that every query starts from.
    pub fn jurisdiction(&self) -> Id {
        self.caller.jurisdiction
    }
}
