//! Rows summed up by sector, committee, group or child jurisdiction, and what a parent may see of that.
//!
//! Invariants: every row counts once under each of its keys; a person is counted once however many rows
//! are about that person; among two cells or more no withheld one follows from the sum and the others.
//! The sum itself is a cell of one level up: a sum over fewer persons is to be withheld like any other.

use super::status::{Row, Status};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A parent sees an aggregate from this many persons on: fewer could be told apart.
pub const FEWEST_PERSONS: u32 = 5;

/// A sum of rows (articles 11 to 14).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows not judged.
    pub exempt: u32,
    /// Rows met.
    pub met: u32,
    /// Rows not yet met, with time left.
    pub on_track: u32,
    /// Rows not yet met, with time running out.
    pub at_risk: u32,
    /// Rows not met.
    pub unmet: u32,
    /// What all rows owe, exempt ones too, in the unit of their duty.
    pub owed: u32,
    /// What was done, in the same unit. What one did beyond the own duty is in it and makes good for
    /// nobody else: what is lacking is in `missing`.
    pub done: u32,
    /// What of it is confirmed.
    pub confirmed: u32,
    /// What is still to be done, row by row.
    pub missing: u32,
    /// Different persons the rows are about.
    pub persons: u32,
    /// Those of them with a row that is judged: the persons in the denominator of a share of met rows.
    pub judged_persons: u32,
}

/// Sums rows up by any key. A row with several keys (a member of two groups) counts under each, one with
/// none nowhere; keep the articles apart by a key that holds the article.
pub fn roll_up<'r, K: Ord, I: IntoIterator<Item = K>>(
    rows: impl IntoIterator<Item = &'r Row>,
    key: impl Fn(&Row) -> I,
) -> BTreeMap<K, Tally> {
    let mut sums: BTreeMap<K, (Tally, BTreeMap<Uuid, bool>)> = BTreeMap::new();
    for row in rows {
        // Keys of one row are made distinct, lest a person in one group twice is summed twice.
        let keys: BTreeSet<K> = key(row).into_iter().collect();
        for key in keys {
            let (tally, persons) = sums.entry(key).or_default();
            tally.add(row);
            *persons.entry(row.subject).or_default() |= row.status != Status::Exempt;
        }
    }
    let counted = |(key, (tally, persons)): (K, (Tally, BTreeMap<Uuid, bool>))| {
        let judged = persons.values().filter(|judged| **judged).count();
        let number = |persons: usize| u32::try_from(persons).unwrap_or(u32::MAX);
        (key, Tally { persons: number(persons.len()), judged_persons: number(judged), ..tally })
    };
    sums.into_iter().map(counted).collect()
}

impl Tally {
    fn add(&mut self, row: &Row) {
        match row.status {
            Status::Exempt => self.exempt += 1,
            Status::Met => self.met += 1,
            Status::OnTrack => self.on_track += 1,
            Status::AtRisk => self.at_risk += 1,
            Status::Unmet => self.unmet += 1,
        }
        self.owed += row.owed;
        self.done += row.done;
        self.confirmed += row.confirmed;
        self.missing += row.missing;
    }

    /// Two sums over different persons as one: a child jurisdiction with its own children.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            exempt: self.exempt + other.exempt,
            met: self.met + other.met,
            on_track: self.on_track + other.on_track,
            at_risk: self.at_risk + other.at_risk,
            unmet: self.unmet + other.unmet,
            owed: self.owed + other.owed,
            done: self.done + other.done,
            confirmed: self.confirmed + other.confirmed,
            missing: self.missing + other.missing,
            persons: self.persons + other.persons,
            judged_persons: self.judged_persons + other.judged_persons,
        }
    }
}

/// Which of the cells that make up one shown sum a parent must not see, in their order. `denominators`
/// holds the persons behind each cell. A cell hidden alone would follow from the sum and the others, so
/// the smallest of these (the first of equals) goes with it.
#[must_use]
pub fn suppress(denominators: &[u32]) -> Vec<bool> {
    let mut hidden: Vec<bool> = denominators.iter().map(|persons| *persons < FEWEST_PERSONS).collect();
    if hidden.iter().filter(|hidden| **hidden).count() == 1 {
        let shown = denominators.iter().zip(&mut hidden).filter(|(_, hidden)| !**hidden);
        if let Some((_, hidden)) = shown.min_by_key(|(persons, _)| **persons) {
            *hidden = true;
        }
    }
    hidden
}

