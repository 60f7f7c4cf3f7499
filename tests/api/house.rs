//! The house as ARCHITECTURE.md draws it: every room stands above all that it imports, and nothing goes in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The rooms from the ground up: a room may import those before it, its own, and none after it.
const FLOORS: &[&[&str]] = &[
    &["base"],
    &["policy"],
    &["db"],
    &["config"],
    &["record"],
    &["http"],
    &["directory"],
    &["access"],
    &["contact"],
    &["opinion"],
    &["report"],
    &["me"],
    &["openapi"],
    &["jobs"],
    &["app"],
    &["demo"],
    &["seed"],
    &["cli"],
    &["lib", "main"],
];

fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, root, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(root).expect("under src").with_extension("").to_string_lossy().replace('/', "::");
                let text = std::fs::read_to_string(&path).expect("a source");
                // What a test module imports is no wall of the house.
                let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
                found.insert(name.trim_end_matches("::mod").to_owned(), text);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    walk(&root, &root, &mut found);
    found
}

/// The modules that a file names behind `crate::`, groups in braces taken apart.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut word = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => {
                        found.insert(word.trim().split("::").next().unwrap_or_default().to_owned());
                        word.clear();
                        continue;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                word.push(letter);
            }
            found.insert(word.trim().split("::").next().unwrap_or_default().to_owned());
        } else {
            found.insert(rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect());
        }
    }
    // Macros of the crate's root stand in no room.
    found.retain(|name| {
        !["bulk", "each", "in_force", "keyset", "page", "paged", "reaches_beyond", "words", ""].contains(&name.as_str())
    });
    found
}

fn floor(room: &str) -> usize {
    FLOORS
        .iter()
        .position(|rooms| rooms.contains(&room))
        .unwrap_or_else(|| panic!("{room} has no floor: draw it into ARCHITECTURE.md and here"))
}

#[test]
fn imports_run_downward_only() {
    let mut faults = Vec::new();
    for (file, text) in sources() {
        let room = file.split("::").next().unwrap_or_default().to_owned();
        for import in imports(&text) {
            if import != room && floor(&import) >= floor(&room) && room != "lib" {
                faults.push(format!("src/{}.rs imports {import}, which stands above it or beside it", file.replace("::", "/")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_the_dialect_asks_which_engine_it_is() {
    let mut faults = Vec::new();
    for (file, text) in sources() {
        let may = file.starts_with("db") || file.starts_with("seed");
        if !may && (text.contains("Conn::Sqlite") || text.contains("Conn::Postgresql") || text.contains("is_sqlite()")) {
            faults.push(format!("src/{}.rs asks which engine it is", file.replace("::", "/")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
