//! Every way to sign in that the AWS CLI has, with the built command, files in a home of its own, and a server that writes down
//! who called. A way whose feature of `aws-config` is missing fails here.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Home, KEY, SECRET, TOKEN};

/// Calls AWS in that home and answers whose key has signed the call to the parameter store.
fn signer(home: &Home, arguments: &[&str]) -> String {
    let ended = home.deploy(arguments);
    assert!(ended.status.success(), "{}", support::words(&ended));
    home.server.signer_of("AmazonSSM.GetParametersByPath")
}

#[test]
fn keys_of_variables_sign() {
    let home = Home::new("variables").with_keys();
    assert_eq!(signer(&home, &[]), KEY);
}

#[test]
fn a_profile_signs_and_one_that_is_named_goes_before_variables() {
    let home = Home::new("profile").with_keys();
    home.config(
        "[profile team]\nregion = eu-central-1\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = s\n",
    );
    assert_eq!(signer(&home, &["--profile", "team"]), "AKIDPROFILE");
    // As with the AWS CLI, the variable that names a profile does not go before keys in variables.
    let home = home.with("AWS_PROFILE", "team");
    assert_eq!(signer(&home, &[]), KEY);
    let home = home.without_keys();
    assert_eq!(signer(&home, &[]), "AKIDPROFILE");
}

#[test]
fn a_process_gives_credentials_and_is_asked_once() {
    let home = Home::new("process");
    let asked = home.path("asked");
    let process = home.script(&format!(
        "echo x >> {}\necho '{{\"Version\": 1, \"AccessKeyId\": \"AKIDPROCESS\", \"SecretAccessKey\": \"s\"}}'\n",
        asked.display()
    ));
    home.config(&format!(
        "[profile team]\nregion = eu-central-1\ncredential_process = {process}\n"
    ));
    assert_eq!(signer(&home, &["--profile=team"]), "AKIDPROCESS");
    assert_eq!(std::fs::read_to_string(asked).unwrap(), "x\n");
}

#[test]
fn single_sign_on_gives_credentials() {
    let home = Home::new("sso");
    home.config(
        "[profile team]\nregion = eu-central-1\nsso_session = company\nsso_account_id = 222222222222\nsso_role_name = Operator\n\
         [sso-session company]\nsso_region = eu-central-1\nsso_start_url = https://company.awsapps.com/start\n\
         sso_registration_scopes = sso:account:access\n",
    );
    // The name of the file is the SHA-1 of the session's name.
    home.write(
        ".aws/sso/cache/71b21161ffa1e6516bcc072aaf5ef38cbe85b511.json",
        r#"{"startUrl": "https://company.awsapps.com/start", "region": "eu-central-1", "accessToken": "of-sso", "expiresAt": "2999-01-01T00:00:00Z"}"#,
    );
    assert_eq!(signer(&home, &["--profile", "team"]), "AKIDSSO");
}

#[test]
fn a_login_gives_credentials() {
    let home = Home::new("login");
    home.config(
        "[profile team]\nregion = eu-central-1\nlogin_session = arn:aws:sts::222222222222:assumed-role/Operator/me\n",
    );
    // The name of the file is the SHA-256 of the session.
    home.write(
        ".aws/login/cache/a6fc864eba2a3c1463cdb354fc3dff8b3a7bf96d292407af5fc9f740951f15ae.json",
        r#"{"accessToken": {"accessKeyId": "AKIDLOGIN", "secretAccessKey": "s", "sessionToken": "t", "accountId": "222222222222",
            "expiresAt": "2999-01-01T00:00:00Z"}, "tokenType": "aws_sigv4", "refreshToken": "r", "idToken": "i",
            "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": "not used before the credentials end"}"#,
    );
    assert_eq!(signer(&home, &["--profile", "team"]), "AKIDLOGIN");
}

#[test]
fn a_web_identity_and_a_role_of_a_profile_are_assumed() {
    let home = Home::new("web");
    home.write("token", "of-the-pipeline");
    let file = home.path("token").display().to_string();
    home.config(
        "[profile key]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = s\n\
         [profile role]\nregion = eu-central-1\nrole_arn = arn:aws:iam::222222222222:role/Operator\nsource_profile = key\n",
    );
    let role = "arn:aws:iam::222222222222:role/Operator";
    assert_eq!(signer(&home, &["--profile", "role"]), "AKIDROLE");
    let home = home
        .with("AWS_WEB_IDENTITY_TOKEN_FILE", &file)
        .with("AWS_ROLE_ARN", role);
    assert_eq!(signer(&home, &["--region", "eu-central-1"]), "AKIDWEB");
}

#[test]
fn nobody_signed_in_says_what_to_do() {
    let home = Home::new("nobody");
    let ended = home.deploy(&["--region", "eu-central-1"]);
    assert_eq!(ended.status.code(), Some(4));
    let words = support::words(&ended);
    assert!(words.contains("avm: no credentials: "), "{words}");
    assert!(
        words.contains("Remedy: sign in (`aws sso login` or `aws login`)"),
        "{words}"
    );

    let ended = home.deploy(&["--region", "eu-central-1", "--profile", "team"]);
    assert_eq!(ended.status.code(), Some(4));
    let words = support::words(&ended);
    assert!(words.contains("`aws sso login --profile team`"), "{words}");
    assert!(
        words.contains("there is no profile team, or it has none"),
        "{words}"
    );
    home.server.saw_nothing();
}

#[test]
fn no_region_says_where_to_write_one() {
    let home = Home::new("region").with_keys().without("AWS_REGION");
    let ended = home.deploy(&[]);
    assert_eq!(ended.status.code(), Some(4));
    let words = support::words(&ended);
    assert!(
        words.contains("no region. Remedy: give --region, set AWS_REGION"),
        "{words}"
    );
    home.server.saw_nothing();
    // Any of these does.
    assert!(home.deploy(&["--region", "eu-central-1"]).status.success());
    home.config("[default]\nregion = eu-central-1\n");
    assert!(home.deploy(&[]).status.success());
}

#[test]
fn an_address_can_be_given_instead_of_the_variable() {
    let home = Home::new("address").with_keys().without("AWS_ENDPOINT_URL");
    let address = home.server.address();
    assert_eq!(signer(&home, &["--endpoint-url", &address]), KEY);
}

#[test]
fn refused_credentials_and_an_error_have_codes_of_their_own() {
    let home = Home::new("refused").with_keys();
    home.server.refuse("ExpiredTokenException", 400);
    let ended = home.deploy(&[]);
    assert_eq!(ended.status.code(), Some(4), "{}", support::words(&ended));
    assert!(support::words(&ended).contains("Remedy: sign in again"));
    home.server.refuse("ParameterLimitExceeded", 400);
    assert_eq!(home.deploy(&[]).status.code(), Some(6));
}

#[test]
fn what_is_told_for_debugging_holds_no_secret() {
    let home = Home::new("debug").with_keys();
    let ended = home.deploy(&["--debug"]);
    let words = support::words(&ended);
    assert!(ended.status.success(), "{words}");
    assert!(words.contains("loaded credentials"), "{words}");
    assert!(!words.contains(SECRET) && !words.contains(TOKEN), "{words}");
    let silent = support::words(&home.deploy(&[]));
    assert!(!silent.contains("loaded credentials"), "{silent}");
}
