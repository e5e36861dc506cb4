//! What several test files of this crate share: a small workbook made by hand.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of it")]

use holdfast_book::known::Known;
use holdfast_book::read::{Reading, read_book};
use holdfast_book::{Book, mapping};

/// Reads `files` with nothing known and the shipped mappings.
pub fn read(files: &[(&str, &str)]) -> Reading {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    read_book(&files, &Known::none(), &mapping::shipped())
}

/// Reads one file of bytes.
pub fn read_bytes(name: &str, bytes: &[u8]) -> Reading {
    read_book(&[(name, bytes)], &Known::none(), &mapping::shipped())
}

/// Reads `files` when `book` was imported before.
pub fn read_again(files: &[(&str, &str)], book: &Book) -> Reading {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    read_book(&files, &Known::of(book), &mapping::shipped())
}

/// A zip container with `parts` stored as they are.
pub fn zip(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in parts {
        let packed = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let offset = u32::try_from(body.len()).unwrap().to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x50];
        common.extend(crc32(bytes).to_le_bytes());
        common.extend(packed(bytes));
        common.extend(packed(bytes));
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        body.extend(b"PK\x03\x04");
        body.extend(&common);
        body.extend(name.as_bytes());
        body.extend(bytes);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset);
        directory.extend(name.as_bytes());
    }
    let (start, count) = (body.len(), u16::try_from(parts.len()).unwrap());
    body.extend(&directory);
    body.extend(b"PK\x05\x06\x00\x00\x00\x00");
    body.extend(count.to_le_bytes());
    body.extend(count.to_le_bytes());
    body.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    body.extend(u32::try_from(start).unwrap().to_le_bytes());
    body.extend([0, 0]);
    body
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

/// A workbook of one sheet whose rows are given as XML. Style 1 is a date.
pub fn workbook(sheet: &str, rows: &str) -> Vec<u8> {
    let head = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let part = |text: String| text.into_bytes();
    zip(&[
        (
            "[Content_Types].xml",
            part(format!(
                r#"{head}<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#
            )),
        ),
        (
            "_rels/.rels",
            part(format!(
                r#"{head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            )),
        ),
        (
            "xl/workbook.xml",
            part(format!(
                r#"{head}<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            )),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            part(format!(
                r#"{head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{rel}/styles" Target="styles.xml"/></Relationships>"#
            )),
        ),
        (
            "xl/styles.xml",
            part(format!(
                r#"{head}<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#
            )),
        ),
        (
            "xl/worksheets/sheet1.xml",
            part(format!(r#"{head}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#)),
        ),
    ])
}

/// A row of a workbook: a number where the text begins with `#`, a date where it begins with `@`.
pub fn xml_row(row: u32, cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .zip('A'..='Z')
        .map(|(cell, column)| match (cell.strip_prefix('#'), cell.strip_prefix('@')) {
            (Some(number), _) => format!(r#"<c r="{column}{row}"><v>{number}</v></c>"#),
            (_, Some(date)) => format!(r#"<c r="{column}{row}" s="1"><v>{date}</v></c>"#),
            _ => format!(r#"<c r="{column}{row}" t="inlineStr"><is><t>{cell}</t></is></c>"#),
        })
        .collect();
    format!(r#"<row r="{row}">{cells}</row>"#)
}
