//! Answers of EC2: a set of rows, page by page, or a refusal.
//! Only the wanted fields of a row are read; all others may change without harm.

use std::collections::BTreeMap;

use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

/// EC2 adds to a refusal what only `sts:DecodeAuthorizationMessage` can read: a thousand characters and more.
const UNREADABLE: &str = " Encoded authorization failure message:";

/// One row of a set, e.g. `{"vpcId": "vpc-1", "isDefault": "true"}`.
pub(super) type Row = BTreeMap<&'static str, String>;

/// A page of a set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Its rows, with the asked fields that they have.
    pub(super) rows: Vec<Row>,
    /// Asks for the next page.
    pub(super) next: Option<String>,
}

impl Page {
    /// Reads the rows of the set of that name.
    ///
    /// # Errors
    /// It is no XML, or a field is not a plain text.
    pub(super) fn read(
        body: &str,
        set: &str,
        fields: &[&'static str],
    ) -> Result<Self, XmlDecodeError> {
        let mut page = Self::default();
        let mut document = Document::new(body);
        let mut root = document.root_element()?;
        while let Some(mut part) = root.next_tag() {
            if part.start_el().matches(set) {
                while let Some(mut item) = part.next_tag() {
                    page.rows.push(row(&mut item, fields)?);
                }
            } else if part.start_el().matches("nextToken") {
                let token = try_data(&mut part)?;
                page.next = (!token.is_empty()).then(|| token.into_owned());
            }
        }
        Ok(page)
    }
}

fn row(item: &mut ScopedDecoder<'_, '_>, fields: &[&'static str]) -> Result<Row, XmlDecodeError> {
    let mut row = Row::new();
    while let Some(mut field) = item.next_tag() {
        let asked = fields.iter().find(|name| field.start_el().matches(name));
        if let Some(name) = asked {
            row.insert(name, try_data(&mut field)?.into_owned());
        }
    }
    Ok(row)
}

/// Reads `<Response><Errors><Error><Code/><Message/>`; what is no such document has neither code nor message.
pub(super) fn refusal(body: &str) -> ErrorMetadata {
    error(body).unwrap_or_default()
}

fn error(body: &str) -> Result<ErrorMetadata, XmlDecodeError> {
    let mut metadata = ErrorMetadata::builder();
    let mut document = Document::new(body);
    let mut root = document.root_element()?;
    while let Some(mut errors) = root.next_tag() {
        if !errors.start_el().matches("Errors") {
            continue;
        }
        while let Some(mut error) = errors.next_tag() {
            while let Some(mut field) = error.next_tag() {
                if field.start_el().matches("Code") {
                    metadata = metadata.code(try_data(&mut field)?);
                } else if field.start_el().matches("Message") {
                    let message = try_data(&mut field)?;
                    metadata = metadata.message(readable(&message));
                }
            }
        }
    }
    Ok(metadata.build())
}

fn readable(message: &str) -> &str {
    message
        .split_once(UNREADABLE)
        .map_or(message, |(readable, _)| readable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_asked_fields_of_every_row_are_read_and_the_page_tells_of_the_next() {
        let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
             <requestId>1</requestId><vpcSet>\
             <item><vpcId>vpc-1</vpcId><tagSet><item><key>vpcId</key><value>no</value></item></tagSet>\
             <isDefault>true</isDefault></item>\
             <item><tagSet/><vpcId>vpc-2</vpcId></item></vpcSet><nextToken>a&amp;b</nextToken></DescribeVpcsResponse>";
        let page = Page::read(body, "vpcSet", &["vpcId", "isDefault"]).unwrap();
        let row = |fields: &[(&'static str, &str)]| -> Row {
            fields
                .iter()
                .map(|(name, text)| (*name, (*text).to_owned()))
                .collect()
        };
        assert_eq!(
            page.rows,
            [
                row(&[("vpcId", "vpc-1"), ("isDefault", "true")]),
                row(&[("vpcId", "vpc-2")])
            ]
        );
        assert_eq!(page.next.as_deref(), Some("a&b"));
    }

    #[test]
    fn an_empty_set_is_an_empty_page_and_no_xml_is_none() {
        for body in [
            "<R><vpcSet/></R>",
            "<R><vpcSet></vpcSet><nextToken/></R>",
            "<R/>",
        ] {
            let page = Page::read(body, "vpcSet", &["vpcId"]).unwrap();
            assert_eq!(page, Page::default(), "{body}");
        }
        for body in [
            "",
            "busy",
            "<R><vpcSet><item><vpcId><b/></vpcId></item></vpcSet></R>",
        ] {
            assert!(Page::read(body, "vpcSet", &["vpcId"]).is_err(), "{body}");
        }
    }

    #[test]
    fn a_refusal_has_its_code_and_the_readable_part_of_its_message() {
        let refusal = refusal(
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized. \
             Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm</Message></Error></Errors>\
             <RequestID>1</RequestID></Response>",
        );
        assert_eq!(refusal.code(), Some("UnauthorizedOperation"));
        assert_eq!(refusal.message(), Some("You are not authorized."));
    }

    #[test]
    fn what_is_no_refusal_has_no_code() {
        for body in [
            "",
            "<html>",
            "Bad Gateway",
            "<R><Errors><Error/></Errors></R>",
        ] {
            assert_eq!(refusal(body).code(), None, "{body}");
        }
    }
}
