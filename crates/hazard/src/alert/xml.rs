//! XML as a small tree, read so that a hostile document costs little and says nothing.
//!
//! Invariants: a document type declaration is refused, so no entity beyond the five of XML and character
//! references exists; size, depth, number of elements and attributes are limited; every element keeps its
//! line. Comments and processing instructions are dropped unread.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::AlertError;

/// Bytes of a document at most. The largest real one seen, with an embedded picture, has 27 kB; api.weather.gov's
/// whole list of active alerts about 5 MB.
pub const BYTES_MAX: usize = 16 << 20;
/// Elements inside each other at most.
pub const DEPTH_MAX: usize = 32;
/// Elements at most.
pub const ELEMENTS_MAX: usize = 500_000;
/// Attributes of one element at most.
pub const ATTRIBUTES_MAX: usize = 64;

/// An element with what is inside it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// The namespace's address; empty where there is none.
    pub(crate) namespace: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Element {
    /// The first child called `name`, in whatever namespace.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children called `name`.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> + 'a {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The trimmed text of the child called `name`, if it is there and not empty.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    /// The text of the child called `name`.
    pub(crate) fn require(&self, name: &'static str) -> Result<&str, AlertError> {
        self.text_of(name).ok_or_else(|| AlertError::Missing {
            place: format!("line {}, element <{}>", self.line, self.name),
            what: name,
        })
    }

    /// An attribute by its local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Checks the size and reads bytes as UTF-8 text, a byte-order mark dropped.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str, AlertError> {
    if bytes.len() > BYTES_MAX {
        return Err(AlertError::TooLarge { bytes: bytes.len(), max: BYTES_MAX });
    }
    let text = core::str::from_utf8(bytes).map_err(|error| AlertError::Malformed {
        line: line_at(bytes, error.valid_up_to()),
        what: "a byte that is not UTF-8".to_owned(),
    })?;
    Ok(text.trim_start_matches('\u{feff}'))
}

/// Reads a document.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, AlertError> {
    let text = text_of(bytes)?;
    let mut reader = NsReader::from_str(text);
    let mut tree = Tree::default();
    let (mut line, mut counted) = (1, 0);
    loop {
        let (namespace, event) = match reader.read_resolved_event() {
            Ok((namespace, event)) => (namespace_of(&namespace), event),
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                return Err(malformed(line_at(text.as_bytes(), at), error.to_string()));
            }
        };
        let here = line;
        let position = usize::try_from(reader.buffer_position()).unwrap_or(text.len()).min(text.len());
        line += text.as_bytes()[counted.min(position)..position].iter().filter(|b| **b == b'\n').count();
        counted = position;
        match event {
            Event::Start(start) => tree.open(&start, namespace, here)?,
            Event::Empty(start) => {
                tree.open(&start, namespace, here)?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.say(&text.xml10_content()),
            Event::CData(text) => tree.say(&text.xml10_content()),
            Event::GeneralRef(reference) => tree.say(&resolved(&reference, here)?),
            Event::DocType(_) => return Err(AlertError::DocumentType { line: here }),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return tree.finish(line),
        }
    }
}

fn malformed(line: usize, what: String) -> AlertError {
    AlertError::Malformed { line, what }
}

fn line_at(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at.min(bytes.len())].iter().filter(|byte| **byte == b'\n').count()
}

fn namespace_of(result: &ResolveResult<'_>) -> String {
    match result {
        ResolveResult::Bound(namespace) => namespace.0.to_string(),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => String::new(),
    }
}

fn resolved(reference: &BytesRef<'_>, line: usize) -> Result<String, AlertError> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => return Ok(character.to_string()),
        Ok(None) => {}
        Err(error) => return Err(malformed(line, error.to_string())),
    }
    let name = reference.xml10_content();
    let known = match name.as_ref() {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "apos" => "'",
        "quot" => "\"",
        other => return Err(AlertError::Entity { line, name: super::clip(other) }),
    };
    Ok(known.to_owned())
}

/// Elements that are open, outermost first, and the one that was the document.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>, namespace: String, line: usize) -> Result<(), AlertError> {
        self.count += 1;
        if self.open.len() >= DEPTH_MAX {
            return Err(AlertError::TooDeep { line, max: DEPTH_MAX });
        }
        if self.count > ELEMENTS_MAX {
            return Err(AlertError::TooMany { what: "elements", max: ELEMENTS_MAX });
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(malformed(line, "a second document after the first".to_owned()));
        }
        let mut element = Element { namespace, line, ..Element::default() };
        element.name = start.local_name().as_ref().to_string();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| malformed(line, error.to_string()))?;
            if element.attributes.len() >= ATTRIBUTES_MAX {
                return Err(AlertError::TooMany { what: "attributes of an element", max: ATTRIBUTES_MAX });
            }
            let key = attribute.key.local_name().as_ref().to_string();
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|error| malformed(line, error.to_string()))?;
            element.attributes.push((key, value.into_owned()));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) {
        // The reader has matched the names, so there is one to close.
        if let Some(done) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(done),
                None => self.root = Some(done),
            }
        }
    }

    fn say(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn finish(self, line: usize) -> Result<Element, AlertError> {
        if let Some(open) = self.open.last() {
            return Err(malformed(
                line,
                format!(
                    "the document ends inside <{}>, opened in line {}",
                    super::clip(&open.name),
                    open.line
                ),
            ));
        }
        self.root.ok_or_else(|| malformed(line, "no element at all".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES_MAX, DEPTH_MAX, read};
    use crate::alert::AlertError;

    #[test]
    fn a_tree_keeps_text_namespaces_and_lines() {
        let root = read(
            b"<a xmlns='u:x'>\n <b k='1 &lt; 2'>x &amp; &#233;<![CDATA[<y>]]></b>\n <n:c xmlns:n='u:n'/></a>",
        )
        .unwrap();
        assert_eq!((root.name.as_str(), root.namespace.as_str()), ("a", "u:x"));
        assert_eq!(root.text_of("b"), Some("x & é<y>"));
        assert_eq!(root.child("b").unwrap().attribute("k"), Some("1 < 2"));
        assert_eq!(root.child("b").unwrap().line, 2);
        assert_eq!((root.child("c").unwrap().line, root.child("c").unwrap().namespace.as_str()), (3, "u:n"));
    }

    #[test]
    fn hostile_documents_are_refused() {
        let laughs = b"<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><l>&b;</l>";
        assert!(matches!(read(laughs), Err(AlertError::DocumentType { line: 1 })));
        assert!(matches!(read(b"<l>&b;</l>"), Err(AlertError::Entity { .. })));
        let deep = "<d>".repeat(200_000);
        assert!(matches!(read(deep.as_bytes()), Err(AlertError::TooDeep { max: DEPTH_MAX, .. })));
        let large = vec![b' '; BYTES_MAX + 1];
        assert!(matches!(read(&large), Err(AlertError::TooLarge { .. })));
        let many = format!("<l {}/>", (0..100).map(|n| format!("a{n}='' ")).collect::<String>());
        assert!(matches!(read(many.as_bytes()), Err(AlertError::TooMany { .. })));
        assert!(matches!(read(b"<l>\xff</l>"), Err(AlertError::Malformed { line: 1, .. })));
    }

    #[test]
    fn a_cut_document_says_where_it_ends() {
        let told = read(b"<a>\n<b>text").unwrap_err().to_string();
        assert!(told.contains("line 2") && told.contains("<b>"), "{told}");
        assert!(read(b"").is_err() && read(b"<a/><b/>").is_err() && read(b"<a></b>").is_err());
    }
}
