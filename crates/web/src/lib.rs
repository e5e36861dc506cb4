//! HTTP API, webhooks, console and sign-in
