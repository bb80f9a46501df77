//! What happened: log lines and metrics, both per core and off the request path, merged when they are read.

mod budgets;
mod carriers;
pub(crate) mod data_trace;
mod escape;
mod execution_log;
mod files;
mod histogram;
mod line;
mod logs;
mod metrics;
mod page;
mod prometheus;
mod room;
mod variable;
mod writer;

pub use budgets::budgets;
pub use data_trace::DataTrace;
pub(crate) use escape::escaped;
pub(crate) use execution_log::of_test;
pub use histogram::Histogram;
pub use line::LineFormat;
pub use logs::{Logs, StageLog};
pub use metrics::{CoreMetrics, Counter, Outcome, Series, SeriesName, SeriesTable};
pub use prometheus::{Exposition, Totals, render};
pub use variable::{Completed, StageConstants};
pub use writer::{LineCounts, LogCounts, LogSink, LogWriter, StageLines};
