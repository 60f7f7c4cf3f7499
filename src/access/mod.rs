//! Who comes in: logging in, tokens, passwords.

mod auth;
mod sessions;

use utoipa_actix_web::service_config::ServiceConfig;

pub use auth::jwks_read;
pub use sessions::tidy;

pub fn routes(cfg: &mut ServiceConfig) {
    auth::routes(cfg);
}
