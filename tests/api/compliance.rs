//! 履职情况 over HTTP.

use std::collections::BTreeSet;

use lianxi::base::id::Id;
use serde_json::{Value, json};

use crate::facts::{ALWAYS, Told, review, visit};
use crate::town::{Actor, Town};
use crate::walk::{act, submitted};

const PATH: &str = "/v1/reports/compliance";

async fn report(actor: &Actor, query: &str) -> Value {
    actor.get(&format!("{PATH}?limit=100&{query}")).send().await.is(200)
}

fn items(report: &Value) -> &[Value] {
    report["items"].as_array().expect("items")
}

/// The row of a duty and a person.
#[track_caller]
fn row<'r>(report: &'r Value, duty: &str, person: &str) -> &'r Value {
    let of = |row: &&Value| row["duty"] == duty && row["person"]["name"] == person;
    let found: Vec<_> = items(report).iter().filter(of).collect();
    assert_eq!(found.len(), 1, "{duty} of {person} in {report}");
    found[0]
}

fn persons(report: &Value) -> BTreeSet<String> {
    items(report).iter().map(|row| row["person"]["name"].as_str().expect("a name").to_owned()).collect()
}

fn figures(row: &Value) -> (i64, i64, i64, &str) {
    let number = |field: &str| row[field].as_i64().expect("a number");
    (number("owed"), number("done"), number("confirmed"), row["status"].as_str().expect("a status"))
}

#[actix_web::test]
async fn a_member_sees_the_own_duties_with_what_was_done() {
    for town in Town::on_each_engine().await {
        town.leads("副主席", "教育界1", ALWAYS);
        town.lists("教育界1", &[None, None, None, None], ALWAYS);
        town.tells(visit("2026-01-10", "教育界1", &[("教育界1", false)]));
        town.tells(visit("2026-02-10", "教育界2", &[("教育界2", false), ("教育界1", true)]));
        town.tells(visit("2026-02-11", "教育界2", &[("教育界2", false)]));
        let report = report(&town.member("教育界"), "").await;
        assert_eq!((&report["year"], &report["as_of"]), (&json!(2026), &json!("2026-03-02")));
        assert_eq!(persons(&report), BTreeSet::from(["教育界1".to_owned()]));
        assert_eq!(items(&report).len(), 5);
        assert_eq!(figures(row(&report, "visits", "教育界1")), (2, 2, 1, "met"));
        assert_eq!(figures(row(&report, "constituents", "教育界1")), (5, 4, 0, "on_track"));
        assert_eq!(figures(row(&report, "leader", "教育界1")), (1, 1, 0, "met"));
        let review = row(&report, "leader_review", "教育界1");
        assert_eq!(review["charged_person"]["name"], "副主席");
        assert_eq!(
            (&review["due_on"], &review["begins_on"], &review["missing"]),
            (&json!("2026-12-31"), &json!("2026-01-01"), &json!(1))
        );
        let review = row(&report, "committee_review", "教育界1");
        assert_eq!((&review["charged_committee"]["name"], &review["sector"]["name"]), (&json!("教科卫体委"), &json!("教育界")));
        assert!(report.get("totals").is_none(), "sums are given when they are asked for");
    }
}

#[actix_web::test]
async fn a_committee_sees_its_sectors_its_members_and_what_it_is_charged_with() {
    for town in Town::on_each_engine().await {
        let committee = town.committee("经济界");
        let own = ["主席", "副主席", "秘书长", "经济界1", "经济界2"].map(str::to_owned);
        assert_eq!(persons(&report(&committee, "").await), BTreeSet::from(own.clone()));
        town.put(|conn, county| county.membership(conn, county.persons["农业界1"], county.organizations["经济委"], "member"));
        town.ends("经济界2", "member", "2026-01-31");
        town.takes_seat("经济界2", "农业界", "2026-02-01");
        let report = report(&committee, "with_total=true").await;
        let mut seen = BTreeSet::from(own);
        seen.insert("农业界1".to_owned());
        assert_eq!(persons(&report), seen);
        let moved: Vec<_> = items(&report).iter().filter(|row| row["person"]["name"] == "经济界2").collect();
        assert_eq!(moved.len(), 3, "of who went to a sector without a committee the committee of before keeps the charge");
        assert_eq!(row(&report, "committee_review", "经济界2")["charged_committee"]["name"], "经济委");
        assert_eq!(report["total"], json!(items(&report).len()));
        let none = committee.get(&format!("{PATH}?person={}", town.county.persons["教育界1"])).send().await.is(200);
        assert_eq!(none["items"], json!([]));
    }
}

