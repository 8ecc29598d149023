//! The questions of a plan, and what the answers make of it. Pure: whoever has a connection asks them.

use super::fact::{Answer, Fact, FactKind, Rule};
use super::hazard::{Hazard, LockMode, TableLock};
use super::plan::{FixKind, FixPlan, FixStep, NotFixed, Phase};
use crate::Notice;
use crate::validate::{ObjectKind, SchemaObject};
use std::fmt;

/// Why a plan cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotRunnable {
    /// Its questions are not answered.
    Unanswered {
        /// How many of them.
        questions: usize,
    },
    /// There are not as many answers as questions.
    OtherAnswers {
        /// How many questions there are.
        questions: usize,
        /// How many answers came.
        answers: usize,
    },
    /// Something could be a rename.
    Undecided(Vec<Notice>),
}

impl fmt::Display for NotRunnable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotRunnable::Unanswered { questions } => {
                write!(f, "{questions} questions of the plan are not answered")
            }
            NotRunnable::OtherAnswers { questions, answers } => {
                write!(
                    f,
                    "the plan has {questions} questions, and {answers} answers came"
                )
            }
            NotRunnable::Undecided(notices) => {
                let texts: Vec<String> = notices.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("\n"))
            }
        }
    }
}

impl std::error::Error for NotRunnable {}

impl FixPlan {
    /// What has to be asked of the database, in the order in which [`FixPlan::with_answers`] takes the answers.
    /// Each query only reads. One that fails is answered by [`Answer::Failed`]; it must not spoil those behind
    /// it, so each has a transaction or a savepoint of its own.
    pub fn questions(&self) -> impl Iterator<Item = &Fact> {
        let facts = self.steps().flat_map(|step| &step.facts);
        facts.filter(|fact| fact.answer.is_none())
    }

    /// The plan as the answers decide it: without the steps that cannot be done or are not allowed, which are
    /// in `not_fixed` with the reason.
    ///
    /// # Errors
    /// [`NotRunnable::OtherAnswers`] where there are not as many answers as questions.
    pub fn with_answers(
        mut self,
        answers: impl IntoIterator<Item = Answer>,
    ) -> Result<FixPlan, NotRunnable> {
        let questions = self.questions().count();
        let answers: Vec<Answer> = answers.into_iter().collect();
        if answers.len() != questions {
            let answers = answers.len();
            return Err(NotRunnable::OtherAnswers { questions, answers });
        }
        let mut answers = answers.into_iter();
        let steps = self.phases.iter_mut().flat_map(|phase| &mut phase.steps);
        for fact in steps.flat_map(|step| &mut step.facts) {
            if fact.answer.is_none() {
                fact.answer = answers.next();
            }
        }
        self.decide();
        Ok(self)
    }

    /// The phases, of a plan that can be run.
    ///
    /// # Errors
    /// [`NotRunnable`]: where a question is not answered, or something could be a rename.
    pub fn run_list(&self) -> Result<&[Phase], NotRunnable> {
        if !self.undecided.is_empty() {
            let notices = self.undecided.iter().map(|entry| entry.notice());
            return Err(NotRunnable::Undecided(notices.collect()));
        }
        match self.questions().count() {
            0 => Ok(&self.phases),
            questions => Err(NotRunnable::Unanswered { questions }),
        }
    }

    fn decide(&mut self) {
        let mut gone: Vec<(SchemaObject, FixKind)> = Vec::new();
        for phase in &mut self.phases {
            let steps = std::mem::take(&mut phase.steps);
            for mut step in steps {
                let why = match step.lacks(&gone) {
                    Some(reason) => Some((reason, None)),
                    None => verdict(&mut step, &self.allowed),
                };
                let Some((reason, allow)) = why else {
                    phase.steps.push(step);
                    continue;
                };
                // a later phase goes on with the same object
                gone.push((step.object.clone(), step.kind));
                let known =
                    |entry: &NotFixed| entry.object == step.object && entry.reason == reason;
                if !self.not_fixed.iter().any(known) {
                    self.not_fixed.push(NotFixed {
                        object: step.object,
                        difference: step.summary,
                        reason,
                        allow,
                    });
                }
            }
        }
        self.phases.retain(|phase| !phase.steps.is_empty());
    }
}

