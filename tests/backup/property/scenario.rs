//! What a run does, by a seed: tables, rows on both sides, users, options, and what is around.

use db_adapter::backup::{Keys, OnError, RestoreMode, RestoreOptions};
use support::Random;

use super::content::{Content, users};
use super::model::Choices;
use super::rows::{Making, random_rows};
use super::shape::Shape;
use super::world::World;

/// Everything that is random about one run.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) shape: Shape,
    pub(super) source: Content,
    /// `None` when the source is the destination.
    pub(super) destination: Option<Content>,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) choices: Choices,
    pub(super) dry_run: bool,
    pub(super) world: World,
}

impl Scenario {
    pub(super) fn random(seed: u64, within: bool) -> Scenario {
        let random = &mut Random::new(seed);
        let duplicates = random.chance(15);
        let mut shape = Shape::random(random, !duplicates);
        let users = users(shape.user_type);
        let bad = random.chance(40);
        let most = 1 + random.below(4);
        if within && random.chance(80) {
            shape.tables.iter_mut().for_each(|t| t.unique_code = false);
        }
        let mut making = Making {
            users: &users,
            side: "s",
            most,
            duplicates,
            bad: bad && !within,
            stray: random.chance(40),
        };
        let source = random_rows(&shape, &making, random);
        making.side = "d";
        making.bad = bad;
        making.most = random.below(5);
        let mut destination = random_rows(&shape, &making, random);
        let modes = [
            RestoreMode::Skip,
            RestoreMode::Skip,
            RestoreMode::Overwrite,
            RestoreMode::Fail,
        ];
        let to = match within {
            true => random.below(2),
            false => random.below(2) * random.below(2),
        };
        let choices = Choices {
            mode: *random.pick(&modes),
            skip_bad: random.chance(60),
            keep_keys: random.chance(30),
            overwrite_shared: random.chance(30),
        };
        let dry_run = random.chance(30);
        let world = World::random(random, &shape, within);
        world.fit(&shape, &mut destination);
        Scenario {
            world,
            source,
            destination: (!within).then_some(destination),
            from: users[0].clone(),
            to: users[to].clone(),
            choices,
            dry_run,
            shape,
        }
    }

    pub(super) fn options(&self) -> RestoreOptions {
        let choices = &self.choices;
        let mut options = RestoreOptions::default();
        options.allow_row_security = self.world.policies;
        options
            .mode(choices.mode)
            .overwrite_shared(choices.overwrite_shared)
            .keys(match choices.keep_keys {
                true => Keys::Keep,
                false => Keys::New,
            })
            .on_error(match choices.skip_bad {
                true => OnError::Skip,
                false => OnError::Abort,
            })
    }
}