#[actix_web::test]
async fn a_leader_sees_what_is_charged_to_them_and_the_sums_of_the_whole() {
    for town in Town::on_each_engine().await {
        town.leads("主席", "农业界1", ALWAYS);
        town.leads("副主席", "教育界1", ALWAYS);
        let report = report(&town.leader(), "with_total=true").await;
        assert_eq!(persons(&report), BTreeSet::from(["主席".to_owned(), "农业界1".to_owned()]));
        assert_eq!(items(&report).iter().filter(|row| row["person"]["name"] == "农业界1").count(), 2);
        let totals = report["totals"].as_array().expect("totals");
        let of = |duty: &str| totals.iter().find(|total| total["duty"] == duty).expect("a total")["counts"].clone();
        assert_eq!(of("visits")["persons"], 9);
        assert_eq!(of("standing_members")["met"], 2);
        assert_eq!(
            of("leader"),
            json!({"exempt": 0, "met": 2, "on_track": 1, "at_risk": 0, "unmet": 0, "owed": 3, "done": 2,
            "confirmed": 0, "missing": 1, "persons": 3, "judged_persons": 3})
        );
        // Sums are no way round to one person's row.
        let one =
            town.leader().get(&format!("{PATH}?with_total=true&person={}", town.county.persons["教育界2"])).send().await.is(200);
        assert_eq!((&one["items"], &one["totals"]), (&json!([]), &json!([])));
    }
}

#[actix_web::test]
async fn the_office_sees_sums_and_member_affairs_every_row() {
    for town in Town::on_each_engine().await {
        let office = report(&town.office(), "roll_up=sector").await;
        assert_eq!(office["items"], json!([]));
        let cells = office["roll_up"].as_array().expect("cells");
        let names: Vec<_> = cells.iter().map(|cell| cell["of"]["name"].as_str().unwrap_or_default()).collect();
        assert_eq!(names, ["农业界", "教育界", "经济界"]);
        let affairs = report(&town.affairs(), "with_total=true").await;
        assert_eq!(affairs["total"], 36);
        assert_eq!(items(&affairs).len(), 36);
        assert_eq!(affairs["feedback"], json!([]));
        for label in ["管理员", "审计员", "教育界活动组", "信息员", "县府办"] {
            town.actor(label).get(PATH).send().await.is_problem(403, "forbidden");
        }
        let elsewhere = report(&town.of(&town.elsewhere, "委员工委"), "").await;
        let ours: Vec<Value> = items(&affairs).iter().map(|row| row["person"]["id"].clone()).collect();
        assert!(items(&elsewhere).iter().all(|row| !ours.contains(&row["person"]["id"])));
    }
}

#[actix_web::test]
async fn pages_hold_what_the_whole_list_holds() {
    for town in Town::on_each_engine().await {
        town.leads("主席", "农业界1", ALWAYS);
        town.lists("农业界1", &[None, None, None, None, None], ALWAYS);
        town.tells(visit("2026-01-10", "农业界1", &[("农业界1", false), ("农业界2", false)]));
        town.tells(review("2026-01-11", 2026, "主席", &[("主席", false), ("农业界1", true)]));
        let whole = report(&town.affairs(), "with_total=true").await;
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = town.affairs().get(&format!("{PATH}?limit=7{cursor}")).send().await.is(200);
            paged.extend(items(&page).to_vec());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, items(&whole));
        assert_eq!(figures(row(&whole, "leader_review", "农业界1")), (1, 1, 1, "met"));
        let met = report(&town.affairs(), "status=met").await;
        let expected: Vec<&Value> = items(&whole).iter().filter(|row| row["status"] == "met").collect();
        assert_eq!(items(&met).iter().collect::<Vec<_>>(), expected);
        town.affairs().get(&format!("{PATH}?status=met{cursor}")).send().await.has_fault("/cursor", "cursor");
    }
}

