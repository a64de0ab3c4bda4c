//! Answers of services that speak XML (CloudFormation), as they come over the wire; for tests only.
//! Codes that the service's model does not know arrive in no other way.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;

/// The service refuses a call.
pub(super) fn refusal(code: &str, message: &str) -> HttpResponse {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>1</RequestId></ErrorResponse>"
    );
    let status = 400_u16.try_into().unwrap();
    HttpResponse::new(status, SdkBody::from(body))
}
