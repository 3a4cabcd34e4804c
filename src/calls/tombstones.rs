//! The calls that ended lately, and who had a seat in them.

use std::collections::{BTreeMap, VecDeque};

use switchboard_ids::{CallId, UserId};

/// A ring of fixed size: the oldest call is forgotten for the newest.
#[derive(Debug)]
pub(crate) struct Tombstones {
    capacity: usize,
    order: VecDeque<CallId>,
    seated: BTreeMap<CallId, Vec<UserId>>,
}

impl Tombstones {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, order: VecDeque::new(), seated: BTreeMap::new() }
    }

    pub(crate) fn bury(&mut self, call: CallId, seated: Vec<UserId>) {
        self.seated.insert(call, seated);
        self.order.push_back(call);
        while self.order.len() > self.capacity {
            if let Some(oldest) = self.order.pop_front() {
                self.seated.remove(&oldest);
            }
        }
    }

    pub(crate) fn contains(&self, call: CallId) -> bool {
        self.seated.contains_key(&call)
    }

    pub(crate) fn had_seat(&self, call: CallId, user: UserId) -> bool {
        self.seated.get(&call).is_some_and(|seated| seated.contains(&user))
    }
}