#[actix_web::test]
async fn filters_leave_out_what_is_not_asked_for() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        let (sectors, organizations) = (&town.county.sectors, &town.county.organizations);
        let of_sector = report(&affairs, &format!("sector={}&article=14", sectors["教育界"])).await;
        assert_eq!(persons(&of_sector), BTreeSet::from(["教育界1".to_owned(), "教育界2".to_owned()]));
        assert_eq!(items(&of_sector).len(), 2);
        let of_group = report(&affairs, &format!("group={}&article=13&article=14", organizations["教育界活动组"])).await;
        assert_eq!(items(&of_group).len(), 4);
        let of_committee = report(&affairs, &format!("committee={}&article=13", organizations["经济委"])).await;
        assert_eq!(items(&of_committee).len(), 5);
        let person = town.county.persons["农业界2"];
        let of_person = report(&affairs, &format!("person={person}&roll_up=group")).await;
        assert_eq!(items(&of_person).len(), 3);
        assert_eq!(of_person["roll_up"], json!([]), "this sector has no group");
        let stranger = town.elsewhere.persons["农业界2"];
        assert_eq!(report(&affairs, &format!("person={stranger}")).await["items"], json!([]));
        affairs.get(&format!("{PATH}?article=15")).send().await.has_fault("/article/0", "enum");
    }
}

#[actix_web::test]
async fn days_to_come_and_days_of_another_year_are_refused() {
    for town in Town::on_each_engine().await {
        let affairs = town.affairs();
        for (query, pointer, code) in [
            ("as_of=2026-03-03", "/as_of", "in_the_future"),
            ("year=2027", "/year", "in_the_future"),
            ("year=2025&as_of=2026-01-01", "/as_of", "outside_year"),
            ("year=1999", "/year", "too_small"),
            ("colour=red", "/colour", "unknown_field"),
        ] {
            affairs.get(&format!("{PATH}?{query}")).send().await.has_fault(pointer, code);
        }
        assert_eq!(report(&affairs, "as_of=2025-06-30").await["year"], 2025);
        assert_eq!(report(&affairs, "year=2025").await["as_of"], "2025-12-31");
    }
}

#[actix_web::test]
async fn a_past_day_is_read_as_it_was() {
    for town in Town::on_each_engine().await {
        town.leads("主席", "教育界1", ("2022-01-01", "2025-06-30"));
        town.leads("副主席", "教育界1", ("2025-07-01", ""));
        town.tells(review("2025-05-01", 2025, "主席", &[("主席", false), ("教育界1", true)]));
        town.tells(visit("2025-08-01", "教育界1", &[("教育界1", false)]));
        let affairs = town.affairs();
        let before = report(&affairs, "as_of=2025-06-30").await;
        assert_eq!(row(&before, "leader_review", "教育界1")["charged_person"]["name"], "主席");
        assert_eq!(figures(row(&before, "visits", "教育界1")), (2, 0, 0, "on_track"));
        let after = report(&affairs, "year=2025").await;
        let review = row(&after, "leader_review", "教育界1");
        assert_eq!((figures(review), &review["charged_person"]["name"]), ((1, 1, 1, "met"), &json!("副主席")));
        assert_eq!(figures(row(&after, "visits", "教育界1")), (2, 1, 0, "unmet"));
        assert_eq!(figures(row(&report(&affairs, "as_of=2025-10-03").await, "visits", "教育界1")), (2, 1, 0, "at_risk"));
    }
}

#[actix_web::test]
async fn a_person_of_the_county_is_none_of_the_people() {
    for town in Town::on_each_engine().await {
        town.has_phone("农业界2", "13800000001");
        town.has_phone("教育界1", "13800000002");
        let listed = town.lists("教育界1", &[Some("13800000001"), Some("13800000002"), Some("13800000003"), None], ALWAYS);
        let met =
            |on, constituents| Told {
                others: 0, constituents, ..visit(on, "教育界1", &[("教育界1", false), ("教育界2", false)])
            };
        town.tells(met("2026-01-10", &listed[..1]));
        town.tells(met("2026-01-11", &listed[..2]));
        town.tells(met("2026-01-12", &listed[..3]));
        town.tells(Told { others: 2, ..met("2026-01-13", &listed[..1]) });
        for query in ["", "with_total=true"] {
            let report = report(&town.affairs(), query).await;
            assert_eq!(row(&report, "constituents", "教育界1")["done"], 2, "an account's holder and oneself do not count");
            assert_eq!(row(&report, "visits", "教育界1")["done"], 2);
            assert_eq!(row(&report, "visits", "教育界2")["done"], 2);
        }
    }
}

