//! The opinion's way (arts. 16, 19, 25): written, submitted, accepted, decided, and the result told to its author.

/// The fields of a list's item and those that only a single read has: `$summary`, `$whole` with both, and the step from the
/// one to the other by `$rest`. Texts stand only in the whole, so that no list carries them.
macro_rules! views {
    ($(#[doc = $on_summary:literal])+ $summary:ident, $(#[doc = $on_whole:literal])+ $whole:ident, $rest:ident,
        { $($(#[$on:meta])* $field:ident: $type:ty,)+ } { $($(#[$more_on:meta])* $more:ident: $more_type:ty,)+ }) => {
        $(#[doc = $on_summary])+
        #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $summary { $($(#[$on])* pub $field: $type,)+ }

        $(#[doc = $on_whole])+
        #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $whole { $($(#[$on])* pub $field: $type,)+ $($(#[$more_on])* pub $more: $more_type,)+ }

        /// What the whole adds to the summary.
        pub struct $rest { $(pub $more: $more_type,)+ }

        impl $summary {
            pub fn with(self, rest: $rest) -> $whole { $whole { $($field: self.$field,)+ $($more: rest.$more,)+ } }
        }
    };
}

pub mod adoption_feedback;
pub mod clock;
pub mod deadlines;
pub mod meetings;
pub mod opinions;
pub mod recount;
pub mod way;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig) {
    opinions::routes(cfg);
    meetings::routes(cfg);
    adoption_feedback::routes(cfg);
}
