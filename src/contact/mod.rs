//! The contact itself (arts. 5 to 18): who contacts whom, and what took place.

pub mod constituents;
pub mod contact_assignments;
pub mod contact_events;
pub mod exemptions;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig) {
    contact_events::routes(cfg);
    constituents::routes(cfg);
    contact_assignments::routes(cfg);
    exemptions::routes(cfg);
}
