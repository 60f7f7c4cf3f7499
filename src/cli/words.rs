//! What is said to an operator.

use std::io::Write as _;

use crate::base::problem::{Language, Problem};
use crate::config::KEYS;

/// Every key of the configuration, as help shows it.
pub fn keys() -> String {
    let lines = KEYS.iter().map(|key| {
        let default = match key.default {
            None => "required".to_owned(),
            Some("") => "default: none".to_owned(),
            Some(default) => format!("default: {default}"),
        };
        format!("  {}\n          {} ({default})", key.name, key.meaning)
    });
    format!("Configuration, from the environment or the file of --config:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// A problem in words for an operator: each fault in a line of its own.
pub fn told(problem: &Problem) -> String {
    told_of(problem, |field| field)
}

/// The same with other names for the fields.
pub fn told_of(problem: &Problem, name: fn(&str) -> &str) -> String {
    let faults = problem.faults.iter().map(|fault| {
        let words = fault.say.as_ref().map_or(fault.detail.as_str(), |say| say.text(Language::En));
        format!("{}: {words}", name(fault.pointer.trim_start_matches('/')))
    });
    let faults: Vec<String> = faults.collect();
    match (&problem.cause, faults.is_empty()) {
        (_, false) => faults.join("\n"),
        (Some(cause), true) => format!("{}: {cause}", problem.detail.text(Language::En)),
        (None, true) => problem.detail.text(Language::En).to_owned(),
    }
}

/// Standard output may be closed, or a pipe that nobody reads: no reason not to serve.
pub fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_tells_every_key_and_whether_it_is_required() {
        let keys = keys();
        for key in KEYS {
            assert!(keys.contains(key.name), "{}", key.name);
        }
        assert!(keys.contains("(required)"));
    }
}
