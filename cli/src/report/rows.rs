//! The rows of `lines.csv` that are asked for, as they are.
//! They are chosen by their own columns, so the file of a finance person and this output never differ.

use avm_metering::focus::text;

use super::Options;

/// The header and the rows.
pub fn of(options: &Options, csv: &str) -> Result<String, String> {
    let failed = |error: csv::Error| error.to_string();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names = reader.headers().map_err(failed)?.clone();
    let place = |column: &str| names.iter().position(|name| name == column);
    let account = options.account.as_ref().map(ToString::to_string);
    let kind = options.kind.map(|kind| kind.as_str().to_owned());
    let wanted = [
        ("SubAccountId", account),
        ("x_Workspace", options.workspace.as_deref().map(text)),
        ("x_Project", options.project.as_deref().map(text)),
        ("x_LineKind", kind),
    ];
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    writer.write_record(&names).map_err(failed)?;
    for row in reader.records() {
        let row = row.map_err(failed)?;
        let is_asked = wanted.iter().all(|(column, value)| {
            let found = place(column).and_then(|place| row.get(place));
            value.is_none() || found == value.as_deref()
        });
        if is_asked {
            writer.write_record(&row).map_err(failed)?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
