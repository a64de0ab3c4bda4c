//! The adapter against answers of AWS Account Management: contacts, pages of regions, and each error that means something.
//! Whatever AWS says of a contact, no word of it comes out.

use aws_sdk_account::operation::enable_region::{EnableRegionError, EnableRegionOutput};
use aws_sdk_account::operation::get_alternate_contact::{
    GetAlternateContactError, GetAlternateContactOutput,
};
use aws_sdk_account::operation::list_regions::{ListRegionsError, ListRegionsOutput};
use aws_sdk_account::operation::put_alternate_contact::PutAlternateContactOutput;
use aws_sdk_account::types::error::{ResourceNotFoundException, ValidationException};
use aws_sdk_account::types::{
    AlternateContact as Found, Region as FoundRegion, ValidationExceptionField,
};
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;

use super::*;

fn account() -> AccountId {
    "111111111111".parse().unwrap()
}

fn contact() -> AlternateContact {
    serde_json::from_value(serde_json::json!({
        "name": "Erika", "title": "Head", "email": "bills@example.com", "phone": "+49 123 456"
    }))
    .unwrap()
}

/// What AWS may say of a contact: all of it.
const WORDS: &str = "Erika, Head, bills@example.com, +49 123 456 are wrong";

fn code(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).message(WORDS).build()
}

fn assert_silent(failure: &Failure) {
    for word in ["Erika", "Head", "bills", "123 456"] {
        assert!(!failure.to_string().contains(word), "{failure}");
    }
}

fn found(phone: &str) -> GetAlternateContactOutput {
    let contact = Found::builder()
        .alternate_contact_type(AlternateContactType::Billing)
        .name("Erika")
        .title("Head")
        .email_address("bills@example.com")
        .phone_number(phone);
    GetAlternateContactOutput::builder()
        .alternate_contact(contact.build())
        .build()
}

#[tokio::test]
async fn a_contact_is_the_wanted_one_only_if_every_part_is() {
    for (phone, same) in [("+49 123 456", true), ("+49 123 457", false)] {
        let get = mock!(Client::get_alternate_contact)
            .match_requests(|request| {
                request.account_id() == Some("111111111111")
                    && request.alternate_contact_type() == Some(&AlternateContactType::Security)
            })
            .then_output(move || found(phone));
        let client = mock_client!(aws_sdk_account, [&get]);
        let settings = OrganizationAccountSettings { client };
        let has = settings
            .has_contact(&account(), ContactKind::Security, &contact())
            .await;
        assert_eq!(has, Ok(same));
    }
}

#[tokio::test]
async fn a_missing_contact_is_not_the_wanted_one() {
    let get = mock!(Client::get_alternate_contact).then_error(|| {
        GetAlternateContactError::ResourceNotFoundException(
            ResourceNotFoundException::builder()
                .message("no")
                .meta(code("ResourceNotFoundException"))
                .build()
                .unwrap(),
        )
    });
    let client = mock_client!(aws_sdk_account, [&get]);
    let settings = OrganizationAccountSettings { client };
    let has = settings
        .has_contact(&account(), ContactKind::Billing, &contact())
        .await;
    assert_eq!(has, Ok(false));
}

#[tokio::test]
async fn a_contact_is_put_whole_and_for_the_account() {
    let put = mock!(Client::put_alternate_contact)
        .match_requests(|request| {
            request.account_id() == Some("111111111111")
                && request.alternate_contact_type() == Some(&AlternateContactType::Operations)
                && request.name() == Some("Erika")
                && request.title() == Some("Head")
                && request.email_address() == Some("bills@example.com")
                && request.phone_number() == Some("+49 123 456")
        })
        .then_output(|| PutAlternateContactOutput::builder().build());
    let client = mock_client!(aws_sdk_account, [&put]);
    let settings = OrganizationAccountSettings { client };
    let set = settings
        .set_contact(&account(), ContactKind::Operations, &contact())
        .await;
    assert_eq!(set, Ok(()));
    assert_eq!(put.num_calls(), 1);
}

