//! What the reports say (arts. 11 to 14, 19, 23): reads any table of the jurisdiction, writes none.

pub mod compliance;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig) {
    compliance::routes(cfg);
}
