//! What a command answers: a sentence for each thing, and the same as fields for programs.
//! It is printed once, at the end; also what was done before something failed.

use std::io::Write;

use anstyle::Style;
use saphyr::{LoadableYamlNode, Yaml, YamlEmitter};
use serde_json::{Map, Value};

use crate::exit::Stop;
use crate::options::{Format, Output};

/// Things with the same fields, and a last sentence about all of them.
#[derive(Debug, Default)]
pub struct Answer {
    format: Format,
    things: Vec<Thing>,
    note: Option<String>,
}

#[derive(Debug)]
struct Thing {
    sentence: String,
    fields: Vec<(&'static str, String)>,
}

impl Answer {
    /// To be printed as that option says.
    pub fn like(&mut self, output: Output) -> &mut Self {
        self.format = output.format;
        self
    }

    /// Another thing: what a person reads, and what a program reads.
    pub fn add<const COUNT: usize>(
        &mut self,
        sentence: impl Into<String>,
        fields: [(&'static str, String); COUNT],
    ) {
        let (sentence, fields) = (sentence.into(), fields.into());
        self.things.push(Thing { sentence, fields });
    }

    /// The last sentence, for people only.
    pub fn note(&mut self, sentence: impl Into<String>) {
        self.note = Some(sentence.into());
    }

    /// Prints it on standard output.
    pub fn print(&self) -> Result<(), Stop> {
        let text = self.render()?;
        // Nobody reads on, as `head` does not: that is their wish.
        let _ = anstream::stdout().write_all(text.as_bytes());
        Ok(())
    }

    /// Each line with its end.
    fn render(&self) -> Result<String, Stop> {
        let (mut lines, note) = match self.format {
            Format::Text => (self.sentences(), self.note.as_ref()),
            Format::Table => (self.table(), self.note.as_ref()),
            Format::Json => (vec![self.json(true)], None),
            Format::Yaml => (vec![yaml(&self.json(false))?], None),
        };
        lines.extend(note.cloned());
        Ok(lines.into_iter().map(|line| line + "\n").collect())
    }

    fn sentences(&self) -> Vec<String> {
        let sentences = self.things.iter().map(|thing| thing.sentence.clone());
        sentences.collect()
    }

    /// The last column is not filled up: its words may be long.
    fn table(&self) -> Vec<String> {
        let Some(first) = self.things.first() else {
            return Vec::new();
        };
        let titles = first.fields.iter().map(|(name, _)| name.to_uppercase());
        let rows = self.things.iter().map(|thing| {
            let values = thing.fields.iter().map(|(_, value)| value.clone());
            values.collect::<Vec<_>>()
        });
        let rows: Vec<Vec<String>> = std::iter::once(titles.collect()).chain(rows).collect();
        let widths: Vec<usize> = (0..first.fields.len())
            .map(|column| {
                let cells = rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let lines = rows.iter().map(|row| {
            let cells = row.iter().zip(&widths);
            let line: Vec<_> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            line.join("  ").trim_end().to_owned()
        });
        let mut lines: Vec<String> = lines.collect();
        let bold = Style::new().bold();
        lines[0] = format!("{bold}{}{bold:#}", lines[0]);
        lines
    }

    fn json(&self, pretty: bool) -> String {
        let things = self.things.iter().map(|thing| {
            let fields = thing.fields.iter();
            let fields = fields.map(|(name, value)| ((*name).to_owned(), value.clone().into()));
            Value::Object(fields.collect::<Map<_, _>>())
        });
        let things = Value::Array(things.collect());
        if pretty {
            format!("{things:#}")
        } else {
            things.to_string()
        }
    }
}

/// JSON is YAML already; this is how people expect to see it.
fn yaml(json: &str) -> Result<String, Stop> {
    let unwritable = |error: &dyn std::fmt::Display| format!("no YAML can be made: {error}");
    let documents = Yaml::load_from_str(json).map_err(|error| unwritable(&error))?;
    let mut text = String::new();
    for document in &documents {
        let mut emitter = YamlEmitter::new(&mut text);
        emitter.dump(document).map_err(|error| unwritable(&error))?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(mut answer: Answer, format: Format) -> String {
        answer.like(Output { format }).render().unwrap()
    }

    fn answer() -> Answer {
        let mut answer = Answer::default();
        for (account, change) in [
            ("444455556666", "created"),
            ("no", "yes: \"1e3\"\n- \u{2028}\u{7}"),
        ] {
            answer.add(
                format!("{account}: {change}"),
                [
                    ("account", account.to_owned()),
                    ("change", change.to_owned()),
                ],
            );
        }
        answer.note("That was all.");
        answer
    }

    #[test]
    fn people_get_sentences_or_columns_and_the_note() {
        let render = |format| render(answer(), format);
        assert!(render(Format::Text).starts_with("444455556666: created\n"));
        assert!(render(Format::Text).ends_with("\nThat was all.\n"));
        let table = render(Format::Table);
        let table = anstream::adapter::strip_str(&table).to_string();
        assert!(
            table.starts_with("ACCOUNT       CHANGE\n444455556666  created\n"),
            "{table}"
        );
        assert!(table.ends_with("\nThat was all.\n"));
    }

    #[test]
    fn programs_get_the_same_fields_in_json_and_in_yaml() {
        let json: Value = serde_json::from_str(&render(answer(), Format::Json)).unwrap();
        assert_eq!(json[0]["account"], "444455556666");
        assert_eq!(json[1]["change"], "yes: \"1e3\"\n- \u{2028}\u{7}");
        let text = render(answer(), Format::Yaml);
        let yaml = &Yaml::load_from_str(&text).unwrap()[0];
        for (index, thing) in json.as_array().unwrap().iter().enumerate() {
            for (name, value) in thing.as_object().unwrap() {
                // As text: an account id is no number.
                assert_eq!(
                    yaml[index][name.as_str()].as_str(),
                    value.as_str(),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_an_empty_list() {
        let render = |format| render(Answer::default(), format);
        assert_eq!(render(Format::Text), "");
        assert_eq!(render(Format::Table), "");
        assert_eq!(render(Format::Json), "[]\n");
        assert_eq!(render(Format::Yaml), "---\n[]\n");
    }
}
