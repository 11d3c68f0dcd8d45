//! The audit: it is only added to, sealed in a chain, searched and exported; whatever is done to a row is found.

use std::path::Path;

use springboard::{
    audit::{self, Deed, Flaw, Report, Seal, Sealer, Trust},
    db::{Db, DbError, migrate},
    words::{AuditKeys, Keys, Moment},
};

use crate::{
    staff::{ACCOUNT, holder, post},
    support::{Page, Portal, run},
};

/// The same key in each test: whoever sealed is whoever verifies.
fn keys() -> AuditKeys {
    static PEM: std::sync::LazyLock<String> = std::sync::LazyLock::new(AuditKeys::draw);
    AuditKeys::parse(Some(&PEM), "").unwrap()
}

fn secret() -> Keys {
    Keys::parse("a secret for tests, longer than thirty-two characters").unwrap()
}

async fn seal(db: &Db, keys: &AuditKeys) -> Result<Seal, DbError> {
    seal_remembering(db, keys, None).await
}

async fn seal_remembering(db: &Db, keys: &AuditKeys, memory: Option<&Path>) -> Result<Seal, DbError> {
    let trust = Trust { public: keys, secret: Some(&secret()) };
    audit::seal(db, &Sealer { trust, memory }).await
}

async fn verified(db: &Db, keys: &AuditKeys, noted: Option<&Seal>) -> Report {
    audit::verify(db, Trust { public: keys, secret: Some(&secret()) }, noted).await.unwrap()
}

/// A store with this many sealed rows.
async fn sealed(rows: usize) -> Db {
    let db = Db::in_memory().await.unwrap();
    migrate::run(&db).await.unwrap();
    let at: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
    for number in 0..rows {
        audit::row(at, "somebody", Deed::SignedIn, "somebody", &number.to_string()).run(&db).await.unwrap();
    }
    seal(&db, &keys()).await.unwrap();
    db
}

/// What an intruder does who may write to the database and take its guards away.
async fn intrude(db: &Db, deed: &'static str) {
    for text in ["REMOVE EVENT audit_stands ON audit", "REMOVE EVENT audit_chain_stands ON audit_chain", deed] {
        db.raw(text).await.unwrap();
    }
}

async fn flaws(db: &Db) -> Vec<Flaw> {
    verified(db, &keys(), None).await.flaws
}

#[test]
fn the_portal_itself_can_only_add() {
    run(async {
        let db = sealed(2).await;
        for deed in
            ["UPDATE audit SET note = 'x'", "DELETE audit", "UPDATE audit_chain SET hash = 'x'", "DELETE audit_chain"]
        {
            let fault = db.raw(deed).await.err();
            assert!(fault.is_some_and(|fault| fault.to_string().contains("the audit is only added to")), "{deed}");
        }
        assert_eq!(flaws(&db).await, []);
    });
}

#[test]
fn a_changed_row_is_found() {
    run(async {
        let db = sealed(12).await;
        intrude(&db, "UPDATE type::record('audit', (SELECT VALUE row FROM ONLY audit_chain:7)) SET note = 'never'")
            .await;
        assert_eq!(flaws(&db).await, [Flaw::Changed(7)]);
    });
}

#[test]
fn a_deleted_row_is_found_with_its_link_or_without() {
    run(async {
        let db = sealed(12).await;
        intrude(
            &db,
            "{ DELETE type::record('audit', (SELECT VALUE row FROM ONLY audit_chain:7)); DELETE audit_chain:7 }",
        )
        .await;
        assert_eq!(flaws(&db).await, [Flaw::Broken(7), Flaw::Changed(8), Flaw::Uncounted(-1)]);
        let db = sealed(12).await;
        intrude(&db, "DELETE type::record('audit', (SELECT VALUE row FROM ONLY audit_chain:7))").await;
        assert_eq!(flaws(&db).await, [Flaw::Missing(7)]);
    });
}

#[test]
fn two_rows_that_changed_places_are_found() {
    run(async {
        let db = sealed(12).await;
        let swap = "{
            LET $a = (SELECT VALUE row FROM ONLY audit_chain:4);
            LET $b = (SELECT VALUE row FROM ONLY audit_chain:9);
            UPDATE audit_chain:4 SET row = $b;
            UPDATE audit_chain:9 SET row = $a;
        }";
        intrude(&db, swap).await;
        assert_eq!(flaws(&db).await, [Flaw::Changed(4), Flaw::Changed(9)]);
    });
}

