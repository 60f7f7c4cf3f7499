//! What one account sees of itself: who it is, what it owes now, what it was told.

mod account;
mod notifications;
mod texts;
mod todos;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig) {
    account::routes(cfg);
    todos::routes(cfg);
    notifications::routes(cfg);
}
