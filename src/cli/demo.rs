//! The demo: a county on a database that lives as long as the program.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use clap::Args;

use super::words::{say, told};
use super::{logs, serve};
use crate::base::calendar::{Zone, local_day};
use crate::base::id::Id;
use crate::base::instant::{Clock, Instant};
use crate::config::Config;
use crate::db::dialect;
use crate::db::engine::Place;
use crate::demo::{self, Login};
use crate::directory::passwords;

/// The only secret that is not the operator's own: it seals what everybody may know.
const SECRET: &str = "lianxi-demo: nothing in here is anybody's secret";
const PASSWORD: &str = "Lianxi-Demo-2026";

/// Show a made-up county, on a fresh database that is removed at the end
///
/// Needs no configuration and reads none but LIANXI_LOG. The county is the same in every run: it lives in the year of its
/// today and the one before. While it runs, `POST /demo/clock {"now": "2026-12-31T01:00:00Z"}` moves its time on.
#[derive(Args)]
pub struct Demo {
    /// Where to serve; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
    /// The day it is, e.g. 2026-11-24: the county's years are this one and the last, and its clock starts at nine that morning
    #[arg(long, value_name = "DAY")]
    today: Option<NaiveDate>,
    /// An empty database to use instead of a temporary one, postgresql://… or sqlite:PATH; it is there still when the demo ends
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl Demo {
    pub fn run(&self) -> Result<(), String> {
        logs::for_people(&std::env::var("LIANXI_LOG").unwrap_or_else(|_| "warn".to_owned()))?;
        let clock = Clock::default();
        if let Some(day) = self.today {
            clock.set(nine_in_the_morning(day));
        }
        let folder = Folder::make()?;
        let config = self.config(&folder.0)?;
        let listener = serve::listen(&config)?;
        let place = Place::parse(&config.database_url)?;
        let mut conn = place.connect().map_err(|error| error.to_string())?;
        dialect::migrate(&mut conn)?;
        drop(conn);
        let db = serve::open(&config, place, clock)?;
        let hash = passwords::hash(PASSWORD).map_err(|problem| told(&problem))?;
        let made = demo::settle(&db, &hash).map_err(|problem| told(&problem))?;
        let today = local_day(db.clock().now().0, Zone::default());
        serve::until_stopped(&config, db, listener, true, |address| say(&welcome(address, today, &made.logins)))
    }

    fn config(&self, folder: &Path) -> Result<Config, String> {
        let pairs = [
            ("DATABASE_URL", self.database.clone().unwrap_or_else(|| format!("sqlite:{}", folder.join("demo.db").display()))),
            ("LIANXI_SECRET", SECRET.to_owned()),
            ("LIANXI_LISTEN", self.listen.clone()),
            // Whoever tries it out logs in often, and jumps over weeks.
            ("LIANXI_LOGINS_PER_MINUTE", "1000".to_owned()),
            ("LIANXI_REQUESTS_PER_MINUTE", "10000".to_owned()),
            ("LIANXI_REFRESH_HOURS", "720".to_owned()),
        ];
        Config::load(None, pairs.into_iter().map(|(name, value)| (name.to_owned(), value)))
    }
}

fn nine_in_the_morning(day: NaiveDate) -> Instant {
    let local = day.and_time(NaiveTime::MIN) + TimeDelta::hours(9);
    Instant((local - Zone::default().ahead_of_utc()).and_utc())
}

/// Removed with everything in it when the demo ends.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("lianxi-demo-{}", Id::fresh()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning of its temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn welcome(address: SocketAddr, today: NaiveDate, logins: &[Login]) -> String {
    let base = format!("http://{address}");
    let mut out = format!(
        "联系 Lianxi · 演示 demo · {today}\n\n  {base}/docs           接口文档，可直接试用 the API, to read and to try\n  {base}/openapi.json   OpenAPI 3.1\n\n\
         账号 accounts，密码都是 all with the password {PASSWORD}\n\n"
    );
    for login in logins {
        // Chinese characters are twice as wide: the roles, which are ASCII, come first.
        _ = writeln!(out, "  {:<17}{:<36}{}", login.name, login.roles.join(", "), login.who);
    }
    _ = write!(
        out,
        "\n试一试 try it (a member's own opinions):\n\n\
         TOKEN=$(curl -s {base}/v1/auth/login -H 'Content-Type: application/json' -d '{{\"account\": \"member-1\", \"password\": \"{PASSWORD}\"}}' | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/'); \\\n\
         curl -s {base}/v1/opinions -H \"Authorization: Bearer $TOKEN\"\n\n\
         时间前移 move the time on (never back):\n\n\
         curl -s {base}/demo/clock -H 'Content-Type: application/json' -d '{{\"now\": \"{}T01:00:00Z\"}}'\n\n\
         Ctrl-C 结束，数据随之删除 ends it and removes its data.\n",
        today + TimeDelta::days(14)
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_nine_local_time() {
        let day = "2026-11-24".parse().expect("a day");
        let at = nine_in_the_morning(day);
        assert_eq!(at.to_string(), "2026-11-24T01:00:00Z");
        assert_eq!(local_day(at.0, Zone::default()), day);
    }
}
