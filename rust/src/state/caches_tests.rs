//! Caches of stages: what is kept, sealed, too large, and what ends with its stage.

use super::*;

fn caching(caches: &Arc<Caches>, stage: &Arc<StageCache>, name: &str, is_encrypted: bool) -> Caching {
    let mut key = Vec::new();
    let generation = stage.begin_key(&mut key);
    key.extend_from_slice(name.as_bytes());
    let _ = caches;
    let key = key.into();
    Caching { key, generation, stage: stage.clone(), ttl_in_seconds: 60, is_encrypted, refreshes: false, lead: None }
}

fn answer(body: &[u8]) -> NewAnswer<'_> {
    NewAnswer { status: 200, has_trace_id: false, coding: None, head: b"HTTP/1.1 200 OK\r\n".to_vec(), body }
}

/// What is there under a name: `None`, or the body.
fn found(stage: &Arc<StageCache>, name: &str, now: u64) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    stage.begin_key(&mut key);
    key.extend_from_slice(name.as_bytes());
    let held = stage.get(&key, now)?;
    let Stored::Answer(answer) = &held.value else { return Some(b"passing".to_vec()) };
    let mut buffer = Vec::new();
    let opened = stage.open(answer, &mut buffer).unwrap();
    assert_eq!(opened.head, b"HTTP/1.1 200 OK\r\n");
    Some(opened.body.to_vec())
}

const SECOND: u64 = 1_000_000;

#[test]
fn s13_answers_are_kept_for_their_time_sealed_or_not() {
    let caches = Arc::<Caches>::default();
    let stage = caches.stage("stage/a/dev", 1 << 30);
    for is_encrypted in [false, true] {
        caching(&caches, &stage, "a", is_encrypted).keep(answer(b"secret words"), 0);
        assert_eq!(found(&stage, "a", 60 * SECOND - 1).unwrap(), b"secret words");
        assert_eq!(found(&stage, "a", 60 * SECOND), None);
        let mut key = Vec::new();
        stage.begin_key(&mut key);
        key.push(b'a');
        let held = stage.get(&key, 0).unwrap();
        let Stored::Answer(kept) = &held.value else { panic!("it is kept") };
        let is_readable = kept.bytes.windows(6).any(|six| six == b"secret");
        assert_eq!(is_readable, !is_encrypted, "what is encrypted cannot be read in memory");
    }
}

#[test]
fn s13_a_stage_seals_with_a_key_of_its_own() {
    let caches = Arc::<Caches>::default();
    let (one, other) = (caches.stage("stage/a/dev", 1 << 30), caches.stage("stage/b/dev", 1 << 30));
    caching(&caches, &one, "a", true).keep(answer(b"secret"), 0);
    let mut key = Vec::new();
    one.begin_key(&mut key);
    key.push(b'a');
    let held = one.get(&key, 0).unwrap();
    let Stored::Answer(kept) = &held.value else { panic!("it is kept") };
    assert!(other.open(kept, &mut Vec::new()).is_none());
    assert!(one.open(kept, &mut Vec::new()).is_some());
}

#[test]
fn s13_an_answer_has_a_mebibyte_at_most_after_encryption() {
    let caches = Arc::<Caches>::default();
    let stage = caches.stage("stage/a/dev", 1 << 30);
    let head = b"HTTP/1.1 200 OK\r\n".len();
    let body = vec![b'x'; LARGEST - head];
    caching(&caches, &stage, "a", false).keep(answer(&body), 0);
    assert_eq!(found(&stage, "a", 0).unwrap().len(), body.len());
    caching(&caches, &stage, "b", true).keep(answer(&body), 0);
    assert_eq!(found(&stage, "b", 0).unwrap(), b"passing");
    caching(&caches, &stage, "c", false).keep(answer(&[body, vec![b'x']].concat()), 0);
    assert_eq!(found(&stage, "c", 0).unwrap(), b"passing");
    assert_eq!(found(&stage, "c", u64::from(LONGEST_PASS) * SECOND), None, "not for long");
}

#[test]
fn s13_a_flush_forgets_all_of_a_stage_and_what_is_on_its_way() {
    let caches = Arc::<Caches>::default();
    let (one, other) = (caches.stage("stage/a/dev", 1 << 30), caches.stage("stage/a/prod", 1 << 30));
    caching(&caches, &one, "a", false).keep(answer(b"a"), 0);
    caching(&caches, &other, "a", false).keep(answer(b"b"), 0);
    let on_its_way = caching(&caches, &one, "late", false);
    caches.flush("stage/a/dev");
    on_its_way.keep(answer(b"late"), 0);
    assert_eq!((found(&one, "a", 0), found(&one, "late", 0)), (None, None));
    assert_eq!(found(&other, "a", 0).unwrap(), b"b");
    caches.flush("stage/a/nothing");
}

#[test]
fn s13_a_stage_keeps_its_cache_until_its_size_changes_or_it_ends() {
    let caches = Arc::<Caches>::default();
    let stage = caches.stage("stage/a/dev", 1 << 30);
    caching(&caches, &stage, "a", false).keep(answer(b"a"), 0);
    let again = caches.stage("stage/a/dev", 1 << 30);
    drop(stage);
    assert_eq!(found(&again, "a", 0).unwrap(), b"a", "the next plan finds it");
    let larger = caches.stage("stage/a/dev", 2 << 30);
    assert_eq!(found(&larger, "a", 0), None, "a change of size drops all data");
    assert_eq!(caches.taken().1, 1);
    drop(again);
    assert_eq!(caches.taken(), (0, 0), "its memory is free when no plan uses it");
}

#[test]
fn what_is_kept_or_passes_lets_those_go_on_who_wait() {
    let caches = Arc::<Caches>::default();
    let stage = caches.stage("stage/a/dev", 1 << 30);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for passes in [true, false] {
        let mut leading = caching(&caches, &stage, "a", false);
        leading.lead = runtime.block_on(caches.flights().board(leading.key.clone()));
        assert!(leading.lead.is_some());
        if passes {
            leading.pass(0);
        } else {
            leading.keep(answer(b"a"), 0);
        }
        assert!(caches.flights().is_empty());
    }
}
