//! `avm completion` and `avm man`: what a shell and `man` know of the command, made from its arguments.

use std::fs;
use std::io;
use std::path::Path;

use clap::Command;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use crate::Outcome;
use crate::answer::Answer;
use crate::exit::Stop;

/// Prints what that shell reads to complete the words of the command.
pub fn completion(shell: Shell, mut command: Command) -> Outcome {
    generate(shell, &mut command, "avm", &mut io::stdout());
    Outcome::Done
}

/// Prints the first page; or writes that of each command into the folder.
///
/// # Errors
/// The folder cannot be written to.
pub fn manual(
    folder: Option<&Path>,
    command: Command,
    answer: &mut Answer,
) -> Result<Outcome, Stop> {
    let Some(folder) = folder else {
        // A pager may end before the page does.
        let _ = Man::new(command).render(&mut io::stdout());
        return Ok(Outcome::Done);
    };
    let shown = folder.display();
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .map_err(|error| format!("{shown} cannot be written: {error}"))?;
    answer.note(format!("the pages are in {shown}"));
    Ok(Outcome::Done)
}
