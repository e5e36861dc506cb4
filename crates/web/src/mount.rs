//! The list of routes: each with its policy, its handler and its place in the API's description.

use axum::Router;
use axum::http::Method;
use axum::routing::MethodRouter;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::app::App;
use crate::guard;
use crate::policy::Policy;
use crate::problem::Problem;

/// A route as the tests see it.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its methods.
    pub methods: Vec<Method>,
    /// Its path, with `{names}`.
    pub path: String,
    /// Who may use it.
    pub policy: Policy,
}

/// Routes, gathered from everywhere; made a router once.
#[derive(Default)]
pub struct Mount {
    routes: Vec<(Route, MethodRouter<App>)>,
    described: OpenApiRouter<App>,
}

impl Mount {
    /// A route of the API with its description.
    #[must_use]
    pub fn api(mut self, policy: Policy, routes: UtoipaMethodRouter<App>) -> Self {
        let (schemas, paths, router) = routes;
        for (path, item) in &paths.paths {
            let methods = [
                (Method::GET, item.get.is_some()),
                (Method::PUT, item.put.is_some()),
                (Method::POST, item.post.is_some()),
                (Method::DELETE, item.delete.is_some()),
                (Method::PATCH, item.patch.is_some()),
            ];
            let methods = methods.into_iter().filter(|(_, there)| *there).map(|(method, _)| method).collect();
            self.routes.push((Route { methods, path: path.clone(), policy }, router.clone()));
        }
        // The description goes through a router of its own: what is served is built below, behind its guard.
        self.described = self.described.routes((schemas, paths, router));
        self
    }

    /// A page, or anything else that is not part of the API's description.
    #[must_use]
    pub fn page(mut self, policy: Policy, method: Method, path: &str, router: MethodRouter<App>) -> Self {
        self.routes.push((Route { methods: vec![method], path: path.to_owned(), policy }, router));
        self
    }

    /// All of `other` as well.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self.described = self.described.merge(other.described);
        self
    }

    /// Every route.
    #[must_use]
    pub fn list(&self) -> Vec<Route> {
        self.routes.iter().map(|(route, _)| route.clone()).collect()
    }

    /// The router, every route behind its guard, and the API's description.
    #[must_use]
    pub fn build(self, app: &App) -> (Router, OpenApi) {
        let mut router = Router::new();
        for (route, handler) in self.routes {
            let state = guard::Guarded { app: app.clone(), policy: route.policy };
            let handler = handler.layer(axum::middleware::from_fn_with_state(state, guard::guard));
            router = router.route(&route.path, handler);
        }
        let router = router.fallback(|| async { Problem::not_found("address") });
        let (_, api) = self.described.split_for_parts();
        (router.with_state(app.clone()), api)
    }
}
