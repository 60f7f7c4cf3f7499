//! What was written and what became of it (arts. 16, 19, 25): each opinion walks its way through the table of states, step by
//! step on working days, until its story ends or yesterday is reached.

mod fates;
mod meetings;
mod steps;
mod story;
mod tale;

use chrono::NaiveDate;

use crate::base::problem::Maybe;
use crate::demo::county::County;
use crate::demo::dice::minus;
use crate::demo::maker::Maker;
use crate::demo::rows::SourceRow;

use self::fates::Fate::{Accepted, Answered, Closed, Decided, Draft, Returned, Submitted};
pub use self::fates::{DESK, Fate};
use self::fates::{FATES, PENDING};
use self::meetings::{Meeting, meetings};
use self::tale::{Author, Tale};

/// What has been told of a county so far.
pub struct Stories {
    meetings: Vec<Meeting>,
    written: usize,
}

/// All opinions of a county, with the meetings that decide on them. `desk`: the members who come first.
pub fn make(maker: &mut Maker<'_>, county: &County, desk: &[usize]) -> Maybe<()> {
    let meetings = meetings(maker, county);
    let mut stories = Stories { meetings, written: 0 };
    for (at, fates) in desk.iter().zip(DESK) {
        for fate in *fates {
            let begins = stories.begins(maker, *fate);
            stories.tell(maker, county, Author::Member(*at), *fate, begins)?;
        }
    }
    if county.plan.is_lively {
        for fate in [Closed, Answered, Submitted, Returned, Draft] {
            let (informant, begins) = (county.informants[0].0, stories.begins(maker, fate));
            stories.tell(maker, county, Author::Person(informant), fate, begins)?;
        }
        for (ally, fate) in [Closed, Accepted, Submitted].into_iter().enumerate() {
            let begins = stories.begins(maker, fate);
            stories.tell(maker, county, Author::Ally(ally), fate, begins)?;
        }
    }
    let pending = county.plan.opinions / 5;
    for number in 0..county.plan.opinions.saturating_sub(stories.written) {
        let (fate, begins) = if number < pending {
            let (fate, ago) = PENDING[number % PENDING.len()];
            (fate, if ago == 0 { stories.begins(maker, fate) } else { maker.working_days_before(ago + jitter(number)) })
        } else {
            let (first, last) = (maker.day(-1, 1, 10), maker.yesterday());
            (maker.dice.one(FATES), maker.dice.day(first, last))
        };
        let author = maker.dice.below(county.members.len());
        let author = if county.members[author].sector_on(begins).is_some() { author } else { 0 };
        stories.tell(maker, county, Author::Member(author), fate, begins)?;
        maker.rest()?;
    }
    Ok(())
}

/// So that not all that wait were written on the same day.
fn jitter(number: usize) -> usize {
    number / PENDING.len() % 3
}

impl Stories {
    /// When something was written that now stands at a certain point.
    fn begins(&self, maker: &mut Maker<'_>, fate: Fate) -> NaiveDate {
        let ago = PENDING.iter().find(|(of, _)| *of == fate).map(|(_, ago)| *ago);
        match (fate, ago) {
            // In time for the last meeting that was held.
            (Decided | Answered, _) => {
                let last = self.meetings.iter().rev().find(|meeting| meeting.held_on <= minus(maker.today, 4));
                last.map_or(maker.today, |last| minus(last.held_on, 26))
            }
            (_, Some(ago)) => maker.working_days_before(ago),
            (_, None) => {
                let (first, last) = (maker.day(-1, 3, 1), minus(maker.today, 110));
                maker.dice.day(first, last)
            }
        }
    }

    fn tell(&mut self, maker: &mut Maker<'_>, county: &County, author: Author, fate: Fate, begins: NaiveDate) -> Maybe<()> {
        self.written += 1;
        let begins = begins.min(maker.yesterday());
        let mut tale = Tale::begin(maker, county, &mut self.meetings, author, fate, begins);
        tale.live(fate)?;
        let Tale { row, text, sources, .. } = tale;
        maker.rows.sources.extend(sources.into_iter().map(|constituent_id| SourceRow { opinion_id: row.id, constituent_id }));
        maker.rows.opinion(row, text);
        Ok(())
    }
}
