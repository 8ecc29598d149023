//! A random hierarchy of tables, as data.

use crate::side::Backend;
use support::Random;

/// The tables, parents first.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) tables: Vec<Table>,
    pub(super) user_type: Type,
}

#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    pub(super) key: Key,
    pub(super) pk: Vec<usize>,
    pub(super) user: Option<usize>,
    pub(super) parents: Vec<Reference>,
    pub(super) optional: Vec<Reference>,
    pub(super) natural: Natural,
    pub(super) slug: Option<usize>,
    /// Whether the natural key has a unique index.
    pub(super) unique_natural: bool,
    /// Never negative in the destination.
    pub(super) amount: usize,
    pub(super) checked: bool,
    /// Unique in the destination.
    pub(super) code: usize,
    pub(super) unique_code: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) sql_type: Type,
    pub(super) nullable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Int,
    Text,
    Uuid,
    Numeric,
    /// Only in a destination that has drifted.
    Small,
}

/// What the primary key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Serial,
    IdentityAlways,
    IdentityDefault,
    UuidDefault,
    Uuid,
    Text,
    /// A text and a number.
    Pair,
    /// The user and a number.
    Tenant,
    /// The user alone.
    User,
    /// The keys of the parents.
    Link,
}

#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) table: usize,
    pub(super) fields: Vec<usize>,
    pub(super) deferred: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Natural {
    Slug,
    Key(Vec<usize>),
    Pk,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Owned,
    Reached,
    Shared,
    Link,
}

impl Shape {
    /// `selves` allows references to the same table.
    pub(super) fn random(random: &mut Random, selves: bool) -> Shape {
        let mut shape = Shape {
            tables: Vec::new(),
            user_type: *random.pick(&[Type::Text, Type::Text, Type::Int, Type::Uuid]),
        };
        if random.chance(25) {
            shape.tables.push(Table::of_users(shape.user_type));
        }
        for _ in 0..=random.below(6) {
            let table = shape.table(random);
            shape.tables.push(table);
        }
        for at in 0..shape.tables.len() {
            shape.optional_refs(at, selves, random);
        }
        for table in &mut shape.tables {
            table.finish(random);
        }
        shape
    }

    fn table(&self, random: &mut Random) -> Table {
        let of_a_user: Vec<usize> = self.places(|t| !t.is_shared() && t.key != Key::User);
        let role = match random.below(10) {
            0 => Role::Shared,
            1 | 2 if !of_a_user.is_empty() => Role::Reached,
            3 if of_a_user.len() > 1 => Role::Link,
            _ => Role::Owned,
        };
        let at = self.tables.len();
        let mut table = Table::empty(format!("t{at}"));
        if role == Role::Owned || (role == Role::Link && random.chance(30)) {
            table.user = Some(table.column("user_id", self.user_type, false));
        }
        let users = self.places(|t| t.key == Key::User);
        if let (Some(user), Some(users)) = (table.user, users.first()) {
            table.parents.push(Reference {
                table: *users,
                fields: vec![user],
                deferred: false,
            });
        }
        let mut wanted = match role {
            Role::Shared => Vec::new(),
            Role::Reached => vec![*random.pick(&of_a_user)],
            Role::Link => {
                let mut both = of_a_user.clone();
                random.shuffle(&mut both);
                both.truncate(2);
                both
            }
            Role::Owned if random.chance(60) => of_a_user
                .get(random.below(of_a_user.len().max(1)))
                .copied()
                .into_iter()
                .collect(),
            Role::Owned => Vec::new(),
        };
        let any = self.places(|t| t.key != Key::User);
        if role != Role::Shared && role != Role::Link && random.chance(30) {
            wanted.extend(random.choose(&any).filter(|more| !wanted.contains(more)));
        }
        for parent in wanted {
            let fields = table.fields_for(&self.tables[parent], parent, "parent", false);
            table.parents.push(Reference {
                table: parent,
                fields,
                deferred: false,
            });
        }
        table.primary_key(role, random);
        table
    }

