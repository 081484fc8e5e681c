//! The three ways to declare an element: a table, one of several tables, one of several words.

/// Declares a struct that reads itself from a table. A field with a default may be left out; each
/// field's comment is what editors show. Keys that were there in earlier versions follow as `former`,
/// with what is to be done instead.
#[macro_export]
macro_rules! element {
    (
        $(#[$meta:meta])*
        pub struct $element:ident {
            $(
                $(#[doc = $doc:literal])*
                $field:ident : $type:ty $(= $default:expr)?
            ),* $(,)?
        }
        $(former { $($was:literal = $remedy:literal),+ $(,)? })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $element {
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        impl $crate::config::Element for $element {
            fn read(
                node: &$crate::config::Node,
                path: &$crate::config::Path<'_>,
                problems: &mut $crate::config::Problems,
            ) -> Option<Self> {
                let fields = $crate::config::Fields::open(
                    node, path, problems, &[$(stringify!($field)),*],
                    &[$($(($was, $remedy)),+)?],
                )?;
                let _ = &fields; // A table may have no keys.
                $(let $field: Option<$type> =
                    $crate::element!(@read fields, $field, problems $(, $default)?);)*
                Some(Self { $($field: $field?,)* })
            }
            fn shape() -> $crate::config::Shape {
                $crate::config::Shape::Table($crate::macro_vec![$(
                    $crate::config::Field {
                        key: stringify!($field),
                        doc: $crate::config_doc!($($doc)*),
                        default: $crate::element!(@default $type $(, $default)?),
                        shape: <$type as $crate::config::Element>::shape(),
                    }
                ),*])
            }
            fn write(&self) -> $crate::config::Value {
                $crate::config::Value::table([$((
                    $crate::macro_text(stringify!($field)),
                    $crate::config::Element::write(&self.$field),
                )),*])
            }
        }
    };
    (@read $fields:ident, $field:ident, $problems:ident) => {
        $fields.required(stringify!($field), $problems)
    };
    (@read $fields:ident, $field:ident, $problems:ident, $default:expr) => {
        $fields.optional(stringify!($field), $problems, || $default)
    };
    (@default $type:ty) => { None };
    (@default $type:ty, $default:expr) => {
        Some(<$type as $crate::config::Element>::write(&$default))
    };
}

/// Declares an enum that reads itself from a table by its `kind`.
#[macro_export]
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $choice:ident {
            $(
                $(#[doc = $doc:literal])*
                $variant:ident($inner:ty) = $word:literal
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $choice {
            $($(#[doc = $doc])* $variant($inner),)+
        }

        impl $crate::config::Element for $choice {
            fn read(
                node: &$crate::config::Node,
                path: &$crate::config::Path<'_>,
                problems: &mut $crate::config::Problems,
            ) -> Option<Self> {
                $crate::config::choose(node, path, problems, &[
                    $(($word, |node, path, problems| {
                        <$inner as $crate::config::Element>::read(node, path, problems)
                            .map(Self::$variant)
                    }),)+
                ])
            }
            fn shape() -> $crate::config::Shape {
                $crate::config::Shape::Choice($crate::macro_vec![$(
                    $crate::config::Variant {
                        word: $word,
                        doc: $crate::config_doc!($($doc)*),
                        shape: <$inner as $crate::config::Element>::shape(),
                    }
                ),+])
            }
            fn write(&self) -> $crate::config::Value {
                let (word, inner) = match self {
                    $(Self::$variant(inner) =>
                        ($word, $crate::config::Element::write(inner)),)+
                };
                $crate::config::Value::of_kind(word, inner)
            }
        }
    };
}

/// Declares an enum of words.
#[macro_export]
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $words:ident {
            $(
                $(#[doc = $doc:literal])*
                $variant:ident = $word:literal
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum $words {
            $($(#[doc = $doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $words {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it in files and tables.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl core::fmt::Display for $words {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.word())
            }
        }

        impl $crate::config::Element for $words {
            fn read(
                node: &$crate::config::Node,
                path: &$crate::config::Path<'_>,
                problems: &mut $crate::config::Problems,
            ) -> Option<Self> {
                $crate::macro_word(node, path, problems, &[$(($word, Self::$variant)),+])
            }
            fn shape() -> $crate::config::Shape {
                $crate::config::Shape::Words($crate::macro_vec![$(
                    ($word, concat!($($doc),*).trim_ascii())
                ),+])
            }
            fn write(&self) -> $crate::config::Value {
                $crate::config::Value::Text($crate::macro_text(self.word()))
            }
        }
    };
}

/// Joins the lines of a comment.
#[doc(hidden)]
#[macro_export]
macro_rules! config_doc {
    ($($doc:literal)*) => { $crate::macro_doc(&[$($doc),*]) };
}

#[doc(hidden)]
pub mod support {
    use crate::config::renamed::renamed;
    use crate::config::{Element, Entry, Node, Path, Problems, Value, nearest};
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    pub use alloc::vec as macro_vec;

    /// Text of a literal, for macros used where `alloc` is not in scope.
    #[must_use]
    pub fn macro_text(text: &str) -> String {
        text.to_string()
    }

    /// A comment's lines as one.
    #[must_use]
    pub fn macro_doc(lines: &[&str]) -> String {
        let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        lines.join(" ").trim().to_string()
    }

    /// Reads one of several words.
    pub fn macro_word<T: Copy>(
        node: &Node,
        path: &Path<'_>,
        problems: &mut Problems,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = String::read(node, path, problems)?;
        if let Some(found) = words.iter().find(|word| word.0 == text) {
            return Some(found.1);
        }
        let all = words.iter().map(|word| word.0).collect::<Vec<_>>().join(", ");
        let known = || words.iter().map(|word| word.0);
        let remedy = match (renamed(&text, known()), nearest(&text, known())) {
            (Some(new), _) => alloc::format!("it is called `{new}` now"),
            (None, Some(near)) => alloc::format!("did you mean `{near}`? (have {all})"),
            (None, None) => alloc::format!("have {all}"),
        };
        problems.add(
            path,
            node.place,
            alloc::format!("`{text}` is none of the words for this"),
            remedy,
        );
        None
    }

    impl Value {
        /// A table with its kind in front.
        #[must_use]
        pub fn of_kind(word: &str, inner: Value) -> Value {
            let mut all = match Value::table([("kind".to_string(), Value::Text(word.to_string()))])
            {
                Value::Table(entries) => entries,
                Value::Bool(_)
                | Value::Integer(_)
                | Value::Decimal(_)
                | Value::Text(_)
                | Value::List(_)
                | Value::Other(_) => Vec::<Entry>::new(),
            };
            if let Value::Table(entries) = inner {
                all.extend(entries);
            }
            Value::Table(all)
        }
    }
}
