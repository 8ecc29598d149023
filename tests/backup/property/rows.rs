//! Random rows for a shape: of several users, with keys that collide between two sides, natural
//! keys that meet, and rows that break what the destination checks.

use std::collections::BTreeSet;

use support::Random;

use super::content::{Cell, Content, Record, cells};
use super::shape::{Key, Natural, Reference, Shape, Table, Type};

/// How the rows of one side are made.
pub(super) struct Making<'a> {
    pub(super) users: &'a [String],
    /// Before every code, so that codes of two sides differ.
    pub(super) side: &'static str,
    /// The most rows of a user in a table.
    pub(super) most: usize,
    /// Whether two rows may have one natural key.
    pub(super) duplicates: bool,
    /// Whether some rows break what the destination checks.
    pub(super) bad: bool,
    /// Whether optional references may lead to rows of others, or nowhere.
    pub(super) stray: bool,
}

/// A code that a row of the last user has on every side.
const TAKEN: &str = "taken";

/// Whose row it is; `None` for nobody's.
type Owner = Option<usize>;

/// Random rows.
pub(super) fn random_rows(shape: &Shape, making: &Making<'_>, random: &mut Random) -> Content {
    let mut maker = Maker {
        shape,
        making,
        random,
        content: Content::default(),
        owners: Vec::new(),
    };
    for table in &shape.tables {
        maker.table(table);
    }
    for at in 0..shape.tables.len() {
        maker.refer(at);
    }
    maker.content
}

struct Maker<'a> {
    shape: &'a Shape,
    making: &'a Making<'a>,
    random: &'a mut Random,
    content: Content,
    owners: Vec<Vec<Owner>>,
}