    fn places(&self, which: impl Fn(&Table) -> bool) -> Vec<usize> {
        let places = 0..self.tables.len();
        places.filter(|at| which(&self.tables[*at])).collect()
    }

    /// To any table, before, after or itself.
    fn optional_refs(&mut self, at: usize, selves: bool, random: &mut Random) {
        let shared = self.tables[at].is_shared();
        let targets = self.places(|t| {
            !matches!(t.key, Key::User | Key::Link | Key::Tenant) && (!shared || t.is_shared())
        });
        if self.tables[at].key == Key::User {
            return;
        }
        for number in 0..random.below(3) {
            let target = match random.below(3) {
                0 if targets.contains(&at) => Some(at),
                _ => random.choose(&targets).copied(),
            };
            let Some(target) = target.filter(|to| selves || *to != at) else {
                continue;
            };
            let of = self.tables[target].clone();
            let table = &mut self.tables[at];
            let fields = table.fields_for(&of, target, &format!("ref{number}"), true);
            table.optional.push(Reference {
                table: target,
                fields,
                deferred: random.chance(30),
            });
        }
    }
}

impl Table {
    fn empty(name: String) -> Table {
        Table {
            name,
            columns: Vec::new(),
            key: Key::Serial,
            pk: Vec::new(),
            user: None,
            parents: Vec::new(),
            optional: Vec::new(),
            natural: Natural::Slug,
            slug: None,
            unique_natural: false,
            amount: 0,
            checked: false,
            code: 0,
            unique_code: false,
        }
    }

    fn of_users(user_type: Type) -> Table {
        let mut table = Table::empty("users".to_owned());
        let id = table.column("id", user_type, false);
        table.user = Some(id);
        table.pk = vec![id];
        table.key = Key::User;
        table.natural = Natural::Pk;
        table
    }

    fn column(&mut self, name: &str, sql_type: Type, nullable: bool) -> usize {
        self.columns.push(Column {
            name: name.to_owned(),
            sql_type,
            nullable,
        });
        self.columns.len() - 1
    }

    /// The columns that refer to a table; a key with the user in it shares the user's column.
    fn fields_for(&mut self, of: &Table, at: usize, what: &str, nullable: bool) -> Vec<usize> {
        let mut fields = Vec::new();
        for part in &of.pk {
            let column = &of.columns[*part];
            match self.user {
                Some(user) if of.user == Some(*part) => fields.push(user),
                _ => {
                    let name = format!("{what}_{at}_{}", column.name);
                    fields.push(self.column(&name, column.sql_type, nullable));
                }
            }
        }
        fields
    }

    fn primary_key(&mut self, role: Role, random: &mut Random) {
        use Key::*;
        if role == Role::Link {
            self.key = Link;
            let fields = self.parents.iter().filter(|p| {
                // the user alone is no part of the link
                self.user.is_none_or(|user| p.fields != [user])
            });
            self.pk = fields.flat_map(|p| p.fields.clone()).collect();
            self.pk.sort_unstable();
            self.pk.dedup();
            self.natural = Natural::Pk;
            return;
        }
        self.key = *random.pick(&[
            Serial,
            Serial,
            IdentityAlways,
            IdentityAlways,
            IdentityDefault,
            UuidDefault,
            Uuid,
            Text,
            Pair,
            Tenant,
        ]);
        self.pk = match (self.key, self.user) {
            (UuidDefault | Uuid, _) => vec![self.column("id", Type::Uuid, false)],
            (Text, _) => vec![self.column("id", Type::Text, false)],
            (Pair, _) => vec![
                self.column("a", Type::Text, false),
                self.column("b", Type::Int, false),
            ],
            (Tenant, Some(user)) => vec![user, self.column("no", Type::Int, false)],
            (Tenant, None) => {
                self.key = Serial;
                vec![self.column("id", Type::Int, false)]
            }
            _ => vec![self.column("id", Type::Int, false)],
        };
    }

