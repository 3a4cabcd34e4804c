//! Calls that nobody thought of: people, links, views, voices and mishaps drawn from a seed, and laws that hold in all of them.
//!
//! A few constant seeds run with the other tests. `make simulate SEEDS=200` tries others, each time new ones, and prints those that
//! break a law; `SEED=…` runs one again. A seed that found something is promoted into [`FOUND`].

mod laws;
mod plan;

use std::thread;
use std::time::{Duration, SystemTime};

use crate::sweep::laws::Laws;
use crate::sweep::plan::Plan;
use crate::world::World;

/// Seeds that run always: some that are as good as any, and all that ever found a fault.
const FOUND: [u64; 9] = [1, 2, 3, 4, 1_795_277_895_092, 1_795_277_895_103, 1_795_278_816_027, 1_795_278_816_082, 1_795_279_650_010];
/// How long everything is well before it is looked at whether all have what they should, and how long it is looked at.
const CALM: Duration = Duration::from_secs(20);
const LOOKED_AT: Duration = Duration::from_secs(4);

fn simulate(seed: u64) {
    let mut world = World::new();
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
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds: Vec<u64> = match (number("SEED"), number("SEEDS")) {
        (Some(seed), _) => vec![seed],
        (None, Some(count)) => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
            (0..count).map(|at| now * 1_000 + at).collect()
        }
        (None, None) => FOUND.to_vec(),
    };
    let broken: Vec<u64> = seeds.iter().copied().filter(|seed| fails(*seed)).collect();
    println!("{} random calls, {} of them broke a law", seeds.len(), broken.len());
    assert!(broken.is_empty(), "run again with SEED=… : {broken:?}");
}

#[expect(clippy::print_stdout, reason = "the seed is what one needs to play the call again")]
fn fails(seed: u64) -> bool {
    let failed = thread::spawn(move || simulate(seed)).join().is_err();
    if failed {
        println!("seed {seed} breaks a law: SEED={seed} cargo test -p switchboard-media --test sim random_calls");
    }
    failed
}
