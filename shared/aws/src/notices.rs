//! Notices by Amazon SNS, to the topic of failures.
//! SNS takes subjects of one line of printable ASCII characters; the message is text.

use std::fmt;
use std::str::FromStr;

use aws_config::SdkConfig;
use aws_sdk_sns::Client;

use super::call::Called;
use avm_core::error::Failure;
use avm_core::ports::notices::Notices;

/// The ARN of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn(String);

impl FromStr for TopicArn {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split(':').collect();
        match parts[..] {
            ["arn", _, "sns", _, _, name] if !name.is_empty() => Ok(Self(text.to_owned())),
            _ => Err("must be the ARN of a topic"),
        }
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A topic.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: TopicArn,
}

impl Topic {
    /// That topic, with the credentials of the configuration.
    pub fn new(configuration: &SdkConfig, arn: TopicArn) -> Self {
        Self {
            client: Client::new(configuration),
            arn,
        }
    }
}

impl Notices for Topic {
    async fn publish(&self, subject: &str, message: &str) -> Result<(), Failure> {
        let call = self.client.publish().topic_arn(&self.arn.0);
        let published = call.subject(subject).message(message).send().await;
        published.of_call("sns:Publish").map_err(|error| {
            let words = format!("could not publish to {}", self.arn);
            error.into_failure().while_doing(&words)
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use avm_core::error::ErrorName;
    use aws_sdk_sns::operation::publish::{PublishError, PublishOutput};
    use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    const ARN: &str = "arn:aws:sns:eu-central-1:222222222222:avm-failures";

    fn topic(rule: &Rule) -> Topic {
        let client = mock_client!(aws_sdk_sns, RuleMode::MatchAny, &[rule], |client| client
            .retry_config(aws_config::retry::RetryConfig::disabled()));
        Topic {
            client,
            arn: ARN.parse().unwrap(),
        }
    }

    #[test]
    fn an_arn_of_something_else_is_refused() {
        for text in [
            "",
            "avm-failures",
            "arn:aws:sqs:eu-central-1:222222222222:q",
            "arn:aws:sns:r:2:",
        ] {
            assert!(text.parse::<TopicArn>().is_err(), "{text}");
        }
        assert_eq!(ARN.parse::<TopicArn>().unwrap().to_string(), ARN);
    }

    #[tokio::test]
    async fn a_notice_is_published_as_it_is() {
        let rule = mock!(Client::publish)
            .match_requests(|request| {
                request.topic_arn() == Some(ARN)
                    && request.subject() == Some("a subject")
                    && request.message() == Some("a message")
            })
            .then_output(|| PublishOutput::builder().build());
        topic(&rule)
            .publish("a subject", "a message")
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn a_refusal_names_the_topic() {
        let code = || ErrorMetadata::builder().code("AuthorizationError").build();
        let rule = mock!(Client::publish).then_error(move || PublishError::generic(code()));
        let failure = topic(&rule).publish("a", "b").await.unwrap_err();
        assert!(failure.cause().contains(ARN), "{failure}");
        assert_ne!(failure.name(), ErrorName::Throttled);
    }
}