#[tokio::test]
async fn a_refused_contact_is_a_fault_of_the_configuration_named_by_its_field() {
    for (fields, words) in [
        (
            vec!["emailAddress", "phoneNumber"],
            "refuses emailAddress, phoneNumber",
        ),
        (vec![], "refuses the contact"),
    ] {
        let put = mock!(Client::put_alternate_contact).then_error(move || {
            let mut refusal = ValidationException::builder()
                .message(WORDS)
                .meta(code("ValidationException"));
            for field in &fields {
                let field = ValidationExceptionField::builder()
                    .name(*field)
                    .message(WORDS);
                refusal = refusal.field_list(field.build().unwrap());
            }
            PutAlternateContactError::ValidationException(refusal.build().unwrap())
        });
        let client = mock_client!(aws_sdk_account, [&put]);
        let settings = OrganizationAccountSettings { client };
        let failure = settings
            .set_contact(&account(), ContactKind::Billing, &contact())
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
        assert!(
            failure.cause().starts_with("alternateContacts.billing: "),
            "{failure}"
        );
        assert!(failure.cause().contains(words), "{failure}");
        assert_silent(&failure);
    }
}

#[tokio::test]
async fn regions_are_listed_over_all_pages_with_their_status() {
    let page = |regions: &[(&str, RegionOptStatus)], next: Option<&str>| {
        let regions = regions.iter().map(|(name, status)| {
            let region = FoundRegion::builder().region_name(*name);
            region.region_opt_status(status.clone()).build()
        });
        ListRegionsOutput::builder()
            .set_regions(Some(regions.collect()))
            .set_next_token(next.map(str::to_owned))
            .build()
    };
    let first = mock!(Client::list_regions)
        .match_requests(|request| {
            request.account_id() == Some("111111111111") && request.next_token().is_none()
        })
        .then_output(move || {
            page(
                &[
                    ("us-east-1", RegionOptStatus::EnabledByDefault),
                    ("eu-south-1", RegionOptStatus::Enabled),
                    ("eu-south-2", RegionOptStatus::Disabled),
                    ("of another kind", RegionOptStatus::Disabled),
                ],
                Some("1"),
            )
        });
    let last = mock!(Client::list_regions)
        .match_requests(|request| request.next_token() == Some("1"))
        .then_output(move || {
            page(
                &[
                    ("me-south-1", RegionOptStatus::Enabling),
                    ("me-south-2", RegionOptStatus::Disabling),
                    ("me-south-3", RegionOptStatus::from("PAUSED")),
                ],
                None,
            )
        });
    let client = mock_client!(aws_sdk_account, RuleMode::MatchAny, [&first, &last]);
    let settings = OrganizationAccountSettings { client };
    let regions = settings.list_regions(&account()).await.unwrap();
    let expected = [
        ("us-east-1", RegionStatus::Enabled),
        ("eu-south-1", RegionStatus::Enabled),
        ("eu-south-2", RegionStatus::Disabled),
        ("me-south-1", RegionStatus::Enabling),
        ("me-south-2", RegionStatus::Disabling),
        ("me-south-3", RegionStatus::Other("PAUSED".to_owned())),
    ];
    assert_eq!(
        regions,
        expected
            .map(|(name, status)| (name.parse().unwrap(), status))
            .into()
    );
}

