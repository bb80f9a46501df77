//! Deadlines without timers: one slot a connection, armed by writing a cell; one ticker a core sleeps until the earliest
//! and looks again, so that a deadline which was moved or disarmed costs nothing. An idle gateway sleeps.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::Waker,
};

use slab::Slab;

use super::clock::Micros;

/// No deadline.
pub const NEVER: Micros = Micros::MAX;

/// One connection's deadline and the task to wake.
#[derive(Debug)]
pub struct Slot {
    at: Cell<Micros>,
    waker: RefCell<Option<Waker>>,
    key: Cell<usize>,
}

impl Slot {
    /// When this slot is due.
    #[inline]
    pub fn at(&self) -> Micros {
        self.at.get()
    }

    /// Names the task to wake; once a connection, as a spawned task's waker does not change.
    pub fn set_waker(&self, waker: &Waker) {
        *self.waker.borrow_mut() = Some(waker.clone());
    }

    /// Takes the deadline away.
    #[inline]
    pub fn disarm(&self) {
        self.at.set(NEVER);
    }
}

/// All slots of one core.
#[derive(Debug)]
pub struct Deadlines {
    slots: RefCell<Slab<Rc<Slot>>>,
    /// When the ticker wakes; slots may be due later than they say here, never earlier.
    next: Cell<Micros>,
    ticker: RefCell<Option<Waker>>,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { slots: RefCell::default(), next: Cell::new(NEVER), ticker: RefCell::default() }
    }
}

impl Deadlines {
    /// A new slot, disarmed.
    pub fn slot(&self) -> Rc<Slot> {
        let slot = Rc::new(Slot { at: Cell::new(NEVER), waker: RefCell::default(), key: Cell::new(0) });
        slot.key.set(self.slots.borrow_mut().insert(slot.clone()));
        slot
    }

    /// Gives a slot back.
    pub fn remove(&self, slot: &Slot) {
        self.slots.borrow_mut().try_remove(slot.key.get());
    }

    /// Sets a slot's deadline.
    #[inline]
    pub fn arm(&self, slot: &Slot, at: Micros) {
        slot.at.set(at);
        self.wake_by(at);
    }

    /// Makes sure the ticker is awake at that time.
    #[inline]
    pub fn wake_by(&self, at: Micros) {
        if at < self.next.get() {
            self.next.set(at);
            if let Some(waker) = &*self.ticker.borrow() {
                waker.wake_by_ref();
            }
        }
    }

    /// When the ticker has to wake.
    pub fn next(&self) -> Micros {
        self.next.get()
    }

    /// Names the ticker's task.
    pub fn set_ticker(&self, waker: &Waker) {
        *self.ticker.borrow_mut() = Some(waker.clone());
    }

    /// Wakes what is due and sets `next` to the earliest of the rest. A slot that is due stays so until its task moves it,
    /// but is not woken again.
    pub fn fire(&self, now: Micros) {
        let mut next = NEVER;
        for (_, slot) in &*self.slots.borrow() {
            let at = slot.at.get();
            if at <= now {
                if let Some(waker) = &*slot.waker.borrow() {
                    waker.wake_by_ref();
                }
            } else {
                next = next.min(at);
            }
        }
        self.next.set(next);
    }

    /// Wakes every connection (they look at what changed: draining).
    pub fn wake_all(&self) {
        for (_, slot) in &*self.slots.borrow() {
            if let Some(waker) = &*slot.waker.borrow() {
                waker.wake_by_ref();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::Wake,
    };

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn wakes_what_is_due_and_sleeps_until_the_next() {
        let deadlines = Deadlines::default();
        let (count, ticker) = (Arc::new(Count::default()), Arc::new(Count::default()));
        deadlines.set_ticker(&Waker::from(ticker.clone()));
        let (first, second) = (deadlines.slot(), deadlines.slot());
        first.set_waker(&Waker::from(count.clone()));
        second.set_waker(&Waker::from(count.clone()));
        deadlines.arm(&first, 100);
        assert_eq!((deadlines.next(), ticker.0.load(Ordering::Relaxed)), (100, 1));
        deadlines.arm(&second, 200);
        assert_eq!((deadlines.next(), ticker.0.load(Ordering::Relaxed)), (100, 1), "a later one wakes nobody");
        deadlines.arm(&first, 300);
        deadlines.fire(100);
        assert_eq!((deadlines.next(), count.0.load(Ordering::Relaxed)), (200, 0), "moved: looked at again, not woken");
        deadlines.fire(200);
        assert_eq!((deadlines.next(), count.0.load(Ordering::Relaxed)), (300, 1));
        first.disarm();
        deadlines.remove(&second);
        deadlines.fire(300);
        assert_eq!((deadlines.next(), count.0.load(Ordering::Relaxed)), (NEVER, 1), "nothing armed: the ticker sleeps");
    }
}
