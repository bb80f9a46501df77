//! Pooled places for the futures of requests: a request's state machine is a kilobyte or two, and an idle connection should
//! not carry room for one. A place is allocated once and used by one request after the other.

use std::{
    any::Any,
    cell::RefCell,
    pin::Pin,
    task::{Context, Poll},
};

/// Places kept for reuse.
const KEPT: usize = 512;

type Place<F> = Pin<Box<Option<F>>>;

/// One core's free places. There is one type of future in them; its name is known to nobody, hence `Any`.
#[derive(Debug, Default)]
pub struct Places {
    free: RefCell<Option<Box<dyn Any>>>,
}

impl Places {
    /// Puts a future into a place; the place stays with what is returned until `give_back`. The future is made in its place:
    /// it is large, and what it begins with is small.
    #[inline]
    pub fn put<F: Future + 'static>(&self, make: impl FnOnce() -> F) -> Placed<F> {
        let mut free = self.free.borrow_mut();
        let free = free.as_mut().and_then(|free| free.downcast_mut::<Vec<Place<F>>>());
        let mut place = free.and_then(Vec::pop).unwrap_or_else(|| Box::pin(None));
        place.as_mut().set(Some(make()));
        Placed { place }
    }

    /// Takes the place of a future back that has ended.
    pub fn give_back<F: Future + 'static>(&self, placed: Placed<F>) {
        let mut place = placed.place;
        place.as_mut().set(None);
        let mut free = self.free.borrow_mut();
        let free = free.get_or_insert_with(|| Box::new(Vec::<Place<F>>::new()));
        if let Some(free) = free.downcast_mut::<Vec<Place<F>>>()
            && free.len() < KEPT
        {
            free.push(place);
        }
    }
}

/// A future in its place: a pointer.
#[derive(Debug)]
pub struct Placed<F> {
    place: Place<F>,
}

impl<F: Future> Future for Placed<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        match self.place.as_mut().as_pin_mut() {
            Some(future) => future.poll(context),
            // Only `give_back` empties a place, and it takes the whole of it.
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
#[allow(clippy::large_types_passed_by_value, clippy::similar_names, reason = "large is what is tested")]
mod tests {
    use std::task::Waker;

    use super::*;

    async fn number(value: u32) -> u32 {
        let room = [1_u8; 200];
        std::future::ready(()).await;
        value + u32::from(room[0])
    }

    #[test]
    fn a_place_is_used_again() {
        let places = Places::default();
        let mut address = None;
        for value in 0..3 {
            let mut future = places.put(|| number(value));
            let here: *const () = (&raw const *future.place).cast();
            assert_eq!(*address.get_or_insert(here), here);
            let mut context = Context::from_waker(Waker::noop());
            assert_eq!(Pin::new(&mut future).poll(&mut context), Poll::Ready(value + 1));
            assert!(size_of_val(&future) <= size_of::<usize>());
            places.give_back(future);
        }
    }
}
