//! The console: every screen as a pure function from what is known to HTML.
//!
//! [`page::Page`] names a screen and reads it from an address, [`render`] draws it from a [`view::View`] for a
//! [`viewer::Viewer`], [`act::Act`] reads what a form asks for and says which commands that is. Nothing here knows a
//! clock, a network, a file or a thread; who serves it mounts [`page::ROUTES`], [`act::ROUTES`] and [`assets::find`].
//!
//! Invariants: every sentence comes from `locales/` by its key; every text from outside is escaped; a merchant sees
//! its own things alone; every page works without a script.

pub mod act;
pub mod assets;
pub mod before;
pub mod beside;
pub mod calendar;
pub mod chronicle;
pub mod connections;
pub mod drilled;
pub mod health;
mod map;
pub mod overview;
pub mod page;
pub mod paper;
mod parts;
pub mod plan;
mod reading;
mod screen;
pub mod sketch;
pub mod undoing;
pub mod view;
pub mod viewer;
pub mod words;

pub use screen::{Alone, Outcome, SignInFailed, Tried, render, render_plain};
