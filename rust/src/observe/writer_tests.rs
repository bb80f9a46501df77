//! Tests of `writer`.

use std::path::{Path, PathBuf};

use super::*;

fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("apigw-log-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn started(target: &AccessLog, directory: &Path) -> (LogWriter, LogSink) {
    let writer = LogWriter::start(target, &StageLogs::Directory { path: directory.to_owned() }).unwrap();
    let sink = writer.sink().unwrap();
    (writer, sink)
}

fn counted(counts: &LineCounts) -> (u64, u64) {
    (counts.written.load(Ordering::Relaxed), counts.dropped.load(Ordering::Relaxed))
}

fn lines(log: &str, text: &str) -> StageLines {
    StageLines { log: log.into(), bytes: text.as_bytes().to_vec(), lines: text.lines().count() as u64 }
}

#[test]
fn pages_arrive_in_order_and_the_file_can_be_moved_away() {
    let directory = directory("reopen");
    let target = AccessLog::File { path: directory.join("access.log") };
    let (writer, sink) = started(&target, &directory);
    assert!(sink.send(b"1\n2\n".to_vec(), 2).is_none());
    writer.flush();
    std::fs::rename(directory.join("access.log"), directory.join("old.log")).unwrap();
    writer.reopen(&target).unwrap();
    assert!(sink.send(b"3\n".to_vec(), 1).is_none());
    writer.flush();
    assert_eq!(std::fs::read(directory.join("old.log")).unwrap(), b"1\n2\n");
    assert_eq!(std::fs::read(directory.join("access.log")).unwrap(), b"3\n");
    assert_eq!(counted(&writer.counts().gateway), (3, 0));
    drop((sink, writer));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_full_disk_loses_lines_and_counts_them() {
    let (writer, sink) = started(&AccessLog::File { path: "/dev/full".into() }, Path::new("/nowhere"));
    sink.send(b"1\n".to_vec(), 1);
    writer.flush();
    assert_eq!(counted(&writer.counts().gateway), (0, 1));
    drop(sink);
}

#[test]
fn logs_of_stages_have_a_file_each_and_can_be_moved_away() {
    let directory = directory("stages");
    let (writer, sink) = started(&AccessLog::Off {}, &directory);
    assert!(!sink.is_on());
    sink.send_stages(vec![lines("us-east-1//aws/pets", "1\n2\n"), lines("eu-west-1/pets", "3\n")]);
    sink.send_stages(vec![lines("eu-west-1/pets", "4\n")]);
    writer.flush();
    let (pets, other) = (directory.join("us-east-1/+aws+pets.log"), directory.join("eu-west-1/pets.log"));
    assert_eq!(std::fs::read(&pets).unwrap(), b"1\n2\n");
    assert_eq!(std::fs::read(&other).unwrap(), b"3\n4\n");
    std::fs::rename(&pets, directory.join("old.log")).unwrap();
    sink.send_stages(vec![lines("us-east-1//aws/pets", "5\n")]);
    writer.flush();
    assert_eq!(std::fs::read(directory.join("old.log")).unwrap(), b"1\n2\n5\n", "it was not reopened yet");
    writer.reopen(&AccessLog::Off {}).unwrap();
    sink.send_stages(vec![lines("us-east-1//aws/pets", "6\n")]);
    writer.flush();
    assert_eq!(std::fs::read(&pets).unwrap(), b"6\n");
    assert_eq!(counted(&writer.counts().stages), (6, 0));
    drop((sink, writer));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_log_that_cannot_be_written_loses_its_lines_until_it_can() {
    let directory = directory("unwritable");
    // A file is in the way of the region's directory.
    std::fs::write(directory.join("us-east-1"), "").unwrap();
    let (writer, sink) = started(&AccessLog::Off {}, &directory);
    sink.send_stages(vec![lines("us-east-1/pets", "1\n2\n"), lines("eu-west-1/pets", "3\n")]);
    writer.flush();
    assert_eq!(counted(&writer.counts().stages), (1, 2));
    std::fs::remove_file(directory.join("us-east-1")).unwrap();
    sink.send_stages(vec![lines("us-east-1/pets", "4\n")]);
    writer.flush();
    assert_eq!(std::fs::read(directory.join("us-east-1/pets.log")).unwrap(), b"4\n");
    drop((sink, writer));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn more_logs_than_may_be_open_are_written_all_the_same() {
    let directory = directory("many");
    let (writer, sink) = started(&AccessLog::Off {}, &directory);
    for round in 0..2 {
        let batch = (0..300).map(|number| lines(&format!("us-east-1/log{number}"), &format!("{round}\n")));
        sink.send_stages(batch.collect());
    }
    writer.flush();
    for number in 0..300 {
        let text = std::fs::read(directory.join(format!("us-east-1/log{number}.log"))).unwrap();
        assert_eq!(text, b"0\n1\n");
    }
    drop((sink, writer));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_full_ring_gives_the_page_back_and_counts() {
    let (sender, receiver) = sync_channel(1);
    let sink = LogSink { sender, is_on: true, counts: Arc::default() };
    assert!(sink.send(b"1\n".to_vec(), 1).is_none());
    assert_eq!(sink.send(b"2\n3\n".to_vec(), 2), Some(b"2\n3\n".to_vec()));
    sink.send_stages(vec![lines("a/b", "4\n5\n"), lines("a/c", "6\n")]);
    assert_eq!((counted(&sink.counts.gateway), counted(&sink.counts.stages)), ((0, 2), (0, 3)));
    drop(receiver);
}
