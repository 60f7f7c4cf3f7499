//! Which steps a fate is made of.

use serde_json::json;

use crate::base::problem::Maybe;
use crate::demo::dice::plus;
use crate::demo::texts::{OBJECTION, RETENTION, TRANSFER, WITHDRAWAL};
use crate::opinion::adoption_feedback::Satisfaction;
use crate::policy::Op;

use super::fates::Fate;
use super::fates::Fate::{
    Accepted, Answered, Closed, Decided, Declined, Deferred, Dissatisfied, Draft, Kept, Lapsed, Objected, Registered, Reported,
    Resubmitted, Retained, Returned, Silent, Submitted, Transferred, Withdrawn,
};
use super::tale::{CLOCK, Note, Stop, Tale, Told};

impl Tale<'_, '_> {
    /// Goes the way of its fate, as far as yesterday.
    pub fn live(&mut self, fate: Fate) -> Maybe<()> {
        let told = self.story(fate);
        match told {
            // Where a story is not yet at its end, it stands where it stands.
            Ok(()) | Err(Stop::NotYet) => Ok(()),
            Err(Stop::Wrong(problem)) => Err(problem),
        }
    }

    pub fn story(&mut self, fate: Fate) -> Told {
        if fate == Registered {
            self.register()?;
        } else {
            self.step(Op::opinion_create, self.author, Note::default())?;
            if fate == Draft {
                return Ok(());
            }
            self.submit(0)?;
        }
        match fate {
            Draft | Submitted => Ok(()),
            Returned => self.send_back(),
            Lapsed => {
                self.send_back()?;
                let lapses = self.row.due_on.map_or(self.day, |due| plus(due, 1));
                self.go_to(lapses)?;
                self.row.returned_on = None;
                self.step(Op::opinion_lapse, CLOCK, Note::default())?;
                self.tell_author("opinion_lapsed", json!({}));
                Ok(())
            }
            Resubmitted => {
                self.send_back()?;
                self.submit(5)?;
                self.walk_to_the_end(Some(Satisfaction::BasicallySatisfied))
            }
            Withdrawn => {
                self.pass(1, 2)?;
                self.step(Op::opinion_withdraw, self.author, Note::because(WITHDRAWAL))?;
                self.tell_owner("opinion_withdrawn");
                Ok(())
            }
            Declined => self.decline(),
            Objected => {
                self.decline()?;
                self.pass(2, 9)?;
                let previous = self.row.owner_id.replace(self.county.office.id);
                (self.row.accepted_by, self.row.outcome) = (None, None);
                self.step(Op::opinion_object, self.author, Note { previous_owner: previous, ..Note::because(OBJECTION) })?;
                self.row.objected = true;
                self.tell_owner("opinion_objected");
                self.walk_to_the_end(Some(Satisfaction::Satisfied))
            }
            Transferred => {
                self.pass(1, 1)?;
                let other = self.maker.dice.below(self.county.committees.len());
                let previous = self.row.owner_id.replace(self.county.committees[other].id);
                self.row.transfers = 1;
                let by = self.body(previous);
                self.step(Op::opinion_transfer, by, Note { previous_owner: previous, ..Note::because(TRANSFER) })?;
                self.tell_author("opinion_transferred", json!({}));
                self.tell_owner("opinion_transferred");
                self.walk_to_the_end(Some(Satisfaction::Satisfied))
            }
            Accepted => self.accept(),
            Reported => {
                self.accept()?;
                self.report()
            }
            Kept => self.retain(),
            Retained => {
                self.retain()?;
                self.feedback(RETENTION)?;
                self.acknowledge(Satisfaction::BasicallySatisfied)
            }
            Deferred => {
                self.accept()?;
                self.report()?;
                self.defer()?;
                self.decide()?;
                self.answer_and(Some(Satisfaction::Satisfied))
            }
            Decided => {
                self.accept()?;
                self.report()?;
                self.decide()
            }
            Answered => {
                self.accept()?;
                self.report()?;
                self.decide()?;
                // Told only lately, so that it can still be acknowledged.
                let lately = self.maker.working_days_before(7);
                self.go_to(lately.max(self.day))?;
                self.feedback(self.matter.answer)
            }
            Closed | Registered => self.walk_to_the_end(Some(Satisfaction::Satisfied)),
            Silent => self.walk_to_the_end(None),
            Dissatisfied => {
                self.walk_to_the_end(Some(Satisfaction::Dissatisfied))?;
                self.feedback("经再次研究，明确由责任单位在本季度内完成，进展情况按月告知。")?;
                self.acknowledge(Satisfaction::BasicallySatisfied)
            }
        }
    }

    /// Accepted, put before a meeting, decided, told; `None`: the author never answers.
    fn walk_to_the_end(&mut self, satisfaction: Option<Satisfaction>) -> Told {
        self.accept()?;
        self.report()?;
        self.decide()?;
        self.answer_and(satisfaction)
    }

    fn answer_and(&mut self, satisfaction: Option<Satisfaction>) -> Told {
        self.feedback(self.matter.answer)?;
        match satisfaction {
            Some(satisfaction) => self.acknowledge(satisfaction),
            None => self.time_passes(),
        }
    }
}
