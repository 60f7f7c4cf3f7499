//! The meetings that decide.

use chrono::{Datelike, NaiveDate};

use crate::base::id::Id;
use crate::demo::county::{County, resolution};
use crate::demo::dice::{minus, plus};
use crate::demo::maker::Maker;
use crate::demo::rows::{MeetingRow, ResolutionRow};
use crate::opinion::meetings::MeetingState;

/// A meeting of the chairpersons, as far as stories need it.
#[derive(Clone, Debug)]
pub struct Meeting {
    pub id: Id,
    pub held_on: NaiveDate,
    pub resolution: Option<Id>,
    pub items: i64,
}

/// One meeting a month, on its third Thursday: two years of them, and those that are planned.
pub fn meetings(maker: &mut Maker<'_>, county: &County) -> Vec<Meeting> {
    let mut meetings = Vec::new();
    for months in 0..27_u32 {
        let first = maker.day(-1, 1, 1);
        let Some(month) = first.checked_add_months(chrono::Months::new(months)) else { continue };
        let to_thursday = (3 + 7 - month.weekday().num_days_from_monday()) % 7;
        let held_on = plus(month, usize::try_from(to_thursday).unwrap_or(0) + 14);
        if held_on > plus(maker.today, 65) {
            break;
        }
        let number = 13 + months;
        let made = maker.moment(minus(held_on, 40).min(maker.yesterday()));
        let id = maker.id(made);
        let is_over = held_on <= maker.yesterday();
        let closed = if is_over { maker.moment(held_on) } else { made };
        maker.rows.meetings.push(MeetingRow {
            id,
            jurisdiction_id: county.id,
            name: format!("十一届县政协第{number}次主席会议"),
            held_on,
            place: Some("县政协三楼会议室".to_owned()),
            state: if is_over { MeetingState::Closed } else { MeetingState::Planned }.as_str(),
            state_reason: None,
            closed_on: is_over.then_some(held_on),
            version: if is_over { 2 } else { 1 },
            created_at: made,
            updated_at: closed,
        });
        let resolved = is_over.then(|| {
            let resolved = maker.id(closed);
            maker.rows.resolutions.push(ResolutionRow {
                id: resolved,
                jurisdiction_id: county.id,
                meeting_id: id,
                number: resolution(held_on, usize::try_from(held_on.month()).unwrap_or(1) + 20),
                text: "会议研究了委员提出的对政协工作的意见建议，逐件作出决定，由办公室和有关专委会按期反馈作者。".to_owned(),
                replaces_id: None,
                created_at: closed,
            });
            resolved
        });
        meetings.push(Meeting { id, held_on, resolution: resolved, items: 0 });
    }
    meetings
}