#[actix_web::test]
async fn disputed_and_voided_records_count_nowhere_and_linked_ones_once() {
    for town in Town::on_each_engine().await {
        let mine: &[(&str, bool)] = &[("教育界1", false)];
        town.tells(Told { state: "disputed", ..visit("2026-01-10", "教育界1", mine) });
        town.tells(Told { state: "voided", ..visit("2026-01-11", "教育界1", mine) });
        town.tells(Told { state: "confirmed", settled: true, ..visit("2026-01-12", "教育界1", mine) });
        let link = Some(Id::fresh());
        town.tells(Told { link, ..visit("2026-01-20", "教育界1", mine) });
        town.tells(Told { link, ..visit("2026-01-19", "教育界2", &[("教育界2", false)]) });
        // Its other record is of last year, and of somebody else: so it is a contact of last year.
        let link = Some(Id::fresh());
        town.tells(Told { link, ..visit("2026-01-01", "教育界1", mine) });
        town.tells(Told { link, ..visit("2025-12-31", "农业界2", &[("农业界2", false)]) });
        let report = report(&town.affairs(), "").await;
        assert_eq!(figures(row(&report, "visits", "教育界1")), (2, 2, 1, "met"));
        assert_eq!(figures(row(&report, "visits", "农业界2")), (2, 0, 0, "on_track"));
    }
}

#[actix_web::test]
async fn a_committees_review_is_confirmed_by_the_side_that_did_not_write_it() {
    for town in Town::on_each_engine().await {
        let committee = "教科卫体委";
        let by_member = |on, confirmed| Told {
            committee: Some((committee, confirmed)),
            ..review(on, 2026, "教育界2", &[("教育界2", false)])
        };
        town.tells(by_member("2026-01-10", None));
        assert_eq!(figures(row(&report(&town.committee("教育界"), "").await, "committee_review", "教育界2")), (1, 1, 0, "met"));
        town.tells(by_member("2026-01-11", Some("教科卫体委干部")));
        assert_eq!(figures(row(&report(&town.committee("教育界"), "").await, "committee_review", "教育界2")), (1, 1, 1, "met"));
        town.tells(Told {
            committee: Some((committee, None)),
            for_committee: true,
            ..review("2026-01-12", 2026, "教科卫体委干部", &[("教科卫体委干部", false), ("教育界1", true)])
        });
        // The economy's committee has no say in education.
        town.tells(Told {
            committee: Some(("经济委", None)), ..review("2026-01-13", 2026, "农业界1", &[("农业界1", false)])
        });
        let report = report(&town.affairs(), "").await;
        assert_eq!(figures(row(&report, "committee_review", "教育界1")), (1, 1, 1, "met"));
        assert_eq!(figures(row(&report, "committee_review", "农业界1")), (1, 0, 0, "on_track"));
    }
}

#[actix_web::test]
async fn leave_and_exemptions_are_shown_with_their_days() {
    for town in Town::on_each_engine().await {
        town.exempts("教育界1", "leave", Some(14), ("2026-07-01", "2026-12-31"));
        town.exempts("教育界2", "exemption", None, ("2026-03-01", ""));
        let report = report(&town.affairs(), "").await;
        let leave = row(&report, "visits", "教育界1");
        assert_eq!((&leave["days"], &leave["owed"], &leave["exemption"]), (&json!(181), &json!(1), &json!(null)));
        let exempt = row(&report, "visits", "教育界2");
        assert_eq!(figures(exempt), (2, 0, 0, "exempt"));
        assert_eq!((&exempt["exemption"]["from"], &exempt["exemption"]["to"]), (&json!("2026-03-01"), &json!(null)));
        assert_eq!(exempt["missing"], 0);
    }
}

