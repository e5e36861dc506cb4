//! The macro that declares a row type and its file at once.
//!
//! One declaration gives the struct, its constructor, its columns (name, type, whether required, example,
//! meaning), its reader and its writer. They cannot drift apart, because there is only one of them.

/// Declares a row of the book: `Name in "file.csv", about "...", key(fields)`, then `required` columns
/// (`name: Type = "example"`), then `optional` ones (`name: Type = default => "example"`). A default may use
/// the required columns by name.
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        $name:ident in $file:literal, key($($key:ident),+),
        required { $($(#[doc = $rdoc:literal])+ $req:ident: $rty:ty = $rex:literal,)* }
        optional { $($(#[doc = $odoc:literal])+ $opt:ident: $oty:ty = $default:expr => $oex:literal,)* }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $($(#[doc = $rdoc])+ pub $req: $rty,)*
            $($(#[doc = $odoc])+ pub $opt: $oty,)*
        }

        impl $name {
            /// The row with its required columns given and every optional one at its default.
            #[must_use]
            #[allow(clippy::too_many_arguments, clippy::redundant_locals, reason = "one argument a required column")]
            pub fn new($($req: $rty),*) -> Self {
                $(let $opt: $oty = $default;)*
                Self { $($req,)* $($opt,)* }
            }
        }

        impl $crate::row::Row for $name {
            const FILE: $crate::row::FileSpec = $crate::row::FileSpec {
                name: $file,
                about: concat!($($about),+),
                key: &[$(stringify!($key)),+],
                columns: &[
                    $($crate::row::Column {
                        name: stringify!($req),
                        required: true,
                        kind: <$rty as $crate::cell::Cell>::KIND,
                        several: <$rty as $crate::cell::Cell>::SEVERAL,
                        example: $rex,
                        default: "",
                        about: concat!($($rdoc),+),
                    },)*
                    $($crate::row::Column {
                        name: stringify!($opt),
                        required: false,
                        kind: <$oty as $crate::cell::Cell>::KIND,
                        several: <$oty as $crate::cell::Cell>::SEVERAL,
                        example: $oex,
                        default: stringify!($default),
                        about: concat!($($odoc),+),
                    },)*
                ],
            };

            fn read(cells: &mut $crate::row::Cells<'_>) -> Option<Self> {
                $(let $req: Option<$rty> = cells.required(stringify!($req));)*
                $(let $opt: Option<$oty> = cells.optional(stringify!($opt));)*
                #[allow(unused_mut, reason = "a table may have no optional column")]
                let mut row = Self::new($($req?),*);
                $(if let Some(value) = $opt { row.$opt = value; })*
                Some(row)
            }

            fn write(&self) -> Vec<String> {
                vec![
                    $($crate::cell::Cell::show(&self.$req),)*
                    $($crate::cell::Cell::show(&self.$opt),)*
                ]
            }

            fn key(&self) -> String {
                let parts = [$($crate::cell::Cell::show(&self.$key)),+];
                parts.join("\u{1f}")
            }
        }
    };
}

pub(crate) use table;
