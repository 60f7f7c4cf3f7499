//! Texts that are made up for tests.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Text from few characters of many kinds, so that parts of it occur twice.
pub fn mixed() -> impl Strategy<Value = String> {
    let kinds = "校门口缺市ＡaAbİßΣςé①1１9 \u{3000}\n，。%*_'❤\u{fe0f}\u{200b}\u{301}\u{302}ﬁ½가か\u{3099}";
    vec(select(kinds.chars().collect::<Vec<_>>()), 0..24).prop_map(String::from_iter)
}
