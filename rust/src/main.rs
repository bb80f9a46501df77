//! `apigw-engine SNAPSHOT.json`: serves a snapshot file without Python, for tests, profiling and fuzzing.

fn main() {}