/// Cells as a parent sees them: `None` for what is withheld. `persons` gives the denominator of a cell.
pub fn withhold<K: Ord, C>(cells: BTreeMap<K, C>, persons: impl Fn(&C) -> u32) -> BTreeMap<K, Option<C>> {
    let denominators: Vec<u32> = cells.values().map(persons).collect();
    let hidden = suppress(&denominators);
    cells.into_iter().zip(hidden).map(|((key, cell), hidden)| (key, (!hidden).then_some(cell))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::facts::ExemptionKind::Exemption;
    use super::super::scene::{ALWAYS, Scene, id, visit};
    use super::super::status::Duty;
    use super::*;
    use proptest::prelude::*;

    fn county() -> Vec<Row> {
        (1..4)
            .fold(Scene::default(), |scene, n| scene.member(n, 10, ALWAYS))
            .member(4, 11, ALWAYS)
            .event(visit("2026-03-01", &[1, 2, 4]))
            .event(visit("2026-04-01", &[1, 2]))
            .event(visit("2026-05-01", &[1]))
            .granted(Exemption, 3, Some(14), ALWAYS)
            .rows("2026-12-31")
    }

    #[test]
    fn rows_are_summed_by_sector_and_article() {
        let sums = roll_up(&county(), |row| [(row.article, row.sector)]);
        let visits = sums[&(14, Some(id(10)))];
        let expected = Tally { met: 2, exempt: 1, owed: 6, done: 5, persons: 3, judged_persons: 2, ..Tally::default() };
        assert_eq!(visits, expected);
        let lacking = sums[&(14, Some(id(11)))];
        assert_eq!((lacking.unmet, lacking.owed, lacking.done, lacking.missing), (1, 2, 1, 1));
    }

    #[test]
    fn a_person_is_one_however_many_the_rows() {
        let all = roll_up(&county(), |_| [()])[&()];
        assert_eq!((all.persons, all.judged_persons), (4, 4));
        assert_eq!(all.exempt + all.met + all.on_track + all.at_risk + all.unmet, 12);
    }

    #[test]
    fn a_member_of_two_groups_counts_in_both_and_once_in_each() {
        let rows = county();
        let visits = rows.iter().filter(|row| row.duty == Duty::Visits);
        let groups = |row: &Row| {
            if row.subject == id(1) { vec![70, 71, 70] } else { Vec::new() }
        };
        let sums = roll_up(visits, groups);
        assert_eq!(sums.len(), 2);
        assert!(sums.values().all(|sum| sum.persons == 1 && sum.met == 1 && sum.done == 3));
    }

    #[test]
    fn five_persons_are_shown_and_four_are_not() {
        assert_eq!(suppress(&[5, 6]), [false, false]);
        assert_eq!(suppress(&[4, 3, 5]), [true, true, false]);
        assert!(suppress(&[]).is_empty());
        assert_eq!(suppress(&[4]), [true]);
    }

    #[test]
    fn a_cell_hidden_alone_takes_the_next_smallest_with_it() {
        assert_eq!(suppress(&[9, 4, 7, 8]), [false, true, true, false]);
        assert_eq!(suppress(&[7, 4, 7]), [true, true, false]);
        assert_eq!(suppress(&[0, 12]), [true, true]);
    }

    #[test]
    fn what_is_withheld_keeps_its_name() {
        let cells = BTreeMap::from([("a", 3), ("b", 9), ("c", 6)]);
        let shown = withhold(cells, |persons| *persons);
        assert_eq!(shown, BTreeMap::from([("a", None), ("b", Some(9)), ("c", None)]));
    }

    proptest! {
        #[test]
        fn no_small_cell_is_shown_and_none_is_hidden_alone(cells in proptest::collection::vec(0u32..12, 0..8)) {
            let hidden = suppress(&cells);
            let small = cells.iter().filter(|persons| **persons < FEWEST_PERSONS).count();
            let count = hidden.iter().filter(|hidden| **hidden).count();
            prop_assert!(cells.iter().zip(&hidden).all(|(persons, hidden)| *hidden || *persons >= FEWEST_PERSONS));
            prop_assert_eq!(count, if small == 1 { 2.min(cells.len()) } else { small });
        }
    }
}