#[actix_web::test]
async fn rows_are_rolled_up_by_sector_committee_and_group() {
    for town in Town::on_each_engine().await {
        town.tells(visit("2026-01-10", "教育界1", &[("教育界1", false), ("教育界2", false)]));
        town.put(|conn, county| county.membership(conn, county.persons["农业界1"], county.organizations["教育界活动组"], "member"));
        let cell = |report: &Value, name: Option<&str>, duty: &str| {
            let cells = report["roll_up"].as_array().expect("cells");
            let cell = cells.iter().find(|cell| cell["of"]["name"].as_str() == name).expect("a cell");
            let of = cell["duties"].as_array().expect("duties").iter().find(|of| of["duty"] == duty).expect("a duty");
            of["counts"].clone()
        };
        let sectors = report(&town.affairs(), "roll_up=sector").await;
        assert_eq!(cell(&sectors, Some("教育界"), "visits")["done"], 2);
        let committees = report(&town.affairs(), "roll_up=committee").await;
        assert_eq!(cell(&committees, Some("经济委"), "visits")["persons"], 5);
        assert_eq!(cell(&committees, None, "visits")["persons"], 2, "a sector may have no committee");
        let groups = report(&town.affairs(), "roll_up=group").await;
        assert_eq!(cell(&groups, Some("教育界活动组"), "visits")["persons"], 3);
        let own = report(&town.committee("教育界"), "roll_up=sector").await;
        assert_eq!(own["roll_up"].as_array().map(Vec::len), Some(1), "a committee sums up what it sees");
    }
}

#[actix_web::test]
async fn a_parent_sees_sums_of_its_children_and_none_over_fewer_than_five() {
    for town in Town::on_each_engine().await {
        town.tells(visit("2026-01-10", "教育界1", &[("教育界1", false), ("教育界2", false)]));
        for label in ["办公室", "委员工委", "主席"] {
            let report = report(&town.of(&town.above, label), "roll_up=jurisdiction").await;
            assert_eq!(report["items"], json!([]));
            let cells = report["roll_up"].as_array().expect("cells");
            let codes: Vec<_> = cells.iter().map(|cell| cell["code"].as_str().expect("a code")).collect();
            assert_eq!(codes, ["330326", "330327"]);
            let of = |cell: &Value, duty: &str| {
                cell["duties"].as_array().expect("duties").iter().find(|of| of["duty"] == duty).cloned().expect("a duty")
            };
            assert_eq!(of(&cells[1], "visits")["counts"]["done"], 2);
            assert_eq!(of(&cells[0], "visits")["counts"]["done"], 0);
            let hidden = of(&cells[1], "leader_review");
            assert_eq!((&hidden["hidden"], &hidden["counts"]), (&json!(true), &json!(null)), "three standing members");
            let total = report["totals"].as_array().expect("totals").iter().find(|of| of["duty"] == "leader_review").cloned();
            assert_eq!(total.expect("a total")["counts"]["persons"], 6);
        }
        let committee = town.of(&town.above, "经济委");
        committee.get(&format!("{PATH}?roll_up=jurisdiction")).send().await.is_problem(403, "forbidden");
        let person = town.county.persons["教育界1"];
        let office = town.of(&town.above, "办公室");
        office.get(&format!("{PATH}?roll_up=jurisdiction&person={person}")).send().await.has_fault("/person", "not_together");
        // The difference of two sums, with and without, would be of fewer than five.
        office.get(&format!("{PATH}?roll_up=jurisdiction&status=unmet")).send().await.has_fault("/status", "not_together");
        let below_nobody = report(&town.office(), "roll_up=jurisdiction").await;
        assert_eq!(below_nobody["roll_up"], json!([]));
    }
}

#[actix_web::test]
async fn a_single_small_child_hides_the_next_smallest() {
    for town in Town::on_each_engine().await {
        for sector in ["经济界", "教育界", "农业界"] {
            for person in [format!("{sector}1"), format!("{sector}2")] {
                town.ends(&person, "member", "2025-12-31");
            }
        }
        let report = report(&town.of(&town.above, "办公室"), "roll_up=jurisdiction&article=14").await;
        for cell in report["roll_up"].as_array().expect("cells") {
            assert_eq!(cell["duties"][0]["hidden"], true, "{cell}");
        }
        assert_eq!(report["totals"][0]["counts"]["persons"], 12);
    }
}

