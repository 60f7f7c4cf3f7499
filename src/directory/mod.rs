//! The directory: who and what there is in a jurisdiction, all of it dated. Rows are ended, never deleted.

pub mod accounts;
pub mod calendars;
pub mod dated;
pub mod dictionaries;
pub mod in_force;
pub mod jurisdictions;
pub mod passwords;
pub mod refs;
pub mod sectors;
pub mod settings;
pub mod setup;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig) {
    jurisdictions::routes(cfg);
    settings::routes(cfg);
    dictionaries::routes(cfg);
    calendars::routes(cfg);
    sectors::routes(cfg);
    accounts::routes(cfg);
}
