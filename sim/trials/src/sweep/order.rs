//! In which order the units of a sweep are run, which of them are whose, and how all cores take part.

use core::cmp::Reverse;
use rayon::prelude::*;
use std::collections::BinaryHeap;

/// The units by their places: those that take longest first, so that none of them is left for the end.
#[must_use]
pub fn longest_first(millis: &[u64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..millis.len()).collect();
    order.sort_by_key(|at| (Reverse(millis[*at]), *at));
    order
}

/// The units of one of so many shards, longest first: each goes to the shard that has least to do.
#[must_use]
pub fn shard(millis: &[u64], index: usize, count: usize) -> Vec<usize> {
    // Of more shards than units the last have nothing to do.
    let count = count.min(millis.len());
    let mut loads: BinaryHeap<Reverse<(u64, usize)>> =
        (0..count).map(|shard| Reverse((0, shard))).collect();
    let mut own = Vec::new();
    for at in longest_first(millis) {
        let Some(Reverse((load, shard))) = loads.pop() else { break };
        // What takes less than a millisecond is something, too.
        loads.push(Reverse((load.saturating_add(millis[at].max(1)), shard)));
        if shard == index {
            own.push(at);
        }
    }
    own
}

/// Does the work on all cores, or on so many threads; it is begun in the order given.
///
/// # Errors
/// The first error; nothing more is begun then.
pub fn each<T: Sync, E: Send>(
    order: &[T],
    threads: Option<usize>,
    work: impl Fn(&T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build();
    match pool {
        // One after the other from the front: halves that are halved again would begin in the middle.
        Ok(pool) if order.len() > 1 => {
            pool.install(|| order.iter().par_bridge().try_for_each(&work))
        }
        // Without threads (or with one unit) the same work is done in turn.
        _ => order.iter().try_for_each(work),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn the_longest_are_first_and_equal_ones_stay_in_order() {
        assert_eq!(longest_first(&[3, 9, 3, 10]), [3, 1, 0, 2]);
    }

    #[test]
    fn shards_have_all_units_once_and_about_as_much_to_do() {
        let millis: Vec<u64> = (0..200).map(|of| 1_000 + of * of % 997).collect();
        for count in [1, 2, 3, 7, 64, 300] {
            let shards: Vec<Vec<usize>> = (0..count).map(|at| shard(&millis, at, count)).collect();
            let mut all: Vec<usize> = shards.concat();
            all.sort_unstable();
            assert_eq!(all, (0..200).collect::<Vec<usize>>(), "{count} shards");
            let load = |of: &Vec<usize>| of.iter().map(|at| millis[*at]).sum::<u64>();
            let (least, most) = (shards.iter().map(load).min(), shards.iter().map(load).max());
            // None has more than one unit more than another.
            assert!(most.unwrap() - least.unwrap() <= 1_997, "{count}: {least:?} {most:?}");
        }
        assert_eq!(shard(&[0, 0, 0, 0], 0, 2).len(), 2);
        // No number is too large.
        assert_eq!(shard(&[5, 6], 1, usize::MAX), [0]);
        assert!(shard(&[5, 6], usize::MAX - 1, usize::MAX).is_empty());
    }

    #[test]
    fn all_are_done_in_the_order_given_on_one_thread_and_an_error_ends_it() {
        let done = Mutex::new(Vec::new());
        let order = [5, 3, 4, 1];
        let work = |at: &usize| {
            done.lock().unwrap().push(*at);
            if *at == 4 { Err("four") } else { Ok(()) }
        };
        assert_eq!(each(&order, Some(1), work), Err("four"));
        assert_eq!(*done.lock().unwrap(), [5, 3, 4]);
        let count = Mutex::new(0);
        let fine = each(&[(); 1_000], None, |()| {
            *count.lock().unwrap() += 1;
            Ok::<(), ()>(())
        });
        assert_eq!((fine, *count.lock().unwrap()), (Ok(()), 1_000));
    }
}
