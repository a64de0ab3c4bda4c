//! The bucket of the reports on the wire: addresses, conditions, encryption, and what S3 refuses.

use std::sync::{Arc, Mutex};

use crate::metering::report_store::S3ReportStore;
use crate::wire::{Call, Reply, answering};
use avm_core::error::ErrorName;
use avm_metering::ports::{ETag, ReportStore, Swap};

type Calls = Arc<Mutex<Vec<Call>>>;

fn store(
    key: Option<&str>,
    answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
) -> (S3ReportStore, Calls) {
    let (configuration, calls) = answering(answer);
    let region = "eu-central-1".parse().unwrap();
    let bucket = "reports".to_owned();
    let store = S3ReportStore::of(configuration, region, bucket, key.map(str::to_owned));
    (store, calls)
}

fn refusal(status: u16, code: &str) -> Reply {
    Reply::Said(
        status,
        format!(
            "<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>no</Message><RequestId>1</RequestId></Error>"
        ),
    )
}

fn done() -> Reply {
    Reply::Said(200, String::new())
}

#[tokio::test]
async fn an_object_is_written_to_its_bucket_with_its_digest_signed() {
    let (store, calls) = store(None, |_| done());
    store
        .put("final/2026-01/v1-ab/lines.csv", "a,b\n")
        .await
        .unwrap();
    let call = calls.lock().unwrap()[0].clone();
    assert_eq!(call.method, "PUT");
    let uri = "https://reports.s3.eu-central-1.amazonaws.com/final/2026-01/v1-ab/lines.csv";
    assert_eq!(call.uri, uri);
    assert_eq!(call.body, "a,b\n");
    assert_eq!(call.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        call.headers["x-amz-content-sha256"],
        avm_core::domain::sha256("a,b\n")
    );
    assert!(call.headers["authorization"].contains("/eu-central-1/s3/aws4_request"));
    assert!(!call.headers.contains_key("if-none-match"));
    assert!(!call.headers.contains_key("x-amz-server-side-encryption"));
}

#[tokio::test]
async fn a_key_of_ones_own_is_named_with_every_write() {
    let (store, calls) = store(Some("arn:aws:kms:eu-central-1:1:key/k"), |_| done());
    store.put("a.json", "{}").await.unwrap();
    let call = calls.lock().unwrap()[0].clone();
    assert_eq!(call.headers["x-amz-server-side-encryption"], "aws:kms");
    let key = &call.headers["x-amz-server-side-encryption-aws-kms-key-id"];
    assert_eq!(key, "arn:aws:kms:eu-central-1:1:key/k");
    assert_eq!(call.headers["content-type"], "application/json");
}

#[tokio::test]
async fn an_endpoint_of_ones_own_gets_the_bucket_in_the_path() {
    let (configuration, calls) = answering(|_| done());
    let configuration = configuration
        .into_builder()
        .endpoint_url("http://127.0.0.1:4566")
        .build();
    let region = "eu-central-1".parse().unwrap();
    let store = S3ReportStore::of(configuration, region, "reports".to_owned(), None);
    store.put("a.json", "{}").await.unwrap();
    assert_eq!(
        calls.lock().unwrap()[0].uri,
        "http://127.0.0.1:4566/reports/a.json"
    );
}

#[tokio::test]
async fn a_pointer_is_swapped_on_a_condition() {
    for (status, code, swap) in [
        (412, "PreconditionFailed", Swap::Changed),
        (409, "ConditionalRequestConflict", Swap::Changed),
        (404, "NoSuchKey", Swap::Changed),
        (200, "", Swap::Done),
    ] {
        let (store, calls) = store(None, move |_| match status {
            200 => done(),
            _ => refusal(status, code),
        });
        let etag = ETag("\"abc\"".to_owned());
        assert_eq!(
            store.swap("p.json", "{}", Some(&etag)).await.unwrap(),
            swap,
            "{code}"
        );
        assert_eq!(
            store.swap("p.json", "{}", None).await.unwrap(),
            swap,
            "{code}"
        );
        let calls = calls.lock().unwrap();
        assert_eq!(calls[0].headers["if-match"], "\"abc\"");
        assert_eq!(calls.last().unwrap().headers["if-none-match"], "*");
    }
}

#[tokio::test]
async fn an_object_that_is_not_there_is_none_and_other_refusals_name_it() {
    let (absent, _) = store(None, |_| refusal(404, "NoSuchKey"));
    assert_eq!(absent.find("p.json").await.unwrap(), None);
    for (status, code, name) in [
        (403, "AccessDenied", ErrorName::AccessDenied),
        (404, "NoSuchBucket", ErrorName::Internal),
        (503, "SlowDown", ErrorName::Throttled),
    ] {
        let (refusing, _) = store(None, move |_| refusal(status, code));
        let failure = refusing.find("p.json").await.unwrap_err();
        assert_eq!(failure.name(), name, "{code}");
        assert!(failure.cause().starts_with("p.json: "), "{failure}");
        let failure = refusing.put("p.json", "{}").await.unwrap_err();
        assert_eq!(failure.name(), name, "{code}");
        let failure = refusing.swap("p.json", "{}", None).await.unwrap_err();
        assert_eq!(failure.name(), name, "{code}");
    }
    let (without, _) = store(None, |_| Reply::Said(200, "{}".to_owned()));
    let failure = without.find("p.json").await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Internal);
}

#[tokio::test]
async fn an_object_is_read_with_what_its_next_write_depends_on() {
    let (store, calls) = store(None, |_| {
        Reply::Headed(["etag", "\"abc\""], "{}".to_owned())
    });
    let stored = store.find("p.json").await.unwrap().unwrap();
    assert_eq!(
        (stored.text.as_str(), stored.etag),
        ("{}", ETag("\"abc\"".to_owned()))
    );
    assert_eq!(calls.lock().unwrap()[0].method, "GET");
}
