//! What one account sees of itself: who it is, what it owes now, what it was told.

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(_cfg: &mut ServiceConfig) {}
