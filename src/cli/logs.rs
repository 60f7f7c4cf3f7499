//! What is said while it runs.

use tracing_subscriber::EnvFilter;

fn filter(words: &str) -> Result<EnvFilter, String> {
    EnvFilter::try_new(words).map_err(|error| format!("LIANXI_LOG: {error}"))
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
