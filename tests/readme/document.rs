//! What a page says: the sessions in its `console` blocks, the files that it shows, its links. Pure.

/// Something that a reader of the page does, in the order of the page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A block below a line that ends with `` `name`: `` is a file of that name.
    File { name: String, text: String },
    /// `$ command`, and what it prints as far as the page shows it.
    Command(Command),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    /// The line of the page, counted from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
    /// Empty when the page does not show it.
    pub(crate) output: Vec<String>,
}

/// The steps of a page.
pub(crate) fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut above = "";
    let mut lines = page.lines().enumerate();
    while let Some((_, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            if !line.is_empty() {
                above = line;
            }
            continue;
        };
        let block = lines.by_ref().take_while(|(_, line)| *line != "```");
        let block: Vec<(usize, &str)> = block.collect();
        match (language, file_name(above)) {
            ("console", _) => steps.extend(session(&block).into_iter().map(Step::Command)),
            (_, Some(name)) => steps.push(Step::File {
                name: name.to_owned(),
                text: block.iter().map(|(_, line)| format!("{line}\n")).collect(),
            }),
            _ => {}
        }
        above = "";
    }
    steps
}

/// `db.toml` of `` Write both databases into `db.toml`: ``
fn file_name(line: &str) -> Option<&str> {
    let name = line.strip_suffix("`:")?.rsplit_once('`')?.1;
    (!name.is_empty() && !name.contains(' ')).then_some(name)
}

fn session(block: &[(usize, &str)]) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for (number, line) in block {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(text), _) => commands.push(Command {
                line: number + 1,
                text: text.to_owned(),
                output: Vec::new(),
            }),
            // a quoted text, or an escaped line break, goes on
            (None, Some(command)) if goes_on(&command.text) => {
                command.text.push('\n');
                command.text.push_str(line);
            }
            (None, Some(command)) => command.output.push((*line).to_owned()),
            (None, None) => panic!("line {}: output before the first command", number + 1),
        }
    }
    commands
}

fn goes_on(command: &str) -> bool {
    let quotes = command.chars().filter(|c| *c == '"').count();
    command.ends_with('\\') || quotes % 2 == 1
}

/// Whether this was printed: `…` stands for any text of a line, a line `...` for any lines.
pub(crate) fn fits(shown: &[String], printed: &[&str]) -> bool {
    match (shown.split_first(), printed.split_first()) {
        (None, None) => true,
        (Some((line, rest)), _) if line == "..." => {
            (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..]))
        }
        (Some((line, shown)), Some((said, printed))) => {
            line_fits(line, said) && fits(shown, printed)
        }
        _ => false,
    }
}

fn line_fits(shown: &str, printed: &str) -> bool {
    let Some((before, after)) = shown.split_once('…') else {
        return shown == printed;
    };
    let Some(rest) = printed.strip_prefix(before) else {
        return false;
    };
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.into_iter().any(|at| line_fits(after, &rest[at..]))
}

/// Where the links of a page lead: `(line, target)`, those to other sites left out.
pub(crate) fn links(page: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut in_code = false;
    for (number, line) in page.lines().enumerate() {
        in_code ^= line.starts_with("```");
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](").filter(|_| !in_code) {
            let (target, after) = after.split_once(')').unwrap_or((after, ""));
            if !target.contains("://") {
                links.push((number + 1, target.to_owned()));
            }
            rest = after;
        }
    }
    links
}

/// The anchor of a heading, as GitHub makes it.
pub(crate) fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let text = line.trim_start_matches('#').trim().to_lowercase();
            let kept = text.chars().filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                _ => None,
            });
            kept.collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_files_and_commands() {
        let page = "Write `a.toml`:\n\n```toml\nx = 1\n```\n\n```sh\nnot run\n```\n\n\
                    ```console\n$ one \\\n  two\nsaid\n$ three\n```\n";
        let steps = steps(page);
        assert_eq!(steps.len(), 3);
        let file = Step::File {
            name: "a.toml".into(),
            text: "x = 1\n".into(),
        };
        assert_eq!(steps[0], file);
        let Step::Command(command) = &steps[1] else {
            panic!("{:?}", steps[1]);
        };
        assert_eq!((command.line, &*command.text), (12, "one \\\n  two"));
        assert_eq!(command.output, ["said"]);
    }

    #[test]
    fn what_differs_between_runs_may_be_left_out() {
        let fits = |shown: &str, printed: &str| {
            let shown: Vec<String> = shown.lines().map(str::to_owned).collect();
            fits(&shown, &printed.lines().collect::<Vec<_>>())
        };
        assert!(fits("a\nb", "a\nb"));
        assert!(!fits("a\nb", "a"));
        assert!(!fits("a", "a\nb"));
        assert!(fits("took … ms, 3 rows", "took 17 ms, 3 rows"));
        assert!(!fits("took … ms, 3 rows", "took 17 ms, 4 rows"));
        assert!(fits("a\n...\nd", "a\nb\nc\nd"));
        assert!(fits("a\n...", "a"));
        assert!(!fits("a\n...\nd", "a\nb"));
    }

    #[test]
    fn links_and_anchors_are_found() {
        let page =
            "## In the program's file\n[a](b.md#c) and [d](https://x) [e](#f)\n```\n[g](h)\n```\n";
        assert_eq!(links(page), [(2, "b.md#c".into()), (2, "#f".into())]);
        assert_eq!(anchors(page), ["in-the-programs-file"]);
    }
}
