//! Calls that nobody thought of: people, links, views, voices and mishaps drawn from a seed, and laws that hold in all of them.
//!
//! A seed that found something is promoted into [`FOUND`].

mod laws;
mod plan;

use std::time::Duration;

use crate::seeds;
use crate::sweep::laws::Laws;
use crate::sweep::plan::Plan;
use crate::world::World;

/// Seeds that run always: some that are as good as any, and all that ever found a fault.
const FOUND: [u64; 9] = [1, 2, 3, 4, 1_795_277_895_092, 1_795_277_895_103, 1_795_278_816_027, 1_795_278_816_082, 1_795_279_650_010];
/// How long everything is well before it is looked at whether all have what they should, and how long it is looked at.
const CALM: Duration = Duration::from_secs(20);
const LOOKED_AT: Duration = Duration::from_secs(4);

fn simulate(seed: u64) {
    play(World::new(), seed);
}

/// The call of a seed on several routers, on each the next leg.
pub(crate) fn simulate_on(routers: usize, seed: u64) {
    play(World::on(routers, 1, 7), seed);
}

fn play(mut world: World, seed: u64) {
    let mut plan = Plan::new(seed, &mut world);
    let mut laws = Laws::default();
    for _ in 0..plan.steps {
        plan.step(&mut world);
        laws.hold(&mut world, &plan);
    }
    plan.calm(&mut world);
    world.run(CALM);
    laws.hold(&mut world, &plan);
    let before = laws.heard(&mut world, &plan);
    world.run(LOOKED_AT);
    laws.hold(&mut world, &plan);
    laws.hold_in_calm(&mut world, &plan, LOOKED_AT, &before);
}

#[test]
fn the_laws_hold_in_random_calls() {
    seeds::hold(&FOUND, simulate);
}
