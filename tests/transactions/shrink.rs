//! Makes a failing sequence small: fewer steps, then simpler ones, as long as it fails.

use std::time::{Duration, Instant};

use crate::op::{Data, Form, Op, Which};
use crate::run::run;
use crate::step::{Action, How, Plan};
use crate::target::Place;

/// How long it is tried.
const LIMIT: Duration = Duration::from_secs(90);

/// The smallest failing plan that was found, and what was wrong with it.
pub(crate) async fn shrink(mut plan: Plan, mut wrong: String, place: &mut Place) -> (Plan, String) {
    let end = Instant::now() + LIMIT;
    let mut progress = true;
    while progress && Instant::now() < end {
        progress = false;
        for candidate in simpler(&plan) {
            if Instant::now() > end {
                break;
            }
            if let Some(still) = fails(&candidate, place).await {
                (plan, wrong, progress) = (candidate, still, true);
                break;
            }
        }
    }
    (plan, wrong)
}

/// What depends on the moment is tried more than once.
async fn fails(plan: &Plan, place: &mut Place) -> Option<String> {
    for _ in 0..if plan.parallel { 4 } else { 2 } {
        if let Err(wrong) = run(plan, place).await {
            return Some(wrong);
        }
    }
    None
}

/// Plans with a little less, the boldest first.
fn simpler(plan: &Plan) -> Vec<Plan> {
    let mut all = Vec::new();
    let count = plan.steps.len();
    let mut size = count / 2;
    while size > 0 {
        let mut from = 0;
        while from < count {
            let mut next = plan.clone();
            next.steps.drain(from..(from + size).min(count));
            all.push(next);
            from += size;
        }
        size /= 2;
    }
    if plan.parallel {
        let mut next = plan.clone();
        next.parallel = false;
        all.push(next);
    }
    for (at, step) in plan.steps.iter().enumerate() {
        for action in simpler_action(&step.action) {
            let mut next = plan.clone();
            next.steps[at].action = action;
            all.push(next);
        }
    }
    if plan.connections > 1 {
        let mut next = plan.clone();
        next.connections = 1;
        all.push(next);
    }
    all
}

fn simpler_action(action: &Action) -> Vec<Action> {
    let awaited = |how: How| (how != How::Await).then_some(How::Await);
    match action {
        Action::Begin { mode, how } => {
            let begin = |mode, how| Action::Begin { mode, how };
            let plain =
                (*mode != crate::step::Mode::Plain).then(|| begin(crate::step::Mode::Plain, *how));
            let awaited = awaited(*how).map(|how| begin(*mode, how));
            plain.into_iter().chain(awaited).collect()
        }
        Action::Run { op, how } => {
            let run = |op, how| Action::Run { op, how };
            let simpler = simpler_op(op).into_iter().map(|op| run(op, *how));
            let awaited = awaited(*how).map(|how| run(op.clone(), how));
            awaited.into_iter().chain(simpler).collect()
        }
        Action::End { end, how } => awaited(*how)
            .map(|how| Action::End { end: *end, how })
            .into_iter()
            .collect(),
        Action::Closure {
            attempts,
            body,
            good,
            how,
        } => {
            let closure = |attempts, body, how| Action::Closure {
                attempts,
                body,
                good: *good,
                how,
            };
            let mut all = Vec::new();
            for at in 0..body.len() {
                let mut less = body.clone();
                less.remove(at);
                all.push(closure(*attempts, less, *how));
                if body[at].savepoint.is_some() {
                    let mut flat = body.clone();
                    flat[at].savepoint = None;
                    all.push(closure(*attempts, flat, *how));
                }
                for op in simpler_op(&body[at].op) {
                    let mut other = body.clone();
                    other[at].op = op;
                    all.push(closure(*attempts, other, *how));
                }
                if body[at].how != How::Await {
                    let mut whole = body.clone();
                    whole[at].how = How::Await;
                    all.push(closure(*attempts, whole, *how));
                }
            }
            if attempts.is_some() {
                all.push(closure(None, body.clone(), *how));
            }
            all.extend(awaited(*how).map(|how| closure(*attempts, body.clone(), how)));
            all
        }
        _ => Vec::new(),
    }
}

fn simpler_op(op: &Op) -> Vec<Op> {
    match op {
        Op::SlowRead(20) | Op::SlowWrite(20, _) => Vec::new(),
        Op::SlowRead(_) => vec![Op::SlowRead(20)],
        Op::SlowWrite(_, which) => vec![Op::SlowWrite(20, *which)],
        Op::Insert(data) => simpler_data(data).into_iter().map(Op::Insert).collect(),
        Op::Upsert(data) => vec![Op::Insert(data.clone())],
        Op::Script(data, ..) => vec![Op::Insert(data.clone())],
        Op::InsertMany(many) | Op::InsertReturning(many) | Op::UpsertMany(many) => {
            many.first().cloned().map(Op::Insert).into_iter().collect()
        }
        Op::InsertBig(from, _) => vec![Op::Insert(Data::plain(*from))],
        Op::UpdateMany(many) => {
            let first = many.first();
            let update = |(id, set): &(i64, _)| Op::Update(*set, Which::Id(*id), Form::Count);
            first.map(update).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn simpler_data(data: &Data) -> Vec<Data> {
    let mut all = Vec::new();
    if data.v != Some(0) {
        all.push(Data {
            v: Some(0),
            ..data.clone()
        });
    }
    let plain = Data {
        v: data.v,
        ..Data::plain(data.id)
    };
    if plain != *data {
        all.push(plain);
    }
    all
}
