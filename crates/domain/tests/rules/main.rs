//! The rules as a whole: what an order lives through, every rejection, and random commands by the thousand.

mod life;
mod random;
mod rejections;
mod script;
mod world;
