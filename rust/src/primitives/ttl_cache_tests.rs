//! Values that end, leave and are forgotten; bounds that hold.

use super::*;

fn key(room: &Room, name: &str) -> (Arc<[u8]>, u32) {
    let mut key = Vec::new();
    let generation = room.begin_key(&mut key);
    key.extend_from_slice(name.as_bytes());
    (key.into(), generation)
}

fn put(cache: &TtlCache<u32>, room: &Room, name: &str, value: u32, size: usize) -> bool {
    let (key, generation) = key(room, name);
    cache.put(room, Entry { key, generation, value, size, expires: 1_000 })
}

fn get(cache: &TtlCache<u32>, room: &Room, name: &str) -> Option<u32> {
    cache.get(&key(room, name).0, 999).map(|held| held.value)
}

#[test]
fn a_value_is_there_until_its_time() {
    let (cache, room) = (TtlCache::new(1 << 20), Room::new(1 << 20));
    assert!(put(&cache, &room, "a", 1, 100));
    assert_eq!(get(&cache, &room, "a"), Some(1));
    assert!(cache.get(&key(&room, "a").0, 1_000).is_none(), "it ends with its last moment");
    assert!(put(&cache, &room, "a", 2, 100));
    assert_eq!(get(&cache, &room, "a"), Some(2));
    assert_eq!(room.taken().1, 1, "the old one is gone");
    cache.forget(&key(&room, "a").0);
    assert_eq!((get(&cache, &room, "a"), room.taken()), (None, (0, 0)));
}

#[test]
fn rooms_do_not_see_each_others_values() {
    let cache = TtlCache::new(1 << 20);
    let (one, other) = (Room::new(1 << 20), Room::new(1 << 20));
    put(&cache, &one, "a", 1, 0);
    assert_eq!(get(&cache, &other, "a"), None);
    put(&cache, &other, "a", 2, 0);
    cache.clear(&one);
    assert_eq!((get(&cache, &one, "a"), get(&cache, &other, "a")), (None, Some(2)));
    assert_eq!((one.taken(), cache.taken().1), ((0, 0), 1), "its memory is free at once");
}

#[test]
fn what_was_asked_for_before_a_room_was_cleared_does_not_come_in() {
    let (cache, room) = (TtlCache::new(1 << 20), Room::new(1 << 20));
    let (old, generation) = key(&room, "a");
    cache.clear(&room);
    assert!(!cache.put(&room, Entry { key: old, generation, value: 1, size: 10, expires: 1_000 }));
    assert_eq!((get(&cache, &room, "a"), cache.taken()), (None, (0, 0)));
}

#[test]
fn a_room_keeps_within_its_limit_and_keeps_what_is_used() {
    let (cache, room) = (TtlCache::new(64 << 20), Room::new(100 * 1024));
    for number in 0..1000 {
        assert!(put(&cache, &room, &number.to_string(), number, 800));
        assert!(room.taken().0 <= 100 * 1024, "{number}");
        assert_eq!(get(&cache, &room, "0"), Some(0), "it is used all the time: {number}");
    }
    assert_eq!(get(&cache, &room, "999"), Some(999));
    assert_eq!(get(&cache, &room, "500"), None);
    assert!(room.taken().0 > 80 * 1024, "the room is made use of");
    assert!(!put(&cache, &room, "large", 1, 101 * 1024), "what is larger than the room has no place");
    assert_eq!(get(&cache, &room, "999"), Some(999), "and moves nothing out");
}

#[test]
fn all_rooms_share_one_bound() {
    let cache = TtlCache::new(1 << 20);
    let rooms: Vec<Room> = (0..10).map(|_| Room::new(1 << 30)).collect();
    for number in 0..10_000 {
        put(&cache, &rooms[number % 10], &number.to_string(), 0, 800);
        assert!(cache.taken().0 <= 1 << 20);
    }
    let taken: u64 = rooms.iter().map(|room| room.taken().0).sum();
    assert_eq!(taken, cache.taken().0, "rooms know what left");
    for room in &rooms {
        let inside = room.inside();
        assert!(inside.length <= 2 * inside.count.load(Ordering::Relaxed) as usize + 200, "{}", inside.length);
    }
}

#[test]
fn a_value_that_is_replaced_again_and_again_leaves_nothing_behind() {
    let (cache, room) = (TtlCache::new(1 << 20), Room::new(1 << 20));
    for number in 0..10_000 {
        put(&cache, &room, "a", number, 100);
        put(&cache, &room, "b", number, 100);
    }
    assert_eq!(room.taken().1, 2);
    assert!(room.inside().length < 200, "{}", room.inside().length);
}

#[test]
fn a_value_in_use_is_paid_for_until_it_is_dropped() {
    let (cache, room) = (TtlCache::new(1 << 20), Room::new(1 << 20));
    put(&cache, &room, "a", 1, 5000);
    let held = cache.get(&key(&room, "a").0, 0).unwrap();
    cache.forget(&key(&room, "a").0);
    assert!(room.taken().0 > 5000);
    drop(held);
    assert_eq!(room.taken(), (0, 0));
}

#[test]
fn the_smallest_values_fill_the_table_and_it_never_grows() {
    let (cache, room) = (TtlCache::new(8 << 20), Room::new(u64::MAX));
    let before = cache.table.memory_used().map;
    for number in 0..100_000 {
        put(&cache, &room, &number.to_string(), 0, 0);
    }
    assert_eq!(before, cache.table.memory_used().map);
    assert!(cache.taken().1 > 15_000);
}

#[test]
fn sizes_are_those_of_the_allocator() {
    for (bytes, taken) in [
        (1, 16),
        (16, 16),
        (17, 32),
        (200, 208),
        (257, 288),
        (1000, 1024),
        (1025, 1152),
        (65_536, 65_536),
        (65_537, 73_728),
    ] {
        assert_eq!(allocated(bytes), taken, "{bytes}");
    }
}

#[test]
fn threads_share_it() {
    let (cache, room) = (TtlCache::new(2 << 20), Room::new(1 << 20));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (cache, room) = (&cache, &room);
            scope.spawn(move || {
                for number in 0..5_000_u32 {
                    let name = (number % 3_000).to_string();
                    if let Some(value) = get(cache, room, &name) {
                        assert_eq!(value, number % 3_000);
                    } else {
                        put(cache, room, &name, number % 3_000, 700);
                    }
                    if thread == 0 && number % 1_000 == 0 {
                        cache.clear(room);
                    }
                }
            });
        }
    });
    assert_eq!(room.taken().0, cache.taken().0);
    cache.clear(&room);
    assert_eq!((room.taken(), cache.taken()), ((0, 0), (0, 0)));
}
