//! Chance that a seed decides, so that a simulation goes the same way each time.
//!
//! A library iterates over its hash maps, and the standard library draws the keys of those from the operating system: with them it
//! differs from run to run which of two packets goes first, and an hour of virtual time later everything does. On Linux the tests that
//! link this crate draw those numbers, and all that comes from `getrandom(2)`, from a generator of their thread instead. Nothing here is
//! secret: it must never be linked into what serves.

use std::cell::Cell;

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// Lets this thread's chance begin with a seed. Keys of hash maps are drawn once in the life of a thread, before or after this; a
/// simulation that is to be the same each time therefore has a thread of its own.
pub fn seed(seed: u64) {
    STATE.set(seed);
}

/// The next number of splitmix64, which is all that is asked of it: spread, and the same each time.
fn next() -> u64 {
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Takes the place of `getrandom(2)` in the program that links this.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the linker finds it by its name, and its caller vouches for the buffer")]
#[unsafe(no_mangle)]
extern "C" fn getrandom(buffer: *mut u8, length: usize, _flags: u32) -> isize {
    // SAFETY: as with the function it replaces, the caller gives `length` bytes that may be written.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer, length) };
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&next().to_le_bytes()[..chunk.len()]);
    }
    length.cast_signed()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::collections::HashMap;
    use std::thread;

    /// The order in which a new thread's first map gives what was put into it.
    #[expect(clippy::disallowed_methods, reason = "each thread has chance of its own")]
    fn order() -> Vec<u32> {
        let map = || (0..100).map(|key| (key, ())).collect::<HashMap<u32, ()>>().into_keys().collect();
        thread::spawn(map).join().expect("it only counts")
    }

    #[test]
    fn hash_maps_are_in_the_same_order_in_every_thread() {
        super::seed(0);
        assert_eq!(order(), order());
        assert_ne!(order(), (0..100).collect::<Vec<_>>(), "an order of chance nevertheless");
    }
}
