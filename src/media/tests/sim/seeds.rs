//! Laws that hold whatever is drawn: they are looked at with some seeds, each in a thread of its own, so that it goes the same way
//! alone as among others.
//!
//! A law names seeds that run always: some that are as good as any, and all that ever found a fault. `make simulate SEEDS=200`
//! tries others, each time new ones, and prints those that break a law; `SEED=…` runs one again.

use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn chosen(always: &[u64]) -> Vec<u64> {
    match (number("SEED"), number("SEEDS")) {
        (Some(seed), _) => vec![seed],
        (None, Some(count)) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            (0..count).map(|at| now * 1_000 + at).collect()
        }
        (None, None) => always.to_vec(),
    }
}

/// Fails with the seeds that break the law, all of them.
#[expect(clippy::print_stdout, reason = "the seed is what one needs to play the call again")]
pub(crate) fn hold(always: &[u64], law: impl Fn(u64) + Copy + Send + 'static) {
    let test = thread::current().name().unwrap_or_default().to_owned();
    let seeds = chosen(always);
    let mut broken = Vec::new();
    for seed in &seeds {
        let played = thread::Builder::new().name(format!("{test}, seed {seed}")).spawn({
            let seed = *seed;
            move || law(seed)
        });
        if played.unwrap().join().is_err() {
            println!("seed {seed} breaks a law: SEED={seed} cargo test -p switchboard-media --test sim {test}");
            broken.push(*seed);
        }
    }
    assert!(broken.is_empty(), "of {} seeds these broke the law: {broken:?}", seeds.len());
}
