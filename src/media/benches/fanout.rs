//! Time that the router takes for a forwarded packet, at 1, 10 and 100 receivers: everything it does while a livestream goes on, from the
//! decryption of what comes to the encryption of what goes, with what its receivers say in return.
#![allow(clippy::disallowed_methods, reason = "what is measured is time, and virtual time starts somewhere")]
#![allow(missing_docs, reason = "criterion's macros document nothing")]

mod rig;

use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rig::Rig;

/// Virtual time between two looks at how much has been forwarded: three frames and five packets of the voice.
const STEP: Duration = Duration::from_millis(100);

/// What the router takes for so many forwarded packets.
fn forwards(rig: &mut Rig, packets: u64) -> Duration {
    let before = rig.forwarded();
    let mut took = Duration::ZERO;
    while rig.forwarded() - before < packets {
        rig.play(STEP, |turn| {
            let begun = Instant::now();
            turn();
            took += begun.elapsed();
        });
    }
    took.mul_f64(packets as f64 / (rig.forwarded() - before) as f64)
}

fn fanout(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a forwarded packet");
    for receivers in [1, 10, 100] {
        let mut rig = Rig::new(receivers);
        group.bench_function(BenchmarkId::new("receivers", receivers), |bencher| {
            bencher.iter_custom(|packets| forwards(&mut rig, packets));
        });
    }
}

criterion_group!(benches, fanout);
criterion_main!(benches);
