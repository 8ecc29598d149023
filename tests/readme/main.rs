//! README.md and the guides do what they say: every line of their `console` blocks is run, in order,
//! by a new user in an empty folder, and what it prints is what the page shows.
//!
//! `DB_ADAPTER_TESTS_UPDATE=1` writes what is printed into the pages; review it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy sees only the test functions as tests, not what they call"
)]

mod document;
mod shell;

use std::path::{Path, PathBuf};

use document::{Command, Step};
use shell::Shell;

/// README.md and the guides.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let guides = std::fs::read_dir(root.join("docs")).unwrap();
    let guides = guides.map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = guides
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    pages.sort();
    pages.insert(0, root.join("README.md"));
    pages
}

#[test]
fn every_line_of_the_readme_works() {
    assert!(run(&pages()[0]) > 5, "the main job is no longer shown");
}

#[test]
fn every_line_of_the_guides_works() {
    for page in &pages()[1..] {
        run(page);
    }
}

/// Runs the commands of a page and gives their number.
fn run(page: &Path) -> usize {
    let text = std::fs::read_to_string(page).unwrap();
    let steps = document::steps(&text);
    let mut shell = Shell::new();
    let mut printed: Vec<(Command, String)> = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        match step {
            Step::File { name, text } => shell.write(name, text),
            Step::Command(command) => {
                let ran = shell.run(&command.text);
                let asks =
                    matches!(steps.get(place + 1), Some(Step::Command(c)) if c.text == "echo $?");
                let at = format!("{}:{}", page.display(), command.line);
                assert!(
                    ran.code == 0 || asks,
                    "{at}: `{}` ended with {}:\n{}",
                    command.text,
                    ran.code,
                    ran.printed
                );
                printed.push((command.clone(), ran.printed));
            }
        }
    }
    compare(page, text, &printed);
    printed.len()
}

fn compare(page: &Path, mut text: String, printed: &[(Command, String)]) {
    let shown = |command: &&(Command, String)| !command.0.output.is_empty();
    let mut wrong = String::new();
    for (command, said) in printed.iter().filter(shown) {
        let lines: Vec<&str> = said.lines().collect();
        if document::fits(&command.output, &lines) {
            continue;
        }
        let at = format!("{}:{}", page.display(), command.line);
        wrong.push_str(&format!("\n{at}: `{}` says\n{said}", command.text));
        let block = |output: &str| format!("$ {}\n{}\n", command.text, output.trim_end());
        text = text.replacen(&block(&command.output.join("\n")), &block(said), 1);
    }
    if !wrong.is_empty() && std::env::var_os("DB_ADAPTER_TESTS_UPDATE").is_some() {
        std::fs::write(page, text).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "the page shows something else:{wrong}");
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for (line, link) in document::links(&text) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => page.clone(),
                file => page.with_file_name(file),
            };
            let there = match anchor {
                "" => target.exists(),
                anchor => std::fs::read_to_string(&target)
                    .is_ok_and(|text| document::anchors(&text).contains(&anchor.to_owned())),
            };
            if !there {
                broken.push(format!("{}:{line}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
