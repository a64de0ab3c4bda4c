//! How operations are started: what is sent under which token, and what each refusal means.
//! The product of an update or a removal may have gone.

use super::*;

/// Starts an enrollment of the sample account.
async fn enroll(factory: &ServiceCatalogAccountFactory) -> Result<Start, Failure> {
    let account: Account = account();
    let user = serde_json::from_value(
        json!({"email": "factory@example.com", "firstName": "Ada", "lastName": "Byron"}),
    )
    .unwrap();
    let enrollment = Enrollment {
        offer: &offer(),
        name: "avm-111111111111",
        account: &account,
        user: &user,
        unit: &unit(),
    };
    factory.start_enrollment(&enrollment, &token()).await
}

#[tokio::test]
async fn an_enrollment_names_account_person_and_unit_under_its_token() {
    let (configuration, calls) =
        answering(|_| said(&json!({"RecordDetail": {"RecordId": "rec-1", "Status": "CREATED"}})));
    let start = enroll(&factory(&configuration)).await;
    assert_eq!(start, Ok(Start::Started("rec-1".parse().unwrap())));
    assert_eq!(
        body(&calls.lock().unwrap()[0]),
        json!({
            "ProductId": "prod-abc",
            "ProvisioningArtifactId": "pa-1",
            "PathId": "lpv2-1",
            "ProvisionedProductName": "avm-111111111111",
            "ProvisioningParameters": [
                {"Key": "AccountEmail", "Value": "aws+space.shop@example.com"},
                {"Key": "AccountName", "Value": "space-shop"},
                {"Key": "SSOUserEmail", "Value": "factory@example.com"},
                {"Key": "SSOUserFirstName", "Value": "Ada"},
                {"Key": "SSOUserLastName", "Value": "Byron"},
                {"Key": "ManagedOrganizationalUnit", "Value": "Sandbox (ou-ab12-11111111)"},
            ],
            "ProvisionToken": token().as_str(),
        })
    );
}

#[tokio::test]
async fn an_update_changes_the_unit_and_a_removal_nothing_but_the_product() {
    let (configuration, calls) =
        answering(|_| said(&json!({"RecordDetail": {"RecordId": "rec-1"}})));
    let factory = factory(&configuration);
    let id: ProvisionedProductId = "pp-1".parse().unwrap();
    let started = Ok(Start::Started("rec-1".parse().unwrap()));
    assert_eq!(
        factory.start_update(&id, &offer(), &unit(), &token()).await,
        started
    );
    assert_eq!(factory.start_removal(&id, &token()).await, started);
    let calls = calls.lock().unwrap();
    let update = body(&calls[0]);
    let same = |key: &str| json!({"Key": key, "UsePreviousValue": true});
    assert_eq!(
        update["ProvisioningParameters"],
        json!([
            same("AccountEmail"), same("AccountName"), same("SSOUserEmail"), same("SSOUserFirstName"),
            same("SSOUserLastName"), {"Key": "ManagedOrganizationalUnit", "Value": "Sandbox (ou-ab12-11111111)"},
        ])
    );
    assert_eq!(update["ProvisionedProductId"], "pp-1");
    assert_eq!(update["UpdateToken"], token().as_str());
    assert_eq!(
        body(&calls[1]),
        json!({"ProvisionedProductId": "pp-1", "TerminateToken": token().as_str()})
    );
}

#[tokio::test(start_paused = true)]
async fn every_refusal_of_a_start_keeps_its_meaning() {
    let busy = |words: &str| Ok(Start::Busy(words.to_owned()));
    for (code, message, expected) in [
        ("DuplicateResourceException", "no", Ok(Start::NameTaken)),
        ("ResourceInUseException", "5 at once", busy("5 at once")),
        ("LimitExceededException", "too many", busy("too many")),
        ("ConflictException", "not now", busy("not now")),
        (
            "InvalidParametersException",
            "the allowed maximum of 5 concurrent account operations is exceeded",
            busy("the allowed maximum of 5 concurrent account operations is exceeded"),
        ),
        (
            "ResourceNotFoundException",
            "No launch paths found for resource: prod-abc",
            Err(ErrorName::EnrolmentNotPossible),
        ),
        (
            "ResourceNotFoundException",
            "no artifact",
            Err(ErrorName::EnrolmentNotPossible),
        ),
        (
            "InvalidParametersException",
            "A stack named SC-1 already exists",
            Err(ErrorName::EnrolmentFailed),
        ),
        (
            "InvalidParametersException",
            "no such parameter",
            Err(ErrorName::EnrolmentFailed),
        ),
        ("AccessDeniedException", "no", Err(ErrorName::AccessDenied)),
        ("ThrottlingException", "no", Err(ErrorName::Throttled)),
    ] {
        let (configuration, _) = answering(move |_| refused(code, message));
        let start = enroll(&factory(&configuration)).await;
        assert_eq!(
            start.map_err(|failure| failure.name()),
            expected,
            "{code} {message}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_product_that_is_not_there_is_gone_for_updates_and_removals() {
    let (configuration, _) = answering(|_| json_error("ResourceNotFoundException", None));
    let factory_ = factory(&configuration);
    let id: ProvisionedProductId = "pp-1".parse().unwrap();
    let update = factory_
        .start_update(&id, &offer(), &unit(), &token())
        .await;
    assert_eq!(update, Ok(Start::Gone));
    assert_eq!(factory_.start_removal(&id, &token()).await, Ok(Start::Gone));
    let (configuration, _) = answering(|_| {
        refused(
            "ResourceNotFoundException",
            "No launch paths found for resource",
        )
    });
    let update = factory(&configuration)
        .start_update(&id, &offer(), &unit(), &token())
        .await;
    assert_eq!(update.unwrap_err().name(), ErrorName::EnrolmentNotPossible);
}

#[tokio::test]
async fn an_answer_without_an_id_is_internal() {
    let (configuration, _) = answering(|_| said(&json!({"RecordDetail": {}})));
    let failure = enroll(&factory(&configuration)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Internal);
}