#[test]
fn an_end_that_was_cut_off_is_found_by_a_seal_that_was_noted() {
    run(async {
        let db = sealed(12).await;
        let noted = audit::head(&db).await.unwrap();
        let cut = "{
            DELETE type::record('audit', (SELECT VALUE row FROM ONLY audit_chain:12));
            DELETE audit_chain:12;
            LET $last = (SELECT VALUE hash FROM ONLY audit_chain:11);
            UPDATE audit_head:head SET number = 11, hash = $last;
        }";
        intrude(&db, cut).await;
        assert_eq!(flaws(&db).await, [Flaw::Unsigned(11)], "the end that was cut off had the signature");
        let report = verified(&db, &keys(), Some(&noted)).await;
        assert_eq!(report.flaws, [Flaw::Unsigned(11), Flaw::Noted(12)]);
    });
}

/// A process that ended between sealing rows and taking their marks away leaves marks of rows that are sealed.
#[test]
fn marks_that_were_left_behind_seal_nothing_twice() {
    run(async {
        let db = sealed(3).await;
        let before = audit::head(&db).await.unwrap();
        let left = "FOR $row IN (SELECT VALUE row FROM audit_chain) {
            CREATE type::record('audit_unsealed', [time::now(), $row]) RETURN NONE
        }";
        db.raw(format!("{{ {left} }}")).await.unwrap();
        assert_eq!(seal(&db, &keys()).await.unwrap(), before);
        let marks: Option<i64> =
            db.raw("RETURN array::len((SELECT VALUE id FROM audit_unsealed))").await.unwrap().take(0).unwrap();
        assert_eq!(marks, Some(0));
        assert!(flaws(&db).await.is_empty());
    });
}

#[test]
fn rows_beside_the_sealers_back_are_found() {
    run(async {
        let db = sealed(3).await;
        let put_in = "CREATE audit SET at = time::now(), who = 'x', did = 'signed in', what = 'x', rank = -1";
        intrude(&db, put_in).await;
        assert_eq!(flaws(&db).await, [Flaw::Uncounted(1)]);
    });
}

/// Chains the rows from this one on anew, as whoever may write to the database can, and everybody may compute.
async fn chain_anew(db: &Db, keys: &AuditKeys) {
    let forget = "{
        FOR $link IN (SELECT VALUE row FROM audit_chain) {
            DELETE type::record('audit_sealed', $link);
            LET $at = (SELECT VALUE at FROM ONLY type::record('audit', $link));
            CREATE type::record('audit_unsealed', [$at, $link]);
        };
        DELETE audit_chain; DELETE audit_head;
    }";
    db.raw(forget).await.unwrap();
    seal(db, keys).await.unwrap();
}

#[test]
fn who_has_no_key_can_chain_anew_and_not_sign() {
    run(async {
        let db = sealed(5).await;
        let reader = AuditKeys::parse(None, &keys().public().collect::<Vec<_>>().join(",")).unwrap();
        assert_eq!(verified(&db, &reader, None).await.flaws, [], "the public key is enough to verify");
        assert!(seal(&db, &reader).await.is_ok(), "there is nothing to seal");
        audit::row(chrono::Utc::now(), "x", Deed::SignedIn, "x", "").run(&db).await.unwrap();
        assert!(seal(&db, &reader).await.is_err(), "and it seals nothing");
        intrude(&db, "UPDATE type::record('audit', (SELECT VALUE row FROM ONLY audit_chain:2)) SET note = 'never'")
            .await;
        chain_anew(&db, &AuditKeys::parse(Some(&AuditKeys::draw()), "").unwrap()).await;
        assert_eq!(flaws(&db).await, [Flaw::Unsigned(6)]);
        // The portal goes on, and does not sign what somebody put there.
        audit::row(chrono::Utc::now(), "x", Deed::SignedOut, "x", "").run(&db).await.unwrap();
        let fault = seal(&db, &keys()).await.err().unwrap();
        assert!(fault.to_string().contains("not as it was sealed"), "{fault}");
        assert_eq!(flaws(&db).await, [Flaw::Unsigned(6)]);
    });
}