#[tokio::test(start_paused = true)]
async fn enabling_starts_is_put_off_or_is_a_fault_of_the_configuration() {
    let region: Region = "eu-south-1".parse().unwrap();
    let started = mock!(Client::enable_region)
        .match_requests(|request| {
            request.account_id() == Some("111111111111")
                && request.region_name() == Some("eu-south-1")
        })
        .then_output(|| EnableRegionOutput::builder().build());
    let client = mock_client!(aws_sdk_account, [&started]);
    let settings = OrganizationAccountSettings { client };
    let enabling = settings.start_enabling(&account(), &region).await;
    assert_eq!(enabling, Ok(Enabling::Started));
    let opted = ErrorMetadata::builder()
        .code("ValidationException")
        .message("Unable to switch region status because of its current opt-in status.")
        .build();
    for (refusal, meta) in [
        ("ConflictException", code("ConflictException")),
        ("TooManyRequestsException", code("TooManyRequestsException")),
        ("current opt-in status", opted),
    ] {
        let settings = refusing_to_enable(meta);
        let enabling = settings.start_enabling(&account(), &region).await.unwrap();
        let Enabling::NotNow(words) = enabling else {
            panic!("{refusal}: {enabling:?}");
        };
        assert!(words.contains(refusal), "{words}");
    }
    let settings = refusing_to_enable(code("ValidationException"));
    let failure = settings
        .start_enabling(&account(), &region)
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(
        failure
            .cause()
            .starts_with("optInRegions: AWS does not enable eu-south-1"),
        "{failure}"
    );
}

fn refusing_to_enable(refusal: ErrorMetadata) -> OrganizationAccountSettings {
    let refused = mock!(Client::enable_region)
        .then_error(move || EnableRegionError::generic(refusal.clone()));
    OrganizationAccountSettings {
        client: mock_client!(aws_sdk_account, RuleMode::MatchAny, [&refused]),
    }
}

#[tokio::test(start_paused = true)]
async fn errors_have_names_and_tell_nothing_of_a_contact() {
    for (refusal, name) in [
        ("AccessDeniedException", ErrorName::AccessDenied),
        ("TooManyRequestsException", ErrorName::Throttled),
        ("InternalServerException", ErrorName::ServiceUnavailable),
        ("SomethingNew", ErrorName::Internal),
    ] {
        // Who may not call is told in AWS's words, and they hold no contact.
        let meta = move || match refusal {
            "AccessDeniedException" => ErrorMetadata::builder()
                .code(refusal)
                .message("not you")
                .build(),
            _ => code(refusal),
        };
        let get = mock!(Client::get_alternate_contact)
            .then_error(move || GetAlternateContactError::generic(meta()));
        let put = mock!(Client::put_alternate_contact)
            .then_error(move || PutAlternateContactError::generic(meta()));
        let list =
            mock!(Client::list_regions).then_error(move || ListRegionsError::generic(meta()));
        let client = mock_client!(aws_sdk_account, RuleMode::MatchAny, [&get, &put, &list]);
        let settings = OrganizationAccountSettings { client };
        let (account, contact, kind) = (account(), contact(), ContactKind::Billing);
        let of_contacts = [
            settings
                .has_contact(&account, kind, &contact)
                .await
                .unwrap_err(),
            settings
                .set_contact(&account, kind, &contact)
                .await
                .unwrap_err(),
        ];
        of_contacts.iter().for_each(assert_silent);
        let of_regions = settings.list_regions(&account).await.unwrap_err();
        for failure in of_contacts.iter().chain([&of_regions]) {
            assert_eq!(failure.name(), name, "{refusal}");
            assert_eq!(failure.account(), Some(&account));
        }
    }
}

#[tokio::test]
async fn without_trusted_access_the_remedy_names_it() {
    let words = "User: arn:aws:sts::333333333333:assumed-role/AVMAccountSettingsRole/avm-1 is not authorized to perform: \
         account:ListRegions (Your organization must first enable trusted access with AWS Account Management.)";
    let list = mock!(Client::list_regions).then_error(move || {
        let meta = ErrorMetadata::builder().code("AccessDeniedException");
        ListRegionsError::generic(meta.message(words).build())
    });
    let client = mock_client!(aws_sdk_account, [&list]);
    let settings = OrganizationAccountSettings { client };
    let failure = settings.list_regions(&account()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert!(failure.cause().contains("trusted access"), "{failure}");
    assert!(
        failure.remedy().contains("account.amazonaws.com"),
        "{failure}"
    );
}
