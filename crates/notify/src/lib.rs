//! Renders and sends what customers and partners are told
