//! Shapes and signs: small drawings that stand beside words, never alone.

use maud::{Markup, html};

/// The shape of a state, told apart without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Dot,
    Triangle,
    Square,
    Diamond,
    Ring,
}

/// A shape.
pub(crate) fn shape(shape: Shape) -> Markup {
    html! {
        svg class="shape" viewBox="0 0 10 10" aria-hidden="true" {
            @match shape {
                Shape::Dot => circle cx="5" cy="5" r="4" {},
                Shape::Triangle => path d="M5 .8 9.6 9.2H.4z" {},
                Shape::Square => rect x="1.2" y="1.2" width="7.6" height="7.6" {},
                Shape::Diamond => path d="M5 .3 9.7 5 5 9.7.3 5z" {},
                Shape::Ring => circle class="hollow" cx="5" cy="5" r="3.4" {},
            }
        }
    }
}

/// The sign of a screen in the menu.
pub(crate) fn sign(name: &str) -> Markup {
    let path = match name {
        "now" => "M3 12h4l2.5-6 4 12 2.5-6h5",
        "orders" => "M4 7l8-4 8 4v10l-8 4-8-4zM4 7l8 4 8-4M12 11v10",
        "stock" => "M3 21V9l9-5 9 5v12M7 21v-8h10v8M7 17h10",
        "sites" => {
            "M12 21s-7-6.2-7-11a7 7 0 0 1 14 0c0 4.800-7 11-7 11zM12 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5"
        }
        "incidents" => "M12 3 22 20H2zM12 9.500v5M12 17.200v.3",
        "before" => "M4 20V4M4 20h16M8 16l3.500-4.500 3 2.500L20 7",
        "statistics" => "M5 20v-7M10 20V9M15 20v-9M20 20V4",
        "support" => "M4 13a8 8 0 0 1 16 0v5h-4v-6h4M4 18h4v-6H4zM20 18c0 2-2 3-6 3",
        "notices" => "M3 6h18v13H3zM3 7l9 7 9-7",
        "people" => {
            "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M2.500 20c0-3.600 3-6 6.500-6s6.500 2.400 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2.200.8 3.500 2.800 3.500 5.500"
        }
        "settings" => {
            "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5"
        }
        "audit" => "M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h7",
        "drills" => "M12 21a9 9 0 1 0-9-9M3 5v7h7M12 8v5l3.500 2",
        "connections" => {
            "M9 15l6-6M8 11l-2.500 2.500a3.500 3.500 0 0 0 5 5L13 16M16 13l2.500-2.500a3.500 3.500 0 0 0-5-5L11 8"
        }
        "shipments" => {
            "M2 6h12v11H2zM14 10h4l4 4v3h-8M6.500 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4M17.500 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4"
        }
        "menu" => "M4 7h16M4 12h16M4 17h16",
        _ => "M5 5l14 14M19 5 5 19",
    };
    html! { svg class="sign" viewBox="0 0 24 24" aria-hidden="true" { path d=(path) {} } }
}