impl Maker<'_> {
    fn table(&mut self, table: &Table) {
        self.content.tables.push(Vec::new());
        self.owners.push(Vec::new());
        let owners: Vec<Owner> = match table.is_shared() {
            true => vec![None],
            false => (0..self.making.users.len()).map(Some).collect(),
        };
        let (mut keys, mut naturals) = (BTreeSet::new(), BTreeSet::new());
        for owner in owners {
            let wanted = match table.key {
                Key::User => 1,
                _ => self.random.below(self.making.most + 1),
            };
            for _ in 0..wanted {
                let Some(row) = self.row(table, owner) else {
                    continue;
                };
                let natural = cells(&row, &table.natural_key());
                let known = naturals.contains(&natural);
                let whole = natural.iter().all(Option::is_some);
                let refused = !self.making.duplicates || (table.unique_natural && whole);
                if (known && refused) || !keys.insert(cells(&row, &table.pk)) {
                    continue;
                }
                naturals.insert(natural);
                self.rows().push(row);
                self.owners.last_mut().unwrap().push(owner);
            }
        }
    }

    fn rows(&mut self) -> &mut Vec<Record> {
        self.content.tables.last_mut().unwrap()
    }

    /// `None` where a parent is needed and there is none.
    fn row(&mut self, table: &Table, owner: Owner) -> Option<Record> {
        let mut row = vec![None; table.columns.len()];
        if let (Some(column), Some(owner)) = (table.user, owner) {
            row[column] = Some(self.making.users[owner].clone());
        }
        for (at, column) in table.columns.iter().enumerate() {
            if column.name == "a" || column.name == "b" || table.pk == [at] {
                row[at] = self.key_value(column.sql_type, table.key);
            }
            if column.name == "no" {
                row[at] = self.key_value(Type::Int, table.key);
            }
            if column.name == "part" {
                row[at] = self.null_or(column.nullable, &["x", "y"]);
            }
            if Some(at) == table.slug {
                let pool = match column.sql_type {
                    Type::Numeric => ["1.50", "2.25", "30"],
                    Type::Int => ["1", "2", "3"],
                    _ => ["a", "b", "it's \"c\"\n"],
                };
                row[at] = self.null_or(column.nullable, &pool);
            }
        }
        if table.key == Key::User {
            row[table.pk[0]] = owner.map(|owner| self.making.users[owner].clone());
        }
        for parent in &table.parents {
            let rows = &self.owners[parent.table];
            let fits = |at: &usize| rows[*at].is_none() || rows[*at] == owner;
            let fitting: Vec<usize> = (0..rows.len()).filter(fits).collect();
            let chosen = *self.random.choose(&fitting)?;
            self.point(&mut row, parent, chosen);
        }
        self.tree(table, owner, &mut row);
        self.amount_and_code(table, owner, &mut row);
        Some(row)
    }

    /// A reference to the same table that is part of the natural key makes a tree.
    fn tree(&mut self, table: &Table, owner: Owner, row: &mut Record) {
        let at = self.owners.len() - 1;
        for reference in table.optional.iter().filter(|r| is_tree(table, r, at)) {
            let own = &self.owners[at];
            let fitting: Vec<usize> = (0..own.len()).filter(|i| own[*i] == owner).collect();
            if let Some(chosen) = self.random.choose(&fitting).copied()
                && self.random.chance(70)
            {
                self.point(row, reference, chosen);
            }
        }
    }

    fn amount_and_code(&mut self, table: &Table, owner: Owner, row: &mut Record) {
        let amount = match self.random.below(8) {
            0 => None,
            1 if self.making.bad && self.making.side == "s" => Some("-1"),
            n => Some(["0", "10", "9007199254740993"][n % 3]),
        };
        row[table.amount] = amount.map(str::to_owned);
        let last = self.making.users.len() - 1;
        let number = self.content.tables.last().map_or(0, Vec::len);
        row[table.code] = match self.random.below(6) {
            0 => None,
            1 if self.making.bad && self.making.side == "s" && owner != Some(last) => {
                Some(TAKEN.to_owned())
            }
            _ => Some(format!("{}{number}", self.making.side)),
        };
        let first = owner == Some(last)
            && self
                .owners
                .last()
                .is_some_and(|of| !of.contains(&Some(last)));
        if self.making.side == "d" && first {
            row[table.code] = Some(TAKEN.to_owned());
        }
    }

    fn key_value(&mut self, sql_type: Type, key: Key) -> Cell {
        let number = self.random.below(match key {
            Key::Pair => 4,
            _ => 30,
        });
        Some(match sql_type {
            Type::Uuid => format!("10000000-0000-4000-8000-0000000000{number:02x}"),
            Type::Text => format!("k{number}"),
            _ => (number + 1).to_string(),
        })
    }

    fn null_or(&mut self, nullable: bool, pool: &[&str]) -> Cell {
        (!nullable || !self.random.chance(35)).then(|| (*self.random.pick(pool)).to_owned())
    }

    fn point(&self, row: &mut Record, reference: &Reference, at: usize) {
        let pk = &self.shape.tables[reference.table].pk;
        let target = &self.content.tables[reference.table][at];
        for (field, part) in reference.fields.iter().zip(pk) {
            row[*field] = target[*part].clone();
        }
    }

    /// Optional references, once every row is there: circles are as good as any.
    fn refer(&mut self, at: usize) {
        let table = &self.shape.tables[at];
        for reference in table.optional.iter().filter(|r| !is_tree(table, r, at)) {
            for number in 0..self.owners[at].len() {
                let owner = self.owners[at][number];
                let stray = self.making.stray && self.random.chance(15);
                let rows = &self.owners[reference.table];
                let fits = |at: &usize| rows[*at].is_none() || rows[*at] == owner || stray;
                let fitting: Vec<usize> = (0..rows.len()).filter(fits).collect();
                let chosen = self.random.choose(&fitting).copied();
                if let Some(chosen) = chosen
                    && self.random.chance(65)
                {
                    let mut row = self.content.tables[at][number].clone();
                    self.point(&mut row, reference, chosen);
                    self.content.tables[at][number] = row;
                }
            }
        }
    }
}

fn is_tree(table: &Table, reference: &Reference, at: usize) -> bool {
    let key = match &table.natural {
        Natural::Key(columns) => columns.as_slice(),
        _ => &[],
    };
    reference.table == at && reference.fields.iter().any(|field| key.contains(field))
}