#[test]
fn a_chain_that_was_begun_anew_is_not_signed_by_who_remembers_the_old_one() {
    run(async {
        let (db, folder) = (sealed(0).await, tempfile::tempdir().unwrap());
        let memory = folder.path().join("audit-seal");
        for note in ["1", "2", "3"] {
            audit::row(chrono::Utc::now(), "x", Deed::SignedIn, "x", note).run(&db).await.unwrap();
            seal_remembering(&db, &keys(), Some(&memory)).await.unwrap();
        }
        assert!(std::fs::read_to_string(&memory).unwrap().starts_with("3:"));
        intrude(&db, "UPDATE audit SET note = 'never' WHERE note = '2'").await;
        let forget = "{
            FOR $row IN (SELECT VALUE row FROM audit_chain) {
                LET $at = (SELECT VALUE at FROM ONLY type::record('audit', $row));
                DELETE type::record('audit_sealed', $row);
                CREATE type::record('audit_unsealed', [$at, $row]);
            };
            DELETE audit_chain; DELETE audit_head;
        }";
        db.raw(forget).await.unwrap();
        assert!(seal_remembering(&db, &keys(), Some(&memory)).await.is_err());
    });
}

/// A chain from before signatures goes on as one that is signed; its old links need the secret key.
#[test]
fn an_older_chain_goes_on_signed_and_can_not_be_put_back() {
    run(async {
        let db = sealed(0).await;
        let at: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        let text = |number: i64, before: &str, key: &str| {
            let at = at.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true);
            serde_json::to_vec(&(number, before, key, at, "somebody", "signed in", "somebody", "0")).unwrap()
        };
        audit::row(at, "somebody", Deed::SignedIn, "somebody", "0").run(&db).await.unwrap();
        let key: Option<String> =
            db.raw("SELECT VALUE record::id(id) FROM ONLY audit LIMIT 1").await.unwrap().take(0).unwrap();
        let key = key.unwrap();
        let hash = secret().hash("audit chain", &text(1, "", &key));
        let old = "{
            CREATE audit_chain:1 SET row = $row, hash = $hash;
            CREATE type::record('audit_sealed', $row) SET number = 1;
            DELETE audit_unsealed;
            UPSERT audit_head:head SET number = 1, hash = $hash;
        }";
        db.raw(old).bind(("row", key)).bind(("hash", hash)).await.unwrap();
        assert_eq!(flaws(&db).await, []);
        audit::row(at, "somebody", Deed::SignedOut, "somebody", "1").run(&db).await.unwrap();
        seal(&db, &keys()).await.unwrap();
        assert_eq!(flaws(&db).await, []);

        let mut file = Vec::new();
        audit::export(&db, &mut file).await.unwrap();
        let keys = keys();
        let report = audit::verify_file(&*file, &keys, 1, None).unwrap();
        assert_eq!((report.flaws, report.unchecked, report.head.number), (vec![], 1, 2));
        let report = audit::verify_file(&*file, &keys, 0, None).unwrap();
        assert_eq!(report.flaws, [Flaw::Changed(1)], "nobody said that there are rows from before signatures");
        let forged = String::from_utf8(file).unwrap().replace("signed out", "signed up");
        let report = audit::verify_file(forged.as_bytes(), &keys, 1, None).unwrap();
        assert_eq!(report.flaws, [Flaw::Changed(2)]);
        assert!(audit::verify_file(&b"nonsense\n"[..], &keys, 0, None).is_err());

        intrude(&db, "UPDATE audit_chain:2 SET format = NONE").await;
        assert_eq!(flaws(&db).await, [Flaw::Changed(2)], "nothing of before stands where signatures should");
    });
}

#[test]
fn many_sealers_make_one_chain() {
    run(async {
        let db = sealed(0).await;
        let at: Moment = "2026-11-24T15:00:00Z".parse().unwrap();
        for number in 0..40 {
            audit::row(at, "somebody", Deed::SignedIn, "somebody", &number.to_string()).run(&db).await.unwrap();
        }
        let keys = keys();
        let seals = futures_util::future::join_all((0..4).map(|_| seal(&db, &keys))).await;
        assert!(seals.iter().any(|seal| seal.as_ref().unwrap().number == 40));
        let report = verified(&db, &keys, None).await;
        assert_eq!((report.head.number, report.unsealed, report.flaws), (40, 0, vec![]));
    });
}