    /// The columns that have nothing to do with other tables, and the natural key.
    fn finish(&mut self, random: &mut Random) {
        if self.key != Key::User && self.key != Key::Link {
            let slug_type = *random.pick(&[Type::Text, Type::Text, Type::Int, Type::Numeric]);
            let slug = self.column("slug", slug_type, random.chance(30));
            self.slug = Some(slug);
            self.natural = self.any_natural(slug, random);
        }
        self.amount = self.column("amount", Type::Int, true);
        self.code = self.column("code", Type::Text, true);
        self.checked = random.chance(40);
        self.unique_code = random.chance(40);
        self.unique_natural = !matches!(self.natural, Natural::Pk) && random.chance(50);
    }

    fn any_natural(&mut self, slug: usize, random: &mut Random) -> Natural {
        let keeps = matches!(self.key, Key::Text | Key::Pair | Key::Tenant | Key::Uuid);
        if keeps && random.chance(25) {
            return Natural::Pk;
        }
        if random.chance(60) {
            return Natural::Slug;
        }
        let mut key: Vec<usize> = Vec::new();
        if random.chance(75) {
            key.extend(self.user);
        }
        if self.user.is_none() || random.chance(50) {
            key.extend(self.parents.iter().flat_map(|p| p.fields.clone()));
        }
        // a tree, whose siblings alone differ by their slugs
        let own: usize = self.name.trim_start_matches('t').parse().unwrap();
        let tree = self.optional.iter().find(|r| r.table == own);
        if let Some(tree) = tree.filter(|_| random.chance(60)) {
            key.extend(&tree.fields);
        }
        key.push(slug);
        if random.chance(40) {
            let second = self.column("part", Type::Text, random.chance(30));
            key.push(second);
        }
        key.sort_unstable();
        key.dedup();
        random.shuffle(&mut key);
        Natural::Key(key)
    }

    pub(super) fn is_shared(&self) -> bool {
        self.user.is_none() && self.parents.is_empty()
    }

    pub(super) fn is_by_pk(&self) -> bool {
        matches!(self.natural, Natural::Pk)
    }

    pub(super) fn references(&self) -> impl Iterator<Item = &Reference> {
        self.parents.iter().chain(&self.optional)
    }

    /// The columns that tell whether two rows are the same one, as the documents define them.
    pub(super) fn natural_key(&self) -> Vec<usize> {
        match &self.natural {
            Natural::Pk => self.pk.clone(),
            Natural::Key(columns) => columns.clone(),
            Natural::Slug => {
                let mut columns: Vec<usize> = self.user.into_iter().collect();
                for field in self.parents.iter().flat_map(|p| &p.fields) {
                    if !columns.contains(field) {
                        columns.push(*field);
                    }
                }
                columns.extend(self.slug);
                columns
            }
        }
    }

    /// Whether the database makes its keys.
    pub(super) fn makes_keys(&self, backend: Backend) -> bool {
        match self.key {
            Key::Serial | Key::IdentityAlways | Key::IdentityDefault => true,
            Key::UuidDefault => backend == Backend::Postgres,
            _ => false,
        }
    }

    pub(super) fn is_numbered(&self) -> bool {
        matches!(
            self.key,
            Key::Serial | Key::IdentityAlways | Key::IdentityDefault
        )
    }

    pub(super) fn names(&self, columns: &[usize]) -> Vec<String> {
        let names = columns.iter().map(|c| self.columns[*c].name.clone());
        names.collect()
    }

    /// Quoted names.
    pub(super) fn list(&self, columns: &[usize]) -> String {
        let names = columns
            .iter()
            .map(|c| format!("\"{}\"", self.columns[*c].name));
        names.collect::<Vec<_>>().join(", ")
    }
}
