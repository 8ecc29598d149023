//! Random operations: with keys that meet, and now and then a value that the table refuses.

use support::Random;

use crate::op::{Data, Fails, Form, Op, Set, Source, Which, Wrong};

/// Keys that a lane uses, so that they meet.
const KEYS: usize = 6;
/// Where the keys of big inserts begin.
const BIG: i64 = 1000;

/// Chooses for the lane whose keys begin at `low`.
pub(crate) struct Choose<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) low: i64,
}

impl Choose<'_> {
    fn id(&mut self) -> i64 {
        self.low + 1 + self.random.below(KEYS) as i64
    }

    fn v(&mut self) -> i64 {
        self.random.below(3) as i64
    }

    fn owner(&mut self, wrong: usize) -> i64 {
        let missing = self.random.chance(wrong);
        self.low + if missing { 9 } else { crate::effect::OWNER }
    }

    fn which(&mut self) -> Which {
        match self.random.below(10) {
            0..4 => Which::All(self.low),
            4..8 => Which::Id(self.id()),
            _ => Which::V(self.low, self.v()),
        }
    }

    fn data(&mut self) -> Data {
        let v = match self.random.below(20) {
            0 => None,
            1 => Some(-1),
            _ => Some(self.v()),
        };
        Data {
            id: self.id(),
            v,
            code: self.random.chance(20).then(|| self.id()),
            owner: self.random.chance(20).then(|| self.owner(20)),
            late: self.random.chance(15).then(|| self.owner(30)),
        }
    }

    fn many(&mut self) -> Vec<Data> {
        (0..1 + self.random.below(4)).map(|_| self.data()).collect()
    }

    fn set(&mut self) -> Set {
        match self.random.below(10) {
            0..5 => Set::V(if self.random.chance(10) { -1 } else { self.v() }),
            5..7 => Set::Code(self.id()),
            7 => Set::Owner(self.owner(20)),
            _ => Set::Late(self.owner(30)),
        }
    }

    pub(crate) fn op(&mut self) -> Op {
        let which = self.which();
        match self.random.below(100) {
            0..5 => Op::Select(which),
            5..8 => Op::One(which),
            8..11 => Op::Count(which),
            11..14 => Op::Exists(which),
            14..18 => Op::Query(which),
            18..23 => {
                let source = *self.random.pick(&[Source::Select, Source::Query]);
                let first = self.random.chance(50).then(|| 1 + self.random.below(3));
                Op::Stream(source, which, first)
            }
            23..26 => Op::LongStream(1 + self.random.below(300)),
            26..28 => Op::SlowRead(self.slow()),
            28..30 => Op::SlowWrite(self.slow(), Which::All(self.low)),
            30..42 => {
                let wrongs = [
                    Wrong::Value,
                    Wrong::Value,
                    Wrong::Column,
                    Wrong::Table,
                    Wrong::NoData,
                    Wrong::NoFilter,
                    Wrong::Columns,
                    Wrong::TableName,
                    Wrong::UnusedBind,
                    Wrong::ValueInMany,
                    Wrong::ColumnInMany,
                ];
                Op::Wrong(*self.random.pick(&wrongs), self.low)
            }
            42..47 => {
                let all = [
                    Fails::Division,
                    Fails::Syntax,
                    Fails::TableInText,
                    Fails::Stream,
                ];
                Op::Fails(*self.random.pick(&all))
            }
            _ => self.write(which),
        }
    }

    fn slow(&mut self) -> u32 {
        *self.random.pick(&[20, 4000])
    }

    fn write(&mut self, which: Which) -> Op {
        match self.random.below(100) {
            0..25 => Op::Insert(self.data()),
            25..37 => Op::InsertMany(self.many()),
            37..42 => Op::InsertReturning(self.many()),
            42..45 => Op::InsertBig(self.low + BIG, 700),
            45..53 => Op::Upsert(self.data()),
            53..58 => {
                let mut many = self.many();
                many.sort_by_key(|data| data.id);
                many.dedup_by_key(|data| data.id);
                // codes that change hands would depend on the order of the rows
                many.iter_mut().for_each(|data| data.code = None);
                Op::UpsertMany(many)
            }
            58..72 => {
                let form = *self.random.pick(&[Form::First, Form::All, Form::Count]);
                Op::Update(self.set(), which, form)
            }
            72..79 => self.update_many(),
            79..87 => Op::Delete(which),
            87..90 => Op::Add(self.random.below(4) as i64 - 1, which),
            90..93 => {
                let first = self.random.chance(50).then(|| 1 + self.random.below(3));
                Op::Pour(self.random.below(4) as i64 - 1, which, first)
            }
            _ => {
                let all = Which::All(self.low);
                Op::Script(self.data(), self.random.below(4) as i64 - 1, all)
            }
        }
    }

    /// Rows of two kinds, of which only one has a code.
    fn update_many(&mut self) -> Op {
        let mut many = Vec::new();
        for at in 0..1 + self.random.below(4) {
            let id = self.id();
            let set = match at {
                0 if self.random.chance(40) => Set::Code(self.id()),
                _ => Set::V(if self.random.chance(5) { -1 } else { self.v() }),
            };
            if many.iter().all(|(other, _)| *other != id) {
                many.push((id, set));
            }
        }
        Op::UpdateMany(many)
    }
}
