//! How a receiver's bandwidth is divided among the pictures it looks at: a pure function of what there is and what is wished.
//!
//! Every visible slot gets its lowest rung, in order of rank; what is left goes to upgrades, to the one that is served worst
//! for its size first. One whose lowest rung does not fit is paused and takes nothing from those that fit: a face is better than
//! none beside a screen that cannot be shown. As it comes first, it is back as soon as it fits. What a slot has may be kept up to one
//! limit and bettered only within a lower one: in between nothing changes, so that an estimate that breathes moves no picture.

use std::cmp::Reverse;

use crate::ladder::Rung;
use crate::target::Target;

/// Who goes before whom when not all can be carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// What is shared is what people talk about.
    Screen,
    /// The receiver said so.
    Pinned,
    Other,
}

/// A slot with a video source in it.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) rank: Rank,
    /// How high it is drawn in pixels; 0 when nobody sees it.
    pub(crate) tile: u16,
    /// The ladder of its source, the lowest rung first.
    pub(crate) rungs: Vec<Rung>,
    /// What it is aimed at.
    pub(crate) has: Option<Target>,
    /// Whether it is paused for want of bandwidth.
    pub(crate) paused: bool,
}

/// A picture whose lowest rung costs more than so many times that of another comes after it: nobody's flood stops others.
const DEAR: u64 = 3;

/// How much all video together may cost, bits per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// What is had may be kept within this.
    pub(crate) keep: u64,
    /// Nothing is bettered beyond this.
    pub(crate) raise: u64,
    /// Within this no picture is paused, whatever the others say.
    pub(crate) least: u64,
    /// Within this a picture that is paused goes on.
    pub(crate) resume: u64,
}

impl Limits {
    /// Whatever it costs.
    pub(crate) const NONE: Self = Self { keep: u64::MAX, raise: u64::MAX, least: u64::MAX, resume: u64::MAX };
}

/// What a slot gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    /// What it is to show: of what arrives, or of what is asked for while nothing suitable arrives.
    pub(crate) aim: Option<Target>,
    /// What it would show if every layer arrived: the sender is asked for this. What it asked for in vain it goes on asking for,
    /// whatever that may cost: nothing until it comes, and then it is weighed.
    pub(crate) wants: Option<Target>,
    /// Whether it is seen and gets nothing, for want of bandwidth.
    pub(crate) paused: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Allocation {
    /// One for each wish.
    pub(crate) shares: Vec<Share>,
    /// What the rungs wanted cost together, bits per second.
    pub(crate) spent: u64,
    /// What they would cost with the next upgrade; `None` when there is nothing to better.
    pub(crate) next: Option<u64>,
    /// What all would cost at their best, of what their senders have.
    pub(crate) best: u64,
}

/// Divides `limits` among the wishes; without limits, before anything is known of the path, everyone seen gets the lowest rung.
pub(crate) fn allocate(limits: Option<Limits>, wishes: &[Wish]) -> Allocation {
    let asked = Division::of(limits, wishes, Rung::may_come);
    let shown = Division::of(limits, wishes, |rung| rung.running);
    let target = |place: usize, rung: Option<usize>| rung.map(|rung| wishes[place].rungs[rung].target);
    let shares = (0..wishes.len()).map(|place| {
        let gets = asked.rungs[place];
        let awaited = gets.is_some_and(|rung| !wishes[place].rungs[rung].running);
        let aim = target(place, shown.rungs[place]).or(target(place, gets).filter(|_| awaited));
        let wants = target(place, gets.map(|rung| wishes[place].worth_asking(rung)));
        Share { aim, wants, paused: aim.or(wants).is_none() && wishes[place].cap().is_some() }
    });
    let best = wishes.iter().filter_map(|wish| wish.candidates(&Rung::may_come).last().map(|rung| wish.rungs[*rung].bps)).sum();
    Allocation { shares: shares.collect(), spent: asked.spent, next: asked.next, best }
}

impl Rung {
    fn may_come(&self) -> bool {
        !self.missing
    }
}

impl Wish {
    /// The best rung worth having: all of the first layer whose picture fills the tile, or the best there is.
    fn cap(&self) -> Option<usize> {
        if self.tile == 0 {
            return None;
        }
        let fills = self.rungs.iter().find(|rung| rung.height >= self.tile).map(|rung| rung.target.layer);
        match fills {
            Some(layer) => self.rungs.iter().rposition(|rung| rung.target.layer <= layer),
            None => self.rungs.len().checked_sub(1),
        }
    }

    /// The rungs it may get, the lowest first. When those that arrive are all more than it needs, the smallest of them serves.
    fn candidates(&self, usable: &impl Fn(&Rung) -> bool) -> Vec<usize> {
        let Some(cap) = self.cap() else { return Vec::new() };
        let fitting: Vec<usize> = (0..=cap).filter(|&rung| usable(&self.rungs[rung])).collect();
        if fitting.is_empty() { self.rungs.iter().position(usable).into_iter().collect() } else { fitting }
    }

