//! One way to make a call of AWS: name it, say which error codes are answers, and map what is left to a failure.
//! One way to read pages: all of them, or up to what is searched for.

use std::error::Error;

use aws_config::SdkConfig;
use aws_smithy_async::future::pagination_stream::PaginationStream;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::failure::ServiceError;
use avm_core::domain::Region;

/// The text of a status that AWS leaves out.
pub(crate) const NO_STATUS: &str = "without a status";

/// What the SDK returns for a call.
pub(crate) trait Called<Answer> {
    /// Names the call in the error, e.g. `iam:GetRole`.
    fn of_call(self, call: &'static str) -> Result<Answer, ServiceError>;
}

impl<Answer, E> Called<Answer> for Result<Answer, SdkError<E, Response>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn of_call(self, call: &'static str) -> Result<Answer, ServiceError> {
        self.map_err(|error| ServiceError::of(call, &error))
    }
}

/// A call whose error may be an answer.
pub(crate) trait Answered<Answer> {
    /// `None` if the service answers with one of these codes.
    fn unless(self, missing: &[&str]) -> Result<Option<Answer>, ServiceError>;

    /// What a write has come to: `done`, or what one of these codes means.
    fn outcome<Outcome, const COUNT: usize>(
        self,
        done: Outcome,
        codes: [(&str, Outcome); COUNT],
    ) -> Result<Outcome, ServiceError>;
}

impl<Answer> Answered<Answer> for Result<Answer, ServiceError> {
    fn unless(self, missing: &[&str]) -> Result<Option<Answer>, ServiceError> {
        match self {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if missing.contains(&error.code.as_str()) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn outcome<Outcome, const COUNT: usize>(
        self,
        done: Outcome,
        codes: [(&str, Outcome); COUNT],
    ) -> Result<Outcome, ServiceError> {
        let Err(error) = self else {
            return Ok(done);
        };
        let meant = codes.into_iter().find(|(code, _)| error.code == *code);
        meant.map(|(_, outcome)| outcome).ok_or(error)
    }
}

/// The items (or pages) of a paginator, as far as they are read one by one.
type Pages<Item, E> = PaginationStream<Result<Item, SdkError<E, Response>>>;

/// Every item of every page.
pub(crate) async fn all_pages<Item, E>(
    call: &'static str,
    items: Pages<Item, E>,
) -> Result<Vec<Item>, ServiceError>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    items.try_collect().await.of_call(call)
}

/// The first thing that `find` takes out of an item. Later pages are not read.
pub(crate) async fn first_in_pages<Item, E, Found>(
    call: &'static str,
    mut items: Pages<Item, E>,
    mut find: impl FnMut(Item) -> Option<Found>,
) -> Result<Option<Found>, ServiceError>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    while let Some(item) = items.try_next().await.of_call(call)? {
        let found = find(item);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The same configuration in another region.
pub(crate) fn in_region(configuration: &SdkConfig, region: &Region) -> SdkConfig {
    let region = aws_config::Region::new(region.to_string());
    configuration.to_builder().region(region).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> Result<(), ServiceError> {
        Err(ServiceError {
            call: "iam:GetRole",
            code: code.to_owned(),
            message: String::new(),
            status: Some(400),
        })
    }

    #[test]
    fn a_code_is_an_answer_or_stays_an_error() {
        assert_eq!(Ok(()).unless(&["Missing"]).unwrap(), Some(()));
        assert_eq!(
            refused("Missing").unless(&["Gone", "Missing"]).unwrap(),
            None
        );
        assert_eq!(
            refused("Denied").unless(&["Missing"]).unwrap_err().code,
            "Denied"
        );
        assert_eq!(Ok(()).outcome(1, [("Taken", 2)]).unwrap(), 1);
        assert_eq!(refused("Taken").outcome(1, [("Taken", 2)]).unwrap(), 2);
        assert_eq!(
            refused("Denied")
                .outcome(1, [("Taken", 2)])
                .unwrap_err()
                .code,
            "Denied"
        );
    }
}
