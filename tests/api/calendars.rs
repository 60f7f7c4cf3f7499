//! 工作日历 over HTTP.

use serde_json::{Value, json};

use crate::town::{Town, at_once};
use crate::traces::{audited, changed};
use crate::walk::{act, answered, clock_strikes, meeting, read, receipt, reported, submitted};

#[actix_web::test]
async fn published_calendars_are_read_by_everybody_and_years_without_one_are_not_there() {
    for town in Town::on_each_engine().await {
        for label in ["管理员", "审计员", "教育界1", "县府办"] {
            let answer = town.actor(label).get("/v1/calendars/2026").send().await;
            assert_eq!(answer.header("etag"), Some("\"0\""), "{label}");
            let calendar = answer.is(200);
            assert_eq!(
                (&calendar["year"], &calendar["origin"], &calendar["source"], &calendar["updated_at"]),
                (&json!(2026), &json!("published"), &json!("国办发明电〔2025〕7号"), &json!(null))
            );
            assert_eq!(calendar["days_off"][0], "2026-01-01");
            assert!(calendar["days_worked"].as_array().expect("days").contains(&json!("2026-02-14")));
        }
        for year in ["2027", "1999", "2101", "99999999999999999999", "x", "-2026", "2026.0"] {
            town.office().get(&format!("/v1/calendars/{year}")).send().await.is_problem(404, "not_found");
        }
    }
}

#[actix_web::test]
async fn an_own_calendar_goes_before_the_published_one() {
    for town in Town::on_each_engine().await {
        let admin = town.admin();
        let seen = admin.get("/v1/calendars/2026").send().await.is(200);
        let body = json!({"days_off": ["2026-10-02", "2026-10-01"], "days_worked": ["2026-10-10"], "source": " 县政府通知 "});
        let own = admin.put("/v1/calendars/2026").if_match(&seen).json(body).await.is(200);
        assert_eq!(
            own,
            json!({
                "year": 2026, "origin": "own", "days_off": ["2026-10-01", "2026-10-02"], "days_worked": ["2026-10-10"],
                "source": "县政府通知", "etag": "\"1\"", "updated_at": "2026-03-02T02:00:00Z",
            })
        );
        let body = json!({"days_off": [], "days_worked": []});
        admin.put("/v1/calendars/2026").if_match(&seen).json(body.clone()).await.is_problem(412, "version_mismatch");
        let bare = admin.put("/v1/calendars/2026").if_match(&own).json(body.clone()).await.is(200);
        assert_eq!((&bare["etag"], &bare["source"], &bare["days_off"]), (&json!("\"2\""), &json!(null), &json!([])));
        assert_eq!(town.of(&town.elsewhere, "办公室").get("/v1/calendars/2026").send().await.is(200), seen, "each has its own");

        let new = admin.put("/v1/calendars/2030").header("If-Match", "\"0\"").json(body).await.is(200);
        assert_eq!((&new["origin"], &new["etag"]), (&json!("own"), &json!("\"1\"")));
        let years = async |query: &str| -> Vec<Value> {
            let page = admin.get(&format!("/v1/calendars?{query}")).send().await.is(200);
            page["items"].as_array().expect("items").iter().map(|item| item["year"].clone()).collect()
        };
        assert_eq!(years("").await, [2025, 2026, 2030]);
        assert_eq!(years("sort=-year&limit=2").await, [2030, 2026]);
        let first = admin.get("/v1/calendars?limit=2&with_total=true").send().await.is(200);
        assert_eq!(first["total"], json!(3));
        let cursor = first["next_cursor"].as_str().expect("a cursor");
        assert_eq!(years(&format!("limit=2&cursor={cursor}")).await, [2030]);
        let entries = audited(&town, "calendar_replace");
        assert_eq!(entries.iter().map(|entry| entry.role.as_deref()).collect::<Vec<_>>(), [Some("admin"); 3]);
        assert_eq!(changed(&town, "calendar_replace"), 3);
    }
}

#[actix_web::test]
async fn every_fault_of_a_calendar_is_told_at_its_place() {
    for town in Town::on_each_engine().await {
        let admin = town.admin();
        let body = json!({
            "days_off": ["2027-01-01", "2027-01-02", "2026-12-31", "2027-01-01"],
            "days_worked": ["2027-01-04", "2027-01-09"],
        });
        let answer = admin.put("/v1/calendars/2027").header("If-Match", "\"0\"").json(body.clone()).await;
        let problem = answer.is_problem(422, "invalid_input");
        let faults = problem["errors"].as_array().expect("faults").iter().map(|fault| {
            format!("{} {}", fault["pointer"].as_str().unwrap_or_default(), fault["code"].as_str().unwrap_or_default())
        });
        let faults: Vec<_> = faults.collect();
        assert_eq!(
            faults,
            ["/days_off/1 not_a_weekday", "/days_off/2 outside_year", "/days_off/3 repeated", "/days_worked/0 not_a_weekend_day"]
        );
        admin.get("/v1/calendars/2027").send().await.is_problem(404, "not_found");
        let many: Vec<_> = (0..262).map(|_| "2026-12-31").collect();
        let body = json!({"days_off": many, "days_worked": []});
        let problem = admin.put("/v1/calendars/2027").header("If-Match", "\"0\"").json(body).await.is_problem(422, "invalid_input");
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(100), "at most a hundred are told");
        let put = async |body: Value| admin.put("/v1/calendars/2027").header("If-Match", "\"0\"").json(body).await;
        put(json!({"days_off": []})).await.has_fault("/days_worked", "required");
        put(json!({"days_off": ["soon"], "days_worked": []})).await.has_fault("/days_off/0", "format");
    }
}

