//! What is done about a disaster: nothing, what the trade does, or what Holdfast does.

mod carried;
mod holdfast;
mod onward;
mod trade;

pub use carried::Carried;
pub use holdfast::{ActLog, Holdfast};
pub use trade::Trade;

use holdfast_app::writer::WriterError;
use holdfast_domain::id::SiteId;
use holdfast_domain::time::Stamp;

use crate::world::{Policy, World};

/// Does nothing and waits: orders go on to the site that is shut, and leave when it is back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wait;

impl Policy for Wait {
    fn moments(&mut self, _: &World) -> Vec<Stamp> {
        Vec::new()
    }
    fn act(&mut self, _: &mut World, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    fn site_closed(&mut self, _: &mut World, _: SiteId, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    fn site_back(&mut self, _: &mut World, _: SiteId, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    fn site_limited(&mut self, _: &mut World, _: SiteId, _: u16, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
    fn lanes_changed(&mut self, _: &mut World, _: usize, _: bool, _: Stamp) -> Result<(), WriterError> {
        Ok(())
    }
}
