//! The directory: who and what there is in a jurisdiction, all of it dated. Rows are ended, never deleted.

pub mod accounts;
pub mod calendars;
pub mod correspondences;
pub mod dated;
pub mod dictionaries;
pub mod in_force;
pub mod jurisdictions;
pub mod memberships;
pub mod organizations;
pub mod passwords;
pub mod persons;
pub mod posts;
pub mod refs;
pub mod sectors;
pub mod settings;
pub mod setup;
pub mod terms;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig) {
    jurisdictions::routes(cfg);
    settings::routes(cfg);
    dictionaries::routes(cfg);
    calendars::routes(cfg);
    terms::routes(cfg);
    sectors::routes(cfg);
    correspondences::routes(cfg);
    organizations::routes(cfg);
    memberships::routes(cfg);
    posts::routes(cfg);
    persons::routes(cfg);
    accounts::routes(cfg);
}
