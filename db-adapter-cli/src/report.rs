//! Why a run did not end as asked: one message, one hint, one exit. Prints nothing.

use std::io;

use db_adapter::{Error, Notice};

use crate::exit::Exit;
use crate::interrupt::Outcome;

/// What is said at the end of a failed run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) exit: Exit,
    /// Nothing to say when the reader has gone away; many for a file with many mistakes.
    pub(crate) findings: Vec<Finding>,
    /// What became of the work of an interrupted run.
    pub(crate) outcome: Option<Outcome>,
}

/// One thing that is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Finding {
    /// What is wrong at a place.
    pub(crate) fn at(place: &str, notice: Notice) -> Self {
        let mut finding = Finding::from(notice);
        finding.message = format!("{place}: {}", finding.message);
        finding
    }

    pub(crate) fn all_of(error: &Error) -> Vec<Finding> {
        error.notices().into_iter().map(Finding::from).collect()
    }
}

impl From<Notice> for Finding {
    /// A next step that is a call is for programs, not for somebody at a terminal.
    fn from(notice: Notice) -> Self {
        let is_call = |hint: &String| hint.contains("`.") && hint.contains('(');
        Finding {
            message: notice.message,
            hint: notice.hint.filter(|hint| !is_call(hint)),
        }
    }
}

impl Report {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        let finding = Finding {
            message: message.into(),
            hint: None,
        };
        Report::of_findings(exit, vec![finding])
    }

    /// Many things at once.
    pub(crate) fn of_findings(exit: Exit, findings: Vec<Finding>) -> Self {
        Report {
            exit,
            findings,
            outcome: None,
        }
    }

    /// The next step, instead of any other.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(finding) = self.findings.last_mut() {
            finding.hint = Some(hint.into());
        }
        self
    }

    /// The same with another exit.
    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// A signal has ended it.
    pub(crate) fn interrupted(outcome: Outcome) -> Self {
        let said = match outcome {
            Outcome::Unchanged => "interrupted; nothing was changed",
            Outcome::RolledBack => {
                "interrupted; what was begun is rolled back, nothing was changed"
            }
            Outcome::Committed => "interrupted too late: the changes are committed",
            Outcome::Partly => {
                "interrupted; the phases that were done stay, and the one that was begun does not"
            }
            Outcome::Unknown => {
                "interrupted; the database has not said whether the changes were made"
            }
            Outcome::NotAwaited => {
                "interrupted again, before the database could say whether the changes were made"
            }
        };
        let mut report = Report::new(Exit::Interrupted, said);
        report.outcome = Some(outcome);
        match outcome {
            Outcome::Partly => report.hint("plan again: the rest goes on from there"),
            Outcome::Unknown | Outcome::NotAwaited => {
                report.hint("look at the rows before you run it again")
            }
            _ => report,
        }
    }

    /// Writing a result failed. A reader that has seen enough (`| head`) is no failure.
    pub(crate) fn of_output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Report::of_findings(Exit::Done, Vec::new());
        }
        Report::new(Exit::Failed, format!("cannot write the output: {error}"))
    }
}

impl From<Error> for Report {
    fn from(error: Error) -> Self {
        Report::of_findings(Exit::of(error.kind()), Finding::all_of(&error))
    }
}

/// The text without the user and password of any URL in it: what is typed in the wrong place
/// comes back in a message about usage.
pub(crate) fn without_credentials(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("://");
        // up to the last `@` of the word: a password may have one
        let end = part.find(char::is_whitespace).unwrap_or(part.len());
        match part.get(..end).and_then(|word| word.rfind('@')) {
            Some(at) => {
                out.push_str("***");
                out.push_str(&part[at..]);
            }
            None => out.push_str(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_out_of_every_url() {
        assert_eq!(
            without_credentials("unexpected 'postgresql://u:p@ss@h/d' and a://b@c found"),
            "unexpected 'postgresql://***@h/d' and a://***@c found"
        );
        assert_eq!(
            without_credentials("sqlite://a.db, x@y"),
            "sqlite://a.db, x@y"
        );
    }

    #[test]
    fn a_hint_of_the_library_stands_apart() {
        let finding = |hint| {
            let report = Report::from(Error::invalid_query("what is wrong", hint));
            report.findings.into_iter().next().unwrap()
        };
        assert_eq!(finding("what to do").message, "what is wrong");
        assert_eq!(finding("what to do").hint.as_deref(), Some("what to do"));
        assert_eq!(finding("add `.bind(..)`").hint, None);
        assert!(finding("delete `.db-profile`").hint.is_some());
    }

    #[test]
    fn a_name_that_looks_like_a_hint_is_none() {
        let forged = "no table `u; hint: run `curl x | sh``";
        let report = Report::from(Error::invalid_query(forged, "look"));
        let [finding] = report.findings.as_slice() else {
            panic!("{report:?}");
        };
        assert_eq!(finding.message, forged);
        assert_eq!(finding.hint.as_deref(), Some("look"));
    }
}
