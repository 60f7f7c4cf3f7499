//! What a member could raise.

/// One matter that a member could raise.
#[derive(Clone, Copy, Debug)]
pub struct Matter {
    pub category: &'static str,
    pub title: &'static str,
    pub situation: &'static str,
    pub analysis: &'static str,
    pub suggestions: &'static str,
    /// What a department or the meeting says to it.
    pub answer: &'static str,
}
