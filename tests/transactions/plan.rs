//! A random sequence from a seed. Which steps make sense is only guessed here: a run takes any.

use support::Random;

use crate::choose::Choose;
use crate::op::{Op, RANGE};
use crate::step::{Action, Alter, End, How, Inner, Mode, Plan, Step};
use crate::target::Target;

/// What is known while a sequence is made.
struct Making<'a> {
    random: &'a mut Random,
    target: Target,
    /// The open levels of each lane.
    depth: Vec<usize>,
    reads_only: Vec<bool>,
}

impl Plan {
    pub(crate) fn random(seed: u64, target: Target) -> Plan {
        let random = &mut Random::new(seed);
        let lanes = 1 + random.below(3);
        let parallel = lanes > 1 && random.chance(35);
        let connections = 1 + random.below(3);
        let steps = 3 + random.below(16);
        let others = random.chance(30);
        let kills = target == Target::Postgres && random.chance(15);
        let mut making = Making {
            random,
            target,
            depth: vec![0; lanes],
            reads_only: vec![false; lanes],
        };
        let mut plan = Plan {
            target,
            connections: connections as u32,
            lanes,
            parallel,
            steps: Vec::new(),
        };
        let mut lane = 0;
        while plan.steps.len() < steps {
            if making.random.chance(40) {
                lane = making.random.below(lanes);
            }
            if !parallel {
                lane = making.not_blocked(lane, plan.connections as usize);
            }
            let action = if others && making.random.chance(15) {
                Action::Alter(making.alter())
            } else if kills && making.random.chance(8) {
                Action::Kill
            } else {
                making.action(lane)
            };
            plan.steps.push(Step { lane, action });
        }
        plan
    }
}

impl Making<'_> {
    /// Mostly a lane that does not wait for the connections of another one in vain.
    fn not_blocked(&mut self, lane: usize, connections: usize) -> usize {
        let holds = |lane: &usize| self.depth[*lane] > 0;
        let open: Vec<usize> = (0..self.depth.len()).filter(holds).collect();
        let full = match self.target {
            Target::SqliteMemory => !open.is_empty(),
            Target::SqliteFile => open.iter().any(|lane| !self.reads_only[*lane]),
            _ => open.len() >= connections,
        };
        if self.depth[lane] == 0 && full && !self.random.chance(2) {
            return *self.random.pick(&open);
        }
        lane
    }

    fn action(&mut self, lane: usize) -> Action {
        let depth = self.depth[lane];
        let chance = self.random.below(100);
        if self.depth.len() > 1 && self.random.chance(4) {
            return Action::Peek;
        }
        if depth == 0 {
            return match chance {
                0..40 => self.begin(lane),
                40..88 => self.run(lane),
                _ => self.closure(lane),
            };
        }
        match chance {
            0..55 => self.run(lane),
            55..68 if depth < 4 => self.begin(lane),
            68..90 => {
                self.depth[lane] -= 1;
                Action::End {
                    end: self.end(),
                    how: self.how_of_control(),
                }
            }
            90..93 if depth > 1 => Action::RunOuter {
                up: 1 + self.random.below(depth - 1),
                op: self.op(lane),
            },
            93..95 if depth > 1 => {
                let up = 1 + self.random.below(depth - 1);
                self.depth[lane] = depth - up - 1;
                Action::EndOuter {
                    up,
                    end: self.end(),
                }
            }
            95..97 => Action::Behind {
                op: self.op(lane),
                polls: self.random.below(4) as u32,
            },
            97.. => self.closure(lane),
            _ => self.run(lane),
        }
    }

    fn op(&mut self, lane: usize) -> Op {
        let low = lane as i64 * RANGE;
        let random = &mut *self.random;
        Choose { random, low }.op()
    }

    fn begin(&mut self, lane: usize) -> Action {
        let mode = match self.random.below(100) {
            0..10 => Mode::ReadOnly,
            10..16 => Mode::RepeatableRead,
            16..22 => Mode::Serializable,
            _ => Mode::Plain,
        };
        let how = self.how_of_control();
        let inner = self.depth[lane] > 0;
        let mode = if inner && self.random.chance(95) {
            Mode::Plain
        } else {
            mode
        };
        if matches!(how, How::Await | How::Within(100_000..)) && (!inner || mode == Mode::Plain) {
            self.depth[lane] += 1;
            self.reads_only[lane] = mode == Mode::ReadOnly;
        }
        Action::Begin { mode, how }
    }

    fn run(&mut self, lane: usize) -> Action {
        let op = self.op(lane);
        let how = self.how(&op);
        Action::Run { op, how }
    }

    fn closure(&mut self, lane: usize) -> Action {
        let body = (0..self.random.below(5)).map(|_| self.inner(lane));
        let body = body.collect();
        let how = match self.random.below(100) {
            0..70 => How::Await,
            70..90 => self.polls(30),
            _ => How::Elapse(self.random.below(8000) as u32),
        };
        Action::Closure {
            attempts: self.random.chance(40).then_some(3),
            body,
            good: self.random.chance(75),
            how,
        }
    }

    fn inner(&mut self, lane: usize) -> Inner {
        let op = self.op(lane);
        let how = match self.random.chance(80) {
            true if !matches!(op, Op::SlowRead(_) | Op::SlowWrite(..)) => How::Await,
            _ => self.how(&op),
        };
        Inner {
            how,
            op,
            savepoint: self.random.chance(25).then(|| self.end()),
            caught: self.random.chance(30),
        }
    }

    fn end(&mut self) -> End {
        match self.random.below(10) {
            0..5 => End::Commit,
            5..7 => End::Rollback,
            _ => End::Drop,
        }
    }

    fn polls(&mut self, most: usize) -> How {
        How::Polls {
            count: self.random.below(most) as u32,
            woken: self.random.chance(40),
        }
    }

    fn how_of_control(&mut self) -> How {
        match self.random.below(100) {
            0..85 => How::Await,
            85..93 => self.polls(5),
            93..96 => How::Elapse(self.random.below(2000) as u32),
            _ => How::Within(*self.random.pick(&[0, 1000, 5_000_000])),
        }
    }

    fn how(&mut self, op: &Op) -> How {
        let slow = matches!(op, Op::SlowRead(_) | Op::SlowWrite(..));
        match self.random.below(100) {
            0..70 if !slow => How::Await,
            70..83 => self.polls(8),
            83..90 => How::Elapse(self.random.below(4000) as u32),
            _ if slow => match self.random.chance(50) {
                true => How::Within(30_000),
                false => How::Elapse(30_000),
            },
            _ => How::Within(*self.random.pick(&[0, 300, 1000, 3000, 5_000_000])),
        }
    }

    fn alter(&mut self) -> Alter {
        match self.random.below(6) {
            0 => Alter::Add,
            1 => Alter::Drop,
            2 => Alter::Rename,
            3 => Alter::RetypeV(["bigint", "integer"][self.random.below(2)]),
            _ => {
                let types = ["integer", "text", "interval", "inet", "numeric", "bigint"];
                Alter::RetypeNote(types[self.random.below(types.len())])
            }
        }
    }
}
