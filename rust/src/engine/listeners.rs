//! The addresses that an engine listens on: every one is bound once, and again for each core that has sockets of its own.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
};

use serde::Serialize;

use super::StartError;
use crate::{
    accept::{self, Role},
    config::Config,
};

/// Where a started engine listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// Deployed APIs.
    pub listen: Vec<SocketAddr>,
    /// Deployed APIs, over HTTPS.
    pub listen_tls: Vec<SocketAddr>,
    /// Management.
    pub admin_listen: Vec<SocketAddr>,
}

/// Sockets that listen.
pub(super) type Listeners = Vec<(Role, SocketAddr, StdListener)>;

/// Binds every address once; an address in both lists serves both.
pub(super) fn bind_all(config: &Config) -> Result<(Bound, Listeners), StartError> {
    let mut bound = Bound { listen: Vec::new(), listen_tls: Vec::new(), admin_listen: Vec::new() };
    let mut listeners = Listeners::new();
    let silent = config.defer_accept_seconds;
    for address in &config.listen {
        // Port 0 takes a free one each time it is asked for, so that two such addresses are never the same.
        let both = address.port() != 0 && config.admin_listen.contains(address);
        let role = if both { Role::Both } else { Role::Invoke };
        let (listening, socket) = accept::bind(*address, role, silent)?;
        bound.listen.push(listening.address);
        if both {
            bound.admin_listen.push(listening.address);
        }
        listeners.push((role, listening.address, socket));
    }
    for address in config.admin_listen.iter().filter(|address| address.port() == 0 || !config.listen.contains(address))
    {
        let (listening, socket) = accept::bind(*address, Role::Admin, silent)?;
        bound.admin_listen.push(listening.address);
        listeners.push((Role::Admin, listening.address, socket));
    }
    for address in &config.listen_tls {
        let (listening, socket) = accept::bind(*address, Role::InvokeTls, silent)?;
        bound.listen_tls.push(listening.address);
        listeners.push((Role::InvokeTls, listening.address, socket));
    }
    Ok((bound, listeners))
}

/// The same addresses once more, for another core.
pub(super) fn more(listeners: &Listeners, silent: u32) -> io::Result<Listeners> {
    listeners.iter().map(|(role, address, _)| Ok((*role, *address, accept::share(*address, silent)?))).collect()
}