    /// What to ask for where a rung is what it gets: of those that are missing the next, for senders leave out the largest first.
    fn worth_asking(&self, gets: usize) -> usize {
        let mut better = gets + 1..=self.cap().unwrap_or(gets);
        better.find(|rung| self.rungs[*rung].missing).unwrap_or(gets)
    }

    /// What it costs as it is; nothing while its layer does not arrive.
    pub(crate) fn costs(&self) -> Option<u64> {
        self.rungs.iter().find(|rung| Some(rung.target) == self.has && rung.running).map(|rung| rung.bps)
    }

    fn keeps(&self, rung: usize) -> bool {
        self.has.is_some_and(|has| self.rungs[rung].target <= has)
    }

    /// How well a rung fills the tile, in thousandths.
    fn fill(&self, rung: usize) -> u32 {
        u32::from(self.rungs[rung].height) * 1_000 / u32::from(self.tile.max(1))
    }
}

/// Who got what of the rungs that count.
struct Division {
    rungs: Vec<Option<usize>>,
    spent: u64,
    next: Option<u64>,
}

impl Division {
    fn of(limits: Option<Limits>, wishes: &[Wish], usable: impl Fn(&Rung) -> bool) -> Self {
        let candidates: Vec<Vec<usize>> = wishes.iter().map(|wish| wish.candidates(&usable)).collect();
        let mut division = Self { rungs: vec![None; wishes.len()], spent: 0, next: None };
        division.give_lowest(limits, wishes, &candidates);
        if let Some(limits) = limits {
            division.upgrade(limits, wishes, &candidates);
        }
        division.next = (0..wishes.len()).filter_map(|place| division.with_one_more(place, &wishes[place], &candidates[place])).min();
        division
    }

    fn give_lowest(&mut self, limits: Option<Limits>, wishes: &[Wish], candidates: &[Vec<usize>]) {
        let mut order: Vec<usize> = (0..wishes.len()).filter(|&place| !candidates[place].is_empty()).collect();
        let lowest = |place: usize| wishes[place].rungs[candidates[place][0]].bps;
        let cheapest = order.iter().map(|&place| lowest(place)).min().unwrap_or(0);
        order.sort_by_key(|&place| (wishes[place].rank, lowest(place) > cheapest.saturating_mul(DEAR), Reverse(wishes[place].tile)));
        for place in order {
            let (wish, lowest) = (&wishes[place], candidates[place][0]);
            let total = self.spent + wish.rungs[lowest].bps;
            let fits = limits.is_none_or(|limits| {
                let bold = !wish.paused && total <= limits.least;
                bold || total <= if wish.paused { limits.resume } else { limits.keep }
            });
            if fits {
                self.rungs[place] = Some(lowest);
                self.spent = total;
            }
        }
    }

    fn upgrade(&mut self, limits: Limits, wishes: &[Wish], candidates: &[Vec<usize>]) {
        // Where each is among its candidates; one that cannot go on is taken out.
        let mut climbing: Vec<(usize, usize)> =
            (0..wishes.len()).filter(|&place| self.rungs[place].is_some()).map(|place| (place, 0)).collect();
        loop {
            climbing.retain(|&(place, step)| step + 1 < candidates[place].len());
            let worst = climbing.iter_mut().min_by_key(|(place, step)| {
                let (wish, rung) = (&wishes[*place], candidates[*place][*step]);
                // Of those served equally, who has the next rung comes first: nobody swaps places for nothing.
                (wish.rank, wish.fill(rung), *step, !wish.keeps(candidates[*place][*step + 1]), Reverse(wish.tile), *place)
            });
            let Some((place, step)) = worst else { return };
            let (wish, rung, next) = (&wishes[*place], candidates[*place][*step], candidates[*place][*step + 1]);
            let total = self.spent + wish.rungs[next].bps - wish.rungs[rung].bps;
            if total <= if wish.keeps(next) { limits.keep } else { limits.raise } {
                self.rungs[*place] = Some(next);
                self.spent = total;
                *step += 1;
            } else {
                *step = usize::MAX - 1;
            }
        }
    }

    /// What all would cost if this one had one rung more.
    fn with_one_more(&self, place: usize, wish: &Wish, candidates: &[usize]) -> Option<u64> {
        let has = self.rungs[place];
        let next = candidates.iter().find(|&&rung| has.is_none_or(|has| rung > has))?;
        Some(self.spent + wish.rungs[*next].bps - has.map_or(0, |rung| wish.rungs[rung].bps))
    }
}

#[cfg(test)]
#[path = "allocate_tests.rs"]
mod tests;
