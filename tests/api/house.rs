//! The house as ARCHITECTURE.md draws it: every room stands above all that it imports, and nothing goes in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::path::Path;
use std::str::Chars;

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

/// The paths that a file names behind `heads`, groups in braces taken apart.
fn paths(text: &str, heads: &[&str]) -> BTreeSet<Vec<String>> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for head in heads {
        for (at, _) in code.match_indices(&format!("{head}::")) {
            let before = code[..at].chars().next_back();
            if !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':') {
                spell(&mut code[at..].chars().peekable(), &[], &mut found);
            }
        }
    }
    found
}

/// Reads one path, or each path of a group, behind `before`.
fn spell(rest: &mut Peekable<Chars<'_>>, before: &[String], found: &mut BTreeSet<Vec<String>>) {
    let mut path = before.to_vec();
    loop {
        while rest.next_if(|letter| letter.is_whitespace()).is_some() {}
        if rest.next_if_eq(&'{').is_some() {
            while rest.next_if_eq(&'}').is_none() && rest.peek().is_some() {
                spell(rest, &path, found);
                // An `as` and the comma.
                while rest.next_if(|letter| !matches!(letter, ',' | '}')).is_some() {}
                while rest.next_if(|letter| letter.is_whitespace() || *letter == ',').is_some() {}
            }
            return;
        }
        let word: String = std::iter::from_fn(|| rest.next_if(|letter| letter.is_alphanumeric() || *letter == '_')).collect();
        path.extend((!word.is_empty()).then_some(word));
        if rest.next_if_eq(&':').is_none() || rest.next_if_eq(&':').is_none() {
            found.insert(path);
            return;
        }
    }
}

/// The rooms that a file imports.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = paths(text, &["crate"]).into_iter().filter_map(|path| path.into_iter().nth(1)).collect();
    // Macros of the crate's root stand in no room.
    found.retain(|name| {
        !["bulk", "each", "in_force", "keyset", "new_row", "overwrite", "page", "paged", "reaches_beyond", "thing", "words"]
            .contains(&name.as_str())
    });
    found
}

/// The other files of the house that a file names. A folder's `mod.rs` names what stands in it without a head.
fn neighbours(file: &str, files: &BTreeMap<String, String>) -> BTreeSet<String> {
    let below = format!("{file}::");
    let inside: Vec<&str> = files.keys().filter_map(|name| name.strip_prefix(&below)).filter(|name| !name.contains("::")).collect();
    let heads: Vec<&str> = inside.into_iter().chain(["crate", "super", "self"]).collect();
    let mut found = BTreeSet::new();
    for path in paths(&files[file], &heads) {
        let mut at: Vec<&str> = if path[0] == "crate" { Vec::new() } else { file.split("::").collect() };
        for word in &path {
            match word.as_str() {
                "crate" | "self" => {}
                "super" => drop(at.pop()),
                word => {
                    let deeper = at.iter().copied().chain([word]).collect::<Vec<_>>().join("::");
                    if !files.contains_key(&deeper) {
                        break;
                    }
                    at.push(word);
                }
            }
        }
        found.insert(at.join("::"));
    }
    found.remove(file);
    found.retain(|name| files.contains_key(name));
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
fn no_files_import_one_another_in_a_circle() {
    let files = sources();
    let imports: BTreeMap<&str, BTreeSet<String>> = files.keys().map(|file| (file.as_str(), neighbours(file, &files))).collect();
    let leads_to = |from: &str, file: &str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(at) = next.pop() {
            if seen.insert(at) {
                next.extend(imports[at].iter().map(String::as_str));
            }
        }
        seen.contains(file)
    };
    let mut faults = Vec::new();
    for (file, import) in imports.iter().flat_map(|(file, imports)| imports.iter().map(move |import| (file, import))) {
        if leads_to(import, file) {
            faults.push(format!("{file} imports {import}, which leads back to it"));
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
