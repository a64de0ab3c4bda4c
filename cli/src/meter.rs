//! `avm meter`: has the function make the reports of a month now, and waits for it.
//! What is shown is what the function answers.

use avm_aws as aws;
use avm_core::domain::Month;
use clap::Args;
use serde_json::{Value, json};

use crate::exit::Stop;
use crate::{Outcome, session};

/// What is to be metered.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The month, e.g. 2026-01; none: what is due
    #[arg(value_name = "MONTH")]
    month: Option<Month>,
    /// Make a final month anew, with the settings of today, as its next version
    #[arg(long, requires = "month")]
    recompute: bool,
    /// The name of the function
    #[arg(long, value_name = "NAME", default_value = "avm-metering")]
    function: String,
}

impl Options {
    fn event(&self) -> Value {
        let mut event = json!({});
        if let Some(month) = self.month {
            event["Month"] = month.to_string().into();
        }
        if self.recompute {
            event["Recompute"] = true.into();
        }
        event
    }
}

/// Invokes the function.
///
/// # Errors
/// Nobody is signed in; Lambda refuses, or the function fails.
pub async fn run(wanted: &Options, options: &crate::options::Options) -> Result<Outcome, Stop> {
    let configuration = session::sign_in(aws::waiting_loader(), options).await?;
    let region = session::region(&configuration)?;
    let event = wanted.event();
    let answer = aws::invocation::invoke(configuration, &region, &wanted.function, &event).await?;
    println!("{answer:#}");
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_event_says_what_is_asked_for() {
        let event = |words: &[&str]| {
            let words = ["meter"].iter().chain(words);
            Command::try_parse_from(words).map(|command| command.options.event())
        };
        assert_eq!(event(&[]).unwrap(), json!({}));
        assert_eq!(event(&["2026-01"]).unwrap(), json!({"Month": "2026-01"}));
        let anew = event(&["2026-01", "--recompute"]).unwrap();
        assert_eq!(anew, json!({"Month": "2026-01", "Recompute": true}));
        assert!(event(&["--recompute"]).is_err());
        assert!(event(&["January"]).is_err());
    }
}
