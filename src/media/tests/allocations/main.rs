//! How often the router asks for memory on the way of a packet.
#![allow(clippy::disallowed_methods, reason = "virtual time starts somewhere")]
#![allow(clippy::print_stdout, reason = "its findings are for people")]

#[path = "../../benches/rig/mod.rs"]
mod rig;

use std::time::Duration;

use allocation_counter::AllocationInfo;
use rig::Rig;

/// Allocations for a thousand forwarded packets, and bytes for one: of all that the router does while a livestream goes on.
fn allocations(receivers: usize) -> (u64, u64) {
    let mut rig = Rig::new(receivers);
    let before = rig.forwarded();
    let mut all = AllocationInfo::default();
    rig.play(Duration::from_millis(500), |turn| all += allocation_counter::measure(turn));
    let forwarded = rig.forwarded() - before;
    let found = (all.count_total * 1_000 / forwarded, all.bytes_total / forwarded);
    println!("{receivers} receivers: {} allocations in 1,000 forwarded packets, {} bytes each", found.0, found.1);
    found
}

#[test]
fn a_forwarded_packet_costs_few_allocations_however_many_receive_it() {
    // One of them is str0m's ciphertext, and what is more than two is feedback, which one receiver has few packets to share with.
    let most = [(1, 5_200), (10, 2_650), (100, 2_350)];
    let found = most.map(|(receivers, most)| (receivers, allocations(receivers).0, most));
    assert!(found.iter().all(|(_, found, most)| found <= most), "receivers, allocations in 1,000 packets, and the most: {found:?}");
}
