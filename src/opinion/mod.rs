//! The opinion's way (arts. 16, 19, 25): written, submitted, accepted, decided, and the result told to its author.

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(_cfg: &mut ServiceConfig) {}
