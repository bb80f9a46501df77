//! What a node may take, beside what it takes: the bounds that hold however its clients behave, and the process's memory as
//! the system sees it (Linux; elsewhere it is left out).

use std::fmt::Write;

use crate::config::{CacheConfig, Limits};

/// The lines of `/metrics` for bounds and for the process.
pub fn budgets(limits: &Limits, cache: &CacheConfig) -> String {
    let mut out = String::with_capacity(1024);
    let mut line = |name: &str, kind: &str, help: &str, value: &dyn std::fmt::Display| {
        let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
    };
    line("apigw_connections_limit", "gauge", "Client connections that may be open.", &limits.connections);
    line("apigw_buffered_bytes_limit", "gauge", "Bytes that may be buffered for bodies.", &limits.buffered_bytes);
    line("apigw_cache_bytes_limit", "gauge", "Bytes that cached answers may take.", &cache.memory);
    if let Some(bytes) = std::fs::read_to_string("/proc/self/status").ok().as_deref().and_then(resident) {
        line("process_resident_memory_bytes", "gauge", "Memory of the process.", &bytes);
    }
    out
}

/// Bytes, from the line `VmRSS:  1234 kB`.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_its_line() {
        assert_eq!(resident("VmPeak:\t 99 kB\nVmRSS:\t    1234 kB\nThreads: 1\n"), Some(1234 * 1024));
        for bad in ["", "VmRSS: 12", "VmRSS: x kB"] {
            assert_eq!(resident(bad), None, "{bad}");
        }
    }
}