/// What fails is kept as well: of people who are signed in, and of links and codes that strangers try.
#[test]
fn what_did_not_work_is_kept() {
    run(async {
        let portal = Portal::start().await;
        let (mut person, _) = holder(&portal, "mechanicschool").await;
        let wrong = [("present", "wrong"), ("password", "Another-Wrench-78"), ("password-again", "Another-Wrench-78")];
        let page = person.get("/settings/password").await;
        assert!(person.submit(&page, "/settings/password", &wrong).await.fault("present").is_some());
        let mut clerk = portal.clerk().await;
        let page = clerk.get("/staff/settings/password").await;
        assert!(clerk.submit(&page, "/password", &wrong).await.fault("present").is_some());
        let mut stranger = portal.browser();
        assert_eq!(stranger.get("/staff/enroll/nonsense").await.status, 422);
        let page = stranger.get("/recover/letter").await;
        let fields = [
            ("user-id", "mechanicschool"),
            ("code", "ABCDE FGHJK"),
            ("password", "Another-Wrench-88"),
            ("password-again", "Another-Wrench-88"),
        ];
        assert!(stranger.submit(&page, "/recover/letter", &fields).await.fault("code").is_some());
        let mut auditor = portal.staff("auditor1000").await;
        let page = auditor.get("/staff/audit?did=gave+a+wrong+present+password").await;
        assert!(page.says("mechanicschool") && page.says("clerk1000"), "{}", page.words());
        assert!(auditor.get("/staff/audit").await.did("used a staff link that is not good"));
        let page = auditor.get("/staff/audit?did=entered+a+wrong+code").await;
        assert!(page.says("of a recovery letter") && page.says("mechanicschool"), "{}", page.words());
        portal.stop().await;
    });
}

#[test]
fn it_is_searched_exported_and_verified_by_those_who_may() {
    run(async {
        let portal = Portal::start().await;
        let (_, _) = holder(&portal, "mechanicschool").await;
        let mut clerk = portal.clerk().await;
        for number in 0..60 {
            post(&mut clerk, &format!("Message {number}"), "text").await;
        }
        assert!(clerk.get("/staff/audit").await.says("Not part of your role"));
        let mut auditor = portal.staff("auditor1000").await;
        let page = auditor.get("/staff/audit").await;
        assert!(page.did("posted a message") && page.says("not yet"), "{}", page.words());
        let portal_keys = &portal.built.portal;
        let trust = Trust::of(portal_keys);
        audit::seal(&portal_keys.db, &Sealer { trust, memory: None }).await.unwrap();

        // By deed and by record, page by page: each row once.
        let page = auditor.get("/staff/audit?did=posted+a+message&kind=mechanic-school&number=123456").await;
        let posted = |page: &Page| page.body.matches("<td data-label=\"Did\">posted a message</td>").count();
        let newest = posted(&page);
        let page = auditor.get(&page.link("Older rows")).await;
        assert_eq!(newest + posted(&page), 60);
        assert!(!page.says("Older rows") && !page.says("not yet"));
        let page = auditor.get("/staff/audit?who=mechanicschool").await;
        assert!(page.did("signed up") && !page.says("clerk1000"), "{}", page.words());
        let page = auditor.get("/staff/audit?until=2026-11-23").await;
        assert!(page.says("Nothing was found."));
        let page = auditor.get("/staff/audit?who=nobodyhere&number=1&from=x").await;
        assert!(page.status == 422 && page.value("who").as_deref() == Some("nobodyhere"));
        assert!(page.fault("who").is_some() && page.fault("number").is_some() && page.fault("from").is_some());

        let list = auditor.get("/staff/audit/export?did=posted+a+message").await.body;
        assert_eq!(list.lines().count(), 61, "{list}");
        assert!(
            list.starts_with(
                "\u{FEFF}At,By,By (id),Did,Record,Note,Source,Session,Sealed as\r\n2026-11-24T15:00:00.000000000Z,clerk1000,"
            ),
            "{list}"
        );
        // By its deed: the clock stands still, and of rows of one moment the first page shows any fifty.
        let page = auditor.get("/staff/audit?did=exported+the+audit").await;
        assert!(page.did("exported the audit"));
        let page = auditor.submit(&page, "/audit/verify", &[]).await;
        assert!(page.says("The audit holds."), "{}", page.words());
        let page = auditor.submit(&page, "/audit/verify", &[("seal", "nonsense")]).await;
        assert!(page.fault("seal").is_some() && page.value("seal").as_deref() == Some("nonsense"));
        let forged = format!("3:{}", "0".repeat(64));
        let page = auditor.submit(&page, "/audit/verify", &[("seal", &forged)]).await;
        assert!(page.says("The audit does not hold.") && page.says("row 3 is not the one that was noted"));

        // Nobody is offered what is not theirs: an auditor reads, and posts nothing.
        let page = auditor.get(ACCOUNT).await;
        assert!(page.says("Message 59") && !page.says("Post a message"));
        portal.stop().await;
    });
}
