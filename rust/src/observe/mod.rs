//! What happened: access log lines and metrics, both per core and off the request path, merged when they are read.

mod access_log;
mod histogram;
mod metrics;
mod prometheus;
mod writer;

pub(crate) use access_log::escaped;
pub use access_log::{AccessLogPage, Line, NO_STAGE, stage_members};
pub use histogram::Histogram;
pub use metrics::{CoreMetrics, Counter, Series, SeriesTable};
pub use prometheus::{Totals, render};
pub use writer::{LogCounts, LogSink, LogWriter};
