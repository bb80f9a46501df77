//! What requests are served by: immutable, compiled once, shared by all cores.
//! A request never looks at configuration structs.

use std::{sync::Arc, time::Duration};

use super::wire::ResponseTransferMode;
use crate::primitives::path_tree::PathTree;

/// A stage and the deployment it serves.
#[derive(Debug)]
pub struct StagePlan {
    /// `$context.stage`.
    pub stage_name: Box<str>,
    /// The deployment; shared by all stages that serve it.
    pub deployment: Arc<DeploymentPlan>,
}

/// A REST API frozen at one deployment.
#[derive(Debug)]
pub struct DeploymentPlan {
    /// `$context.apiId`.
    pub api_id: Box<str>,
    /// The API's name, for metrics.
    pub api_name: Box<str>,
    /// `$context.deploymentId`.
    pub deployment_id: Box<str>,
    /// `$context.accountId`.
    pub account_id: Box<str>,
    /// The region in the API's host name.
    pub region: Box<str>,
    /// Refuse all requests to the default endpoint.
    pub disable_execute_api_endpoint: bool,
    /// Paths; a path's number is its resource's.
    pub tree: PathTree,
    /// Resources.
    pub resources: Vec<ResourcePlan>,
    /// Methods of all resources.
    pub methods: Vec<MethodPlan>,
}

/// A resource with at least one method.
#[derive(Debug)]
pub struct ResourcePlan {
    /// `$context.resourceId`.
    pub resource_id: Box<str>,
}

/// A method of a resource.
#[derive(Debug)]
pub struct MethodPlan {
    /// `GET`, …, or `ANY`.
    pub http_method: &'static str,
    /// What answers.
    pub integration: IntegrationPlan,
}

impl MethodPlan {
    /// Whether the whole body must be there before the integration is asked.
    pub fn needs_body(&self) -> bool {
        match &self.integration {
            IntegrationPlan::Mock(_) | IntegrationPlan::Http(_) => true,
            IntegrationPlan::HttpProxy(_) => false,
        }
    }
}

/// What answers a request.
#[derive(Debug)]
pub enum IntegrationPlan {
    /// The gateway itself.
    Mock(Box<MockPlan>),
    /// A backend; its answer is mapped.
    Http(Box<HttpPlan>),
    /// A backend; its answer passes.
    HttpProxy(Box<HttpProxyPlan>),
}

/// `MOCK`.
#[derive(Debug)]
pub struct MockPlan {}

/// `HTTP`.
#[derive(Debug)]
pub struct HttpPlan {
    /// To the last byte of the answer.
    pub timeout: Duration,
}

/// `HTTP_PROXY`.
#[derive(Debug)]
pub struct HttpProxyPlan {
    /// To the last byte of the answer.
    pub timeout: Duration,
    /// Whether small answers are held until complete.
    pub response_transfer_mode: ResponseTransferMode,
}