#[actix_web::test]
async fn a_calendar_is_entered_by_admins_with_the_etag_that_they_saw() {
    for town in Town::on_each_engine().await {
        let (path, body) = ("/v1/calendars/2028", json!({"days_off": ["2028-01-03"], "days_worked": []}));
        for label in ["主席", "办公室", "委员工委", "教育界1"] {
            town.actor(label).put(path).header("If-Match", "\"0\"").json(body.clone()).await.is_problem(403, "forbidden");
        }
        let admin = town.admin();
        admin.put(path).json(body.clone()).await.is_problem(428, "precondition_required");
        admin.put(path).header("If-Match", "\"1\"").json(body.clone()).await.is_problem(412, "version_mismatch");
        admin.put("/v1/calendars/1999").header("If-Match", "\"0\"").json(body.clone()).await.is_problem(404, "not_found");
        let asks = (0..20).map(|_| (admin.put(path).header("If-Match", "\"0\""), body.clone())).collect();
        let mut statuses: Vec<_> = at_once(asks).await.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [vec![200], vec![412; 19]].concat());
    }
}

#[actix_web::test]
async fn deadlines_under_way_are_counted_anew_when_a_calendar_comes_or_changes() {
    for town in Town::on_each_engine().await {
        let (admin, member, committee) = (town.admin(), town.member("教育界"), town.committee("教育界"));
        let puts = async |year: i64, seen: &str, off: &[&str], worked: &[&str]| {
            let put = admin.put(&format!("/v1/calendars/{year}")).header("If-Match", seen);
            put.json(json!({"days_off": off, "days_worked": worked})).await.is(200)
        };
        let due = async |opinion: &Value| read(&member, opinion).await["due"].clone();
        let on = |due: &Value| (due["on"].as_str().map(str::to_owned), due["calendar"].as_str().map(str::to_owned));
        let is = |day: &str, calendar: &str| (Some(day.to_owned()), Some(calendar.to_owned()));

        town.at("2026-12-30T02:00:00Z");
        let triage = submitted(&member, "跨年", json!({})).await;
        let other = submitted(&member, "跨年的另一件", json!({"urgency": "extra_urgent"})).await;
        let report = act(&committee, &other, "accept", None).await.is(200);
        let answered = answered(&town, "已反馈的").await;
        let receipt_before = receipt(&member, &answered).await;
        assert_eq!(on(&due(&triage).await), is("2027-01-04", "assumed"));
        assert_eq!(on(&due(&report).await), is("2026-12-31", "known"));
        assert_eq!(on(&due(&answered).await), is("2027-01-20", "assumed"));

        puts(2027, "\"0\"", &["2027-01-01", "2027-01-04"], &[]).await;
        assert_eq!(on(&due(&triage).await), is("2027-01-04", "assumed"), "it is counted by the clock");
        clock_strikes(&town).await;
        let moved = read(&member, &triage).await;
        assert_eq!((on(&moved["due"]), &moved["etag"]), (is("2027-01-06", "known"), &triage["etag"]));
        assert_eq!(on(&due(&report).await), is("2026-12-31", "known"));
        assert_eq!(on(&due(&answered).await), is("2027-01-22", "known"));
        let receipt_after = receipt(&member, &answered).await;
        assert_eq!((&receipt_before["due_on"], &receipt_after["due_on"]), (&json!("2027-01-20"), &json!("2027-01-22")));
        assert_eq!(receipt_before["etag"], receipt_after["etag"]);

        // A correction moves it back, and of the other county's calendar nothing comes.
        puts(2027, "\"1\"", &["2027-01-01"], &["2027-01-02"]).await;
        let foreign = town.of(&town.elsewhere, "管理员").put("/v1/calendars/2027").header("If-Match", "\"0\"");
        foreign.json(json!({"days_off": ["2027-01-04", "2027-01-05"], "days_worked": []})).await.is(200);
        clock_strikes(&town).await;
        assert_eq!(on(&due(&triage).await), is("2027-01-04", "known"));
        assert_eq!(clock_strikes(&town).await, 0, "a calendar is gone through once");

        // By the settings of the day on which its clock began, not by today's.
        let ten = json!({"from": "2026-12-30", "values": {"triage_days": 10}});
        town.at("2026-12-31T02:00:00Z");
        admin.post("/v1/settings").json(ten.clone()).await.has_fault("/from", "in_the_past");
        admin.post("/v1/settings").json(json!({"from": "2026-12-31", "values": ten["values"]})).await.is(201);
        puts(2027, "\"2\"", &["2027-01-01", "2027-01-04"], &[]).await;
        clock_strikes(&town).await;
        assert_eq!(on(&due(&triage).await), is("2027-01-06", "known"));
    }
}

#[actix_web::test]
async fn a_decision_is_counted_anew_from_its_meeting() {
    for town in Town::on_each_engine().await {
        town.at("2026-12-25T02:00:00Z");
        let meeting = meeting(&town, "第六次主席会议", "2026-12-30").await;
        let opinion = reported(&town, "会上的", &meeting).await;
        assert_eq!((&opinion["due"]["on"], &opinion["due"]["calendar"]), (&json!("2027-01-06"), &json!("assumed")));
        let body = json!({"days_off": ["2027-01-01"], "days_worked": ["2027-01-02", "2027-01-03"]});
        town.admin().put("/v1/calendars/2027").header("If-Match", "\"0\"").json(body).await.is(200);
        clock_strikes(&town).await;
        let due = read(&town.office(), &opinion).await["due"].clone();
        assert_eq!((&due["on"], &due["calendar"]), (&json!("2027-01-05"), &json!("known")));
    }
}