impl FixStep {
    /// What the step needs of what is left out, in words.
    pub(super) fn lacks(&self, left_out: &[(SchemaObject, FixKind)]) -> Option<String> {
        let mut found = left_out.iter().filter(|(object, kind)| {
            // a column serves others as soon as it is there with its type
            let serves = object.kind == ObjectKind::Column && *object != self.object;
            !serves || matches!(kind, FixKind::AddColumn | FixKind::ChangeType)
        });
        let (object, kind) = found.find(|(object, _)| self.needs.contains(object))?;
        let what = object.kind.words();
        let lack = match kind {
            FixKind::CreateType
            | FixKind::CreateTable
            | FixKind::AddColumn
            | FixKind::AddConstraint
            | FixKind::CreateIndex => "is not made",
            _ => "is not changed",
        };
        Some(format!("the {what} `{}` {lack}", object.path()))
    }

    /// What is asked once more under the step's locks: whether values would become other ones, of rows that came since
    /// it was planned. Whatever else may be wrong with them, the statement itself is refused for.
    pub fn questions_again(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|fact| decides_about_values(fact))
    }

    /// The lock under which these are asked, on the table as it is called before anything is done: none of the
    /// step's own where the same plan renames the table.
    pub fn asked_under(&self) -> Option<TableLock> {
        let table = self.rows_of.clone()?;
        self.questions_again().next().map(|_| TableLock {
            table,
            mode: LockMode::AccessExclusive,
        })
    }

    /// Why the step cannot be done any more, by the answers to [`FixStep::questions_again`] in their order.
    pub fn is_refused_by(
        &self,
        answers: impl IntoIterator<Item = Answer>,
        plan: &FixPlan,
    ) -> Option<String> {
        let mut now = self.clone();
        let mut answers = answers.into_iter();
        for fact in now
            .facts
            .iter_mut()
            .filter(|fact| decides_about_values(fact))
        {
            fact.answer = answers.next();
        }
        match verdict(&mut now, &plan.allowed) {
            Some((why, _)) => Some(why),
            None if now.back_up != self.back_up => {
                let why = "rows have values that would become other ones, and had none when it was planned";
                Some(why.to_owned())
            }
            None => None,
        }
    }
}

fn decides_about_values(fact: &Fact) -> bool {
    matches!(fact.rule, Rule::NoneOrAllowed(_))
}

/// Why a step is left out, if it is. Marks it where it changes values.
fn verdict(step: &mut FixStep, allowed: &[super::Allow]) -> Option<(String, Option<super::Allow>)> {
    let mut changes = false;
    for fact in &step.facts {
        match (&fact.rule, &fact.answer) {
            (Rule::Told, _) => {}
            (_, None | Some(Answer::Failed)) => {
                let why = match fact.kind {
                    FactKind::Changed | FactKind::Refused => {
                        "a value cannot be converted to the new type and back, or the role may not read all the rows"
                    }
                    _ => "the database did not say whether it can be done",
                };
                return Some((why.to_owned(), None));
            }
            (Rule::NoneOrLeftOut(why), Some(Answer::Rows(rows))) => {
                let names = fact.kind == FactKind::Dependants;
                let is_none = match names {
                    true => rows.is_empty(),
                    false => fact.number() == Some(0),
                };
                if !is_none {
                    return Some((why.replace("{}", &rows.join(", ")), None));
                }
            }
            (Rule::NoneOrAllowed(allow), Some(Answer::Rows(rows))) => {
                if fact.number() == Some(0) {
                    continue;
                }
                if !allowed.contains(allow) {
                    let count = rows.first().map_or("some", String::as_str);
                    let why = format!("{count} rows have a value that would be another one");
                    return Some((why, Some(allow.clone())));
                }
                changes = true;
            }
        }
    }
    if changes {
        step.hazards.push(Hazard::ChangesValues);
        step.hazards.sort();
        step.hazards.dedup();
        step.back_up.extend(step.rows_of.clone());
        step.back_up.dedup();
    }
    None
}
