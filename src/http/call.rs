//! One call: who asks for which operation, and the one hop in which it is done.

use std::time::{Duration, Instant as Stopwatch};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::Serialize;

use super::admitted::Admitted;
use super::answer::{Answer, Reply};
use super::caller;
use super::house::House;
use super::input::Input;
use super::once::{self, Key};
use super::turns::Turn;
use crate::base::calendar::local_day;
use crate::base::problem::{Maybe, Problem};
use crate::db::Tx;
use crate::policy::{Caller, Op, Role};
use crate::record;

/// An admitted request: its operation, its token's claims, what its headers ask for.
pub struct Call {
    house: web::Data<House>,
    admitted: Admitted,
    key: Maybe<Option<Key>>,
    acting_as: Maybe<Option<Role>>,
    path: String,
    query: String,
    method: String,
    /// Held until the call is done, also where nobody waits for it any more.
    turn: Option<Turn>,
    /// How long it may still take.
    patience: Duration,
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admitted = request.extensions().get::<Admitted>().cloned();
        let house = request.app_data::<web::Data<House>>().cloned();
        std::future::ready(match (house, admitted) {
            (Some(house), Some(admitted)) => Ok(Self {
                house,
                admitted,
                key: Key::of(request),
                acting_as: caller::acting_as(request),
                path: request.match_info().as_str().to_owned(),
                query: request.query_string().to_owned(),
                method: request.method().as_str().to_owned(),
                turn: None,
                patience: PATIENCE,
            }),
            _ => Err(Problem::internal("a call that passed no gate")),
        })
    }
}

impl Call {
    pub fn house(&self) -> &House {
        &self.house
    }

    /// Where the request came from, for lock-out and limits.
    pub fn source(&self) -> &str {
        &self.admitted.source
    }

    /// The same call in its turn: for what hashes a password, before it takes a thread.
    pub async fn in_turn(mut self) -> Maybe<Self> {
        let asked = Stopwatch::now();
        self.turn = Some(self.house.turns.take().await?);
        self.patience = PATIENCE.saturating_sub(asked.elapsed());
        Ok(self)
    }

    /// Reads: the caller's rights, then `f`, on one connection in one hop.
    pub async fn read<I: Input, T: Serialize + 'static>(
        self,
        input: I,
        f: impl Fn(&mut Tx<'_>, &I::Value) -> Maybe<Answer<T>> + Send + 'static,
    ) -> Reply<T> {
        hop(move || {
            let house = &**self.house;
            let value = self.read_input(&input);
            house.db.read(|conn| {
                let caller = self.admit(conn)?;
                // A read by POST takes the key too, and has nothing to keep under it.
                self.key.as_ref().map_err(Clone::clone)?;
                let mut tx = self.tx(conn, &caller);
                f(&mut tx, value.as_ref().map_err(Clone::clone)?)?.render()
            })
        })
        .await
    }

    /// Writes: rights, replay, `f`, the kept answer, audit and change records are one transaction.
    pub async fn write<I: Input, T: Serialize + 'static>(
        self,
        input: I,
        f: impl Fn(&mut Tx<'_>, &I::Value) -> Maybe<Answer<T>> + Send + 'static,
    ) -> Reply<T> {
        hop(move || self.written(&input, self.read_input(&input), f)).await
    }

    /// The same with something that costs time and memory, a password's hash: made once, in the call's turn, before the
    /// transaction begins, and only for those who may.
    pub async fn write_with<I: Input, P, T: Serialize + 'static>(
        self,
        input: I,
        make: impl Fn() -> Maybe<P> + Send + 'static,
        f: impl Fn(&mut Tx<'_>, &I::Value, &P) -> Maybe<Answer<T>> + Send + 'static,
    ) -> Reply<T> {
        let call = self.in_turn().await?;
        hop_within(call.patience, move || {
            call.house.db.read(|conn| call.admit(conn))?;
            let value = call.read_input(&input)?;
            let made = make()?;
            call.written(&input, Ok(value), |tx, value| f(tx, value, &made))
        })
        .await
    }

