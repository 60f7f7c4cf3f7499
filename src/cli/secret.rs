//! A password from whoever runs a command: asked for on a terminal and not shown, else the first line of standard input.

use std::io::{BufRead as _, IsTerminal as _};

/// `whose`: what is asked for, e.g. `Password of admin`.
pub fn read(whose: &str) -> Result<String, String> {
    let stdin = std::io::stdin();
    let failed = |error: std::io::Error| format!("the password: {error}");
    if stdin.is_terminal() {
        let first = rpassword::prompt_password(format!("{whose}: ")).map_err(failed)?;
        let again = rpassword::prompt_password("The same again: ").map_err(failed)?;
        return if first == again { Ok(first) } else { Err("the two passwords differ".to_owned()) };
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(failed)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
