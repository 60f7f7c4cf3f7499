//! The pages under `docs/` that are made from the code: compared here, written anew with `ADOPT=1 cargo test --test api docs`.

use std::fmt::Write as _;
use std::path::Path;

use lianxi::base::problem::{Code, FAULTS};
use lianxi::config;
use lianxi::policy::{Op, Reach, Role};

fn compare(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var("ADOPT").is_ok() {
        std::fs::write(&path, made).expect("a page");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "docs/{name} is not what the code says: adopt it with\n  ADOPT=1 cargo test --test api docs");
}

#[test]
fn errors_are_those_of_the_code() {
    let mut page = String::from(
        "# Errors\n\nEvery refusal is `application/problem+json` (RFC 9457). `code` and `type` never change; `title` and `detail` are Chinese, or English \
         with `Accept-Language: en`. This page is made from `src/base/problem.rs`.\n\n| HTTP | `code` | 标题 / title | 含义 | 处理办法 |\n|---|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let title = code.title();
        let _ = writeln!(
            page,
            "| {} | `{}` | {}<br>{} | {} | {} |",
            code.status(),
            code.as_str(),
            title.zh,
            title.en,
            code.meaning(),
            code.remedy().zh
        );
    }
    page.push_str(
        "\n## Faults of input\n\nFaults of input stand in `errors`. Those of form come first, all of them in one answer: wrong types, unknown fields and parameters, bounds, patterns, forbidden\n\
         characters. Where the form is right, those that break a rule are told, again all in one answer: codes that no dictionary has, references that lead nowhere, days that do not fit.\n\
         At most a hundred are told, with pointers of at most 200 characters. A body has at most 10,000 values.\n\n\
         What is no HTTP at all (a raw character in the address that is not ASCII, a head of more than 128 KiB, a head that is not complete within five seconds) is answered by the\n\
         parser, before there is a request: 400, 431 or 408 without a body and without `X-Request-Id`.\n\n\
         Each fault has a `pointer` (RFC 6901; `/name` for a query parameter), a stable `code` and a `detail`:\n\n\
         | `code` | 含义 |\n|---|---|\n",
    );
    for (code, meaning) in FAULTS {
        let _ = writeln!(page, "| `{code}` | {meaning} |");
    }
    compare("errors.md", &page);
}

/// That every code which is told stands in the table is looked at wherever a test is refused, see `Answer::is_problem`.
#[test]
fn every_code_of_a_fault_is_one_that_the_sources_tell() {
    let mut sources = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.ends_with("base/problem.rs") => {}
                path => sources += &std::fs::read_to_string(path).expect("a source"),
            }
        }
    }
    // Told by the table's own file.
    let own = ["unknown_reference"];
    let silent = FAULTS.iter().filter(|(code, _)| !own.contains(code) && !sources.contains(&format!("\"{code}\"")));
    assert_eq!(silent.collect::<Vec<_>>(), Vec::<&(&str, &str)>::new());
    assert!(FAULTS.is_sorted_by(|a, b| a.0 < b.0), "in order, each once");
}

fn word(reach: Reach) -> &'static str {
    match reach {
        Reach::Nobody => "–",
        Reach::All => "全部",
        Reach::Own => "本人",
        Reach::Owned => "归本机构",
        Reach::Sectors => "对口界别",
        Reach::Submitted => "已提交",
        Reach::Reported => "已上会",
        Reach::Recorded => "本人所记",
        Reach::Contacted => "被联系",
        Reach::ByPhone => "凭电话",
        Reach::Counts => "汇总数",
    }
}

#[test]
fn roles_are_those_of_the_policy_table() {
    let mut page = String::from(
        "# Roles\n\nWho may do what, as far as the service knows: this page is `src/policy/table.rs` in another dress. `–`: denied (403). What lies outside a \
         cell's reach answers 404, as if it did not exist. Nobody accepts, declines, decides or settles what is their own (403 `own_matter`).\n\n| operation |",
    );
    for role in Role::ALL {
        let _ = write!(page, " {}<br>`{}` |", role.zh(), role.as_str());
    }
    page.push_str("\n|---|");
    page.push_str(&"---|".repeat(Role::ALL.len()));
    page.push('\n');
    for op in Op::ALL {
        let _ = write!(page, "| `{op}` |");
        for role in Role::ALL {
            let _ = write!(page, " {} |", word(op.reach(*role)));
        }
        page.push('\n');
    }
    page.push_str("\nWithout an account: ");
    page.push_str(&Op::OPEN.iter().map(|op| format!("`{op}`")).collect::<Vec<_>>().join(", "));
    page.push_str(".\n\nBy the clock: ");
    page.push_str(&Op::CLOCK.iter().map(|op| format!("`{op}`")).collect::<Vec<_>>().join(", "));
    page.push_str(".\n");
    compare("roles.md", &page);
}

#[test]
fn configuration_is_what_the_program_reads() {
    let mut page = String::from(
        "# Configuration\n\nEach key is an environment variable, or the same name in a TOML file (`--config FILE`, or `LIANXI_CONFIG`); the environment goes first. \
         An unknown key or a bad value stops the start, all faults told at once. This page is made from `src/config.rs`.\n\n| key | default | meaning |\n|---|---|---|\n",
    );
    for key in config::KEYS {
        let default = key.default.map_or_else(|| "none: must be set".to_owned(), |text| format!("`{text}`"));
        let _ = writeln!(page, "| `{}` | {default} | {} |", key.name, key.meaning);
    }
    compare("configuration.md", &page);
}

#[test]
fn states_are_those_of_the_way() {
    let page = format!(
        "# States of an opinion\n\nMade from `src/opinion/way.rs`. Who may take a step is its row in [roles.md](roles.md); 409 names the state and what is possible.\n\n\
         ```mermaid\n{}```\n",
        lianxi::opinion::way::diagram(),
    );
    compare("states.md", &page);
}
