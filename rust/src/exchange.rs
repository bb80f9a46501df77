//! The per-request record: data, no sockets. Phases read and write it; `pipeline.rs` says in which order.
//!
//! It is pooled: `reset` clears it for the next request and keeps its buffers.

use std::{
    cell::OnceCell,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use crate::{
    accept::tls::Negotiated,
    fault::Fault,
    http1::{RequestHead, Span},
    integration::{body_values::BodyValues, forwarded::Forwarded, transform::Overrides},
    observe::DataTrace,
    primitives::{content_coding::Coding, header_names::HeaderName},
    snapshot::{
        plan::{DeploymentPlan, MethodPlan, ResourcePlan, Verb},
        served::CorePlan,
    },
};

/// One request and what is known of it so far.
#[derive(Debug)]
pub struct Exchange {
    /// The bytes the request head was read into (and what followed it).
    pub input: Vec<u8>,
    /// The request head; its spans point into `input`.
    pub head: RequestHead,
    /// The addressed stage, set by `accept::address`: the request finishes on the plan it started with.
    pub stage: Option<CorePlan>,
    /// The resource of the match: index into the deployment's resources; `NO_MATCH` before it is known.
    pub resource: u32,
    /// The method of the match: index into the deployment's methods; `NO_MATCH` before it is known.
    pub method: u32,
    /// The effective verb's bytes: in `input`, from the request line or `X-HTTP-Method-Override`.
    pub verb: Span,
    /// The raw path below the stage, without the query: `$context.path` is `/`, the stage's name and this.
    pub path: Span,
    /// The path below the stage as matched: leading slashes collapsed to one, trailing ones cut.
    pub resource_path: Span,
    /// The raw query string after `?`, empty when there is none.
    pub query: Span,
    /// Values of path variables in the order of the resource's path; spans into `input`.
    pub path_parameters: Vec<Span>,
    /// `$context.requestId`: a UUID v4.
    pub request_id: [u8; 36],
    /// `$context.extendedRequestId`: 15 base64 characters and `=`.
    pub extended_request_id: [u8; 16],
    /// The client's address (TCP peer).
    pub peer: SocketAddr,
    /// What is said of the client, as text: that of `peer`, once `accept` prepared it.
    pub forwarded: Forwarded,
    /// The port the client connected to, for `X-Forwarded-Port`.
    pub local_port: u16,
    /// Whether the client spoke TLS to us.
    pub is_secure: bool,
    /// What TLS agreed on.
    pub tls: Option<Negotiated>,
    /// Wall clock at arrival, since the epoch.
    pub arrived: Duration,
    /// Status sent to the client; 0 before it is known.
    pub status: u16,
    /// The backend's status; 0 when none was asked or none answered.
    pub integration_status: u16,
    /// Bytes of body sent to the client.
    pub response_length: u64,
    /// The coding that the gateway put an answer's body in.
    pub packed: Option<Coding>,
    /// Milliseconds the backend took; meaningful with `integration_status`.
    pub integration_latency: u32,
    /// Whether the client is told that its `Cache-Control` was ignored.
    pub warns_of_cache_control: bool,
    /// What only some integrations ask for.
    pub rare: OnceCell<Box<Rare>>,
    /// Why the gateway itself answered.
    pub fault: Option<Fault>,
    /// What its messages are, where the execution log shows them.
    pub data_trace: Option<Box<DataTrace>>,
}

/// What templates and body expressions leave for the phases that follow: kept together, so that other requests pay for one.
#[derive(Debug, Default)]
pub struct Rare {
    /// What templates wrote to the overrides; nothing before one was rendered.
    pub overrides: OnceCell<Overrides>,
    /// What mapping has read of the client's body.
    pub body_values: OnceCell<BodyValues>,
}

/// `resource` and `method` before `inbound::route` found them.
pub const NO_MATCH: u32 = u32::MAX;

impl Default for Exchange {
    fn default() -> Self {
        Self {
            input: Vec::new(),
            head: RequestHead::default(),
            stage: None,
            resource: NO_MATCH,
            method: NO_MATCH,
            verb: Span::default(),
            path: Span::default(),
            resource_path: Span::default(),
            query: Span::default(),
            path_parameters: Vec::new(),
            request_id: [b'0'; 36],
            extended_request_id: [b'0'; 16],
            peer: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            forwarded: Forwarded::default(),
            local_port: 0,
            is_secure: false,
            tls: None,
            arrived: Duration::ZERO,
            status: 0,
            integration_status: 0,
            response_length: 0,
            packed: None,
            rare: OnceCell::new(),
            integration_latency: 0,
            warns_of_cache_control: false,
            fault: None,
            data_trace: None,
        }
    }
}

impl Exchange {
    /// Forgets the request and keeps the buffers; `input` is left to the caller, who may have read ahead.
    pub fn reset(&mut self) {
        self.head.clear();
        self.stage = None;
        self.resource = NO_MATCH;
        self.method = NO_MATCH;
        self.verb = Span::default();
        self.path = Span::default();
        self.resource_path = Span::default();
        self.query = Span::default();
        self.path_parameters.clear();
        self.status = 0;
        self.integration_status = 0;
        self.response_length = 0;
        self.packed = None;
        self.rare.take();
        self.integration_latency = 0;
        self.warns_of_cache_control = false;
        self.fault = None;
        self.data_trace = None;
    }

    /// The deployment this request is served by, once addressed.
    #[inline]
    pub fn deployment(&self) -> Option<&DeploymentPlan> {
        self.stage.as_deref().map(|stage| &*stage.deployment)
    }

    /// The matched method's plan, once routed.
    #[inline]
    pub fn method_plan(&self) -> Option<&MethodPlan> {
        self.deployment()?.methods.get(self.method as usize)
    }

    /// The matched resource's plan, once routed.
    #[inline]
    pub fn resource_plan(&self) -> Option<&ResourcePlan> {
        self.deployment()?.resources.get(self.resource as usize)
    }

    /// What templates wrote to the overrides, once one was rendered.
    #[inline]
    pub fn overrides(&self) -> Option<&Overrides> {
        self.rare.get()?.overrides.get()
    }

    /// What mapping has read of the client's body, by number.
    #[inline]
    pub fn body_values(&self) -> Option<&BodyValues> {
        self.rare.get()?.body_values.get()
    }

    /// The value of a known header, the last one when there are several.
    #[inline]
    pub fn header(&self, id: HeaderName) -> Option<&[u8]> {
        if !self.head.may_have(id) {
            return None;
        }
        self.head.fields.iter().rev().find(|field| field.id == id).map(|field| field.value.of(&self.input))
    }

    /// The verb the request is treated with; `None` before `inbound::route` and for unknown methods.
    #[inline]
    pub fn known_verb(&self) -> Option<Verb> {
        Verb::parse(self.verb.of(&self.input))
    }

    /// Whether the answer may have no body because the client's request line says `HEAD`.
    #[inline]
    pub fn is_head(&self) -> bool {
        self.head.method.of(&self.input) == b"HEAD"
    }
}
