//! The directory: who and what there is in a jurisdiction, all of it dated. Rows are ended, never deleted.

pub mod calendars;
pub mod dated;
pub mod dictionaries;
pub mod in_force;
pub mod passwords;
pub mod refs;
pub mod sectors;
pub mod settings;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig) {
    sectors::routes(cfg);
}
