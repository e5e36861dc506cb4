//! A document as PDF by Typst. The document is handed over as data; no source is put together from text, so `$`, `#`
//! and all else stay what they are.

use typst::foundations::{Bytes, Dict, IntoValue};
use typst_as_lib::TypstEngine;

use crate::{Document, PrintError};

/// How the blocks are laid out.
const TEMPLATE: &str = include_str!("document.typ");
/// Pretendard, SIL Open Font Licence 1.1: Latin and Korean of one design.
const FONTS: [&[u8]; 2] =
    [include_bytes!("../fonts/Pretendard-Regular.otf"), include_bytes!("../fonts/Pretendard-Bold.otf")];

/// The pages. The same document gives the same bytes: no date is written into the file.
///
/// # Errors
/// [`PrintError`] where the layout engine refuses, with what it says.
pub fn pdf(document: &Document) -> Result<Vec<u8>, PrintError> {
    let data = serde_json::to_vec(document).map_err(|error| PrintError::Layout(error.to_string()))?;
    let mut input = Dict::new();
    input.insert("data".into(), Bytes::new(data).into_value());
    let engine = TypstEngine::builder().main_file(TEMPLATE).fonts(FONTS).build();
    let compiled = engine.compile_with_input(input).output;
    let pages = compiled.map_err(|error| PrintError::Layout(error.to_string()))?;
    let options = typst_pdf::PdfOptions::default();
    typst_pdf::pdf(&pages, &options).map_err(|errors| {
        let said: Vec<String> = errors.iter().map(|error| error.message.to_string()).collect();
        PrintError::Write(said.join("; "))
    })
}
