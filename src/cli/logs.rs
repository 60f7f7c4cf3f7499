//! What is said while it runs.

use tracing_subscriber::EnvFilter;

/// The framework calls it an error of the service's when somebody sends it what is no HTTP; who wants to see that asks for it.
const QUIET: &str = "actix_http=off";

fn filter(words: &str) -> Result<EnvFilter, String> {
    EnvFilter::try_new(format!("{QUIET},{words}")).map_err(|error| format!("LIANXI_LOG: {error}"))
}

/// One JSON object a line on standard error: what a collector reads.
pub fn for_machines(words: &str) -> Result<(), String> {
    let logs = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(false).with_span_list(false);
    logs.with_writer(std::io::stderr).with_env_filter(filter(words)?).try_init().map_err(|error| error.to_string())
}

/// Short lines on standard error: what somebody reads who tries it out.
pub fn for_people(words: &str) -> Result<(), String> {
    let logs = tracing_subscriber::fmt().compact().with_ansi(false).with_writer(std::io::stderr);
    logs.with_env_filter(filter(words)?).try_init().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_http_is_logged_for_who_asks_for_it_alone() {
        let words = |given: &str| filter(given).expect("a filter").to_string();
        assert!(words("info").contains("actix_http=off"));
        assert!(words("info,actix_http=warn").contains("actix_http=warn") && !words("info,actix_http=warn").contains("off"));
    }
}
