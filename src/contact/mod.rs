//! The contact itself (arts. 5 to 18): who contacts whom, and what took place.

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(_cfg: &mut ServiceConfig) {}
