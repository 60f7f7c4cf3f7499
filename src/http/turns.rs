//! Turns: a password's hash costs a core and 19 MiB on purpose, so a few are made at once. Others wait for a moment, with no
//! thread and no connection in their hands, and are told to come back when their turn does not come.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::problem::{Code, Maybe, Problem, say};

/// How long a request waits for its turn before 503.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// The places of those whose turn it is.
#[derive(Clone, Debug)]
pub struct Turns {
    places: Arc<Semaphore>,
    patience: Duration,
}

/// Somebody's turn, until it is dropped.
pub type Turn = OwnedSemaphorePermit;

impl Turns {
    /// `places` at once, at least one.
    pub fn new(places: usize, patience: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(places.max(1))), patience }
    }

    /// The next turn; 503 when it does not come in time.
    pub async fn take(&self) -> Maybe<Turn> {
        let next = self.places.clone().acquire_owned();
        let in_time = actix_web::rt::time::timeout(self.patience, next).await;
        in_time.ok().and_then(Result::ok).ok_or_else(|| {
            let mut busy = Problem::new(Code::Unavailable, say("此刻过于繁忙，请稍后重试", "Too busy just now; try again soon"));
            busy.set_cause("no turn to hash a password");
            busy.with_retry_after(self.patience.as_secs().max(1))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    #[actix_web::test]
    async fn no_more_than_there_are_places_have_their_turn_at_once() {
        let turns = Turns::new(2, Duration::from_secs(10));
        let (now, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (turns, now, most) = (turns.clone(), now.clone(), most.clone());
                actix_web::rt::spawn(async move {
                    let turn = turns.take().await.expect("a turn");
                    now.set(now.get() + 1);
                    most.set(most.get().max(now.get()));
                    actix_web::rt::time::sleep(Duration::from_millis(2)).await;
                    now.set(now.get() - 1);
                    drop(turn);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("a task");
        }
        assert_eq!((now.get(), most.get()), (0, 2));
    }

    #[actix_web::test]
    async fn whose_turn_does_not_come_is_told_to_come_back() {
        let turns = Turns::new(1, Duration::from_millis(20));
        let turn = turns.take().await.expect("a turn");
        let late = turns.take().await.expect_err("a refusal");
        assert_eq!((late.code, late.retry_after), (Code::Unavailable, Some(1)));
        drop(turn);
        drop(turns.take().await.expect("a turn"));
    }
}