    fn written<I: Input, T: Serialize>(
        &self,
        input: &I,
        value: Maybe<I::Value>,
        f: impl Fn(&mut Tx<'_>, &I::Value) -> Maybe<Answer<T>>,
    ) -> Reply<T> {
        let key = self.key.clone().map(|key| key.map(|key| key.bind(&self.admitted, &self.method, &self.path, input.bytes())));
        self.house.db.write(|conn| {
            let caller = self.admit(conn)?;
            let key = key.as_ref().map_err(Clone::clone)?;
            if let Some(key) = key
                && let Some(kept) = once::replay(conn, self.house.db.seal(), key, &caller)?
            {
                return Ok(kept);
            }
            let mut tx = self.tx(conn, &caller);
            let answer = f(&mut tx, value.as_ref().map_err(Clone::clone)?)?;
            let keep = answer.kept;
            let rendered = answer.render()?;
            if let Some(key) = key {
                once::keep(&mut tx, key, &rendered, keep)?;
            }
            record::finish(&mut tx)?;
            Ok(rendered)
        })
    }

    /// Work outside a transaction: an answer that costs time before anything is written, like a password's check.
    pub async fn open<I: Input, T: Serialize + 'static>(
        self,
        input: I,
        f: impl Fn(&House, &Admitted, &I::Value) -> Maybe<Answer<T>> + Send + 'static,
    ) -> Reply<T> {
        hop_within(self.patience, move || {
            let house = &**self.house;
            let value = self.read_input(&input)?;
            f(house, &self.admitted, &value)?.render()
        })
        .await
    }

    /// The same for a known caller, whose rights are read first.
    pub async fn apart<I: Input, T: Serialize + 'static>(
        self,
        input: I,
        f: impl Fn(&House, &Caller, &Admitted, &I::Value) -> Maybe<Answer<T>> + Send + 'static,
    ) -> Reply<T> {
        hop_within(self.patience, move || {
            let house = &**self.house;
            let caller = house.db.read(|conn| self.admit(conn))?;
            let value = self.read_input(&input)?;
            f(house, &caller, &self.admitted, &value)?.render()
        })
        .await
    }

    fn read_input<I: Input>(&self, input: &I) -> Maybe<I::Value> {
        input.read(&self.house, self.op(), &self.query)
    }

    fn op(&self) -> Op {
        self.admitted.op
    }

    fn admit(&self, conn: &mut crate::db::Conn) -> Maybe<Caller> {
        let acting_as = self.acting_as.clone()?;
        let caller = caller::load(conn, &self.admitted, acting_as, self.house.db.clock().now())?;
        caller.admit(self.op())?;
        Ok(caller)
    }

    fn tx<'a>(&'a self, conn: &'a mut crate::db::Conn, caller: &'a Caller) -> Tx<'a> {
        let now = self.house.db.clock().now();
        Tx { conn, caller, seal: self.house.db.seal(), now, today: local_day(now.0, caller.zone), deeds: Vec::new() }
    }
}

/// The longest that a request waits for the database, so that it has its answer within five seconds.
const PATIENCE: Duration = Duration::from_millis(4500);

/// One hop to a blocking thread. A database that keeps silent is not waited for, and what has not begun by then is not done.
pub async fn hop<T: Send + 'static>(f: impl FnOnce() -> Maybe<T> + Send + 'static) -> Maybe<T> {
    hop_within(PATIENCE, f).await
}

async fn hop_within<T: Send + 'static>(patience: Duration, f: impl FnOnce() -> Maybe<T> + Send + 'static) -> Maybe<T> {
    let asked = Stopwatch::now();
    let work = web::block(move || if asked.elapsed() < patience { f() } else { Err(Problem::unavailable("begun too late")) });
    let done = actix_web::rt::time::timeout(patience, work).await;
    done.map_err(|_| Problem::unavailable("the database keeps silent"))?.map_err(Problem::unavailable)?
}