/// Article 19 as the report tells it: owner, due, on time, late, open, authors.
async fn answers(actor: &Actor, query: &str) -> Vec<(String, [i64; 5])> {
    let report = report(actor, query).await;
    let one = |row: &Value| {
        let count = |field: &str| row["counts"][field].as_i64().expect("a count");
        let owner = row["owner"]["name"].as_str().expect("an owner").to_owned();
        (owner, ["due", "on_time", "late", "open", "persons"].map(count))
    };
    let mut rows: Vec<_> = report["feedback"].as_array().expect("rows").iter().map(one).collect();
    rows.sort();
    rows
}

#[actix_web::test]
async fn what_is_said_of_the_cppccs_work_is_answered_in_time_or_not() {
    for town in Town::on_each_engine().await {
        let five = json!({"from": "2026-03-02", "values": {"first_feedback_days": 5}});
        town.admin().post("/v1/settings").json(five).await.is(201);
        let (first, second, farmer) = (town.member("教育界"), town.actor("教育界2"), town.member("农业界"));
        let (committee, office, affairs) = (town.committee("教育界"), town.office(), town.affairs());
        let because = || Some(json!({"reason": "不属政协工作"}));
        let declined = submitted(&first, "期限之日谢绝的", json!({})).await;
        let retained = submitted(&first, "留存并反馈的", json!({})).await;
        let late = submitted(&second, "逾期谢绝的", json!({})).await;
        submitted(&second, "没有答复的", json!({})).await;
        let returned = submitted(&first, "退回补正的", json!({})).await;
        let withdrawn = submitted(&first, "撤回的", json!({})).await;
        submitted(&first, "另一轨道的", json!({"track": "social_conditions"})).await;
        let at_office = submitted(&farmer, "没有对口专委会的", json!({})).await;
        act(&first, &withdrawn, "withdraw", Some(json!({"reason": "已解决"}))).await.is(200);

        town.at("2026-03-04T02:00:00Z");
        let with_author = act(&committee, &returned, "return", Some(json!({"reason": "地点不详"}))).await.is(200);
        let kept = act(&committee, &retained, "accept", None).await.is(200);
        let kept = act(&committee, &kept, "retain", Some(json!({"reason": "已有安排"}))).await.is(200);
        act(&committee, &kept, "feedback", Some(json!({"text": "已列入工作安排。"}))).await.is(200);
        assert_eq!(answers(&affairs, "article=19").await, [], "no limit has come");

        // The limit of what was submitted on Monday, the second, is Monday, the ninth.
        town.at("2026-03-09T15:59:00Z");
        act(&committee, &declined, "decline", because()).await.is(200);
        town.at("2026-03-10T02:00:00Z");
        act(&committee, &late, "decline", because()).await.is(200);
        act(&office, &at_office, "accept", None).await.is(200);
        // Two days had gone when it was returned on Wednesday; of the rest the first is the day after it came again.
        let again = act(&first, &with_author, "submit", None).await.is(200);
        let educations = ("教科卫体委".to_owned(), [4, 2, 1, 1, 2]);
        let offices = ("办公室".to_owned(), [1, 0, 0, 1, 1]);
        assert_eq!(answers(&affairs, "article=19").await, [offices.clone(), educations.clone()]);
        let before = answers(&affairs, "article=19&as_of=2026-03-09").await;
        assert_eq!(before[1].1, [4, 2, 0, 2, 2], "on its last day what came a day late was open");

        town.at("2026-03-12T15:59:00Z");
        assert_eq!(answers(&affairs, "article=19").await, [offices.clone(), educations], "its limit is the thirteenth");
        town.at("2026-03-13T02:00:00Z");
        act(&committee, &again, "decline", because()).await.is(200);
        assert_eq!(answers(&affairs, "article=19").await, [offices, ("教科卫体委".to_owned(), [5, 3, 1, 1, 2])]);
        assert_eq!(answers(&office, "article=19").await.len(), 2, "sums are the office's too");
        let of_year = answers(&affairs, "year=2025&article=19").await;
        assert_eq!(of_year, [], "none was submitted then");
    }
}
