//! One core's clock: read when a poll begins, so that a phase costs no system call; the only place that asks what time it is.

use std::{
    cell::Cell,
    rc::Rc,
    sync::LazyLock,
    time::{Duration, Instant, SystemTime},
};

/// Microseconds since the first clock of the process was made.
pub type Micros = u64;

/// Microseconds in one second.
pub const SECOND: Micros = 1_000_000;

/// Where the time comes from.
#[derive(Debug)]
enum Source {
    /// The machine.
    System(Instant),
    /// A test: microseconds since the epoch and since the start are the same number.
    Manual(Rc<Cell<Micros>>),
}

/// A coarse clock: `refresh` reads it, everything else looks at what was read last.
#[derive(Debug)]
pub struct Clock {
    source: Source,
    now: Cell<Micros>,
    /// Wall time minus `now`; read again once a second, so that a corrected clock is followed.
    offset: Cell<Micros>,
    offset_until: Cell<Micros>,
    /// `Sat, 21 Nov 2026 09:00:00 GMT`, kept until its second is over.
    date: Cell<[u8; 29]>,
    /// `21/Nov/2026:09:00:00 +0000`.
    request_time: Cell<[u8; 26]>,
    /// The second since the epoch that both texts say.
    texts_second: Cell<u64>,
    texts_until: Cell<Micros>,
}

impl Clock {
    /// The machine's clock. All of them count from the same moment, so that cores can compare what they say.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn system() -> Self {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        Self::over(Source::System(*START))
    }

    /// A clock that stands until the test moves it.
    pub fn manual(time: Rc<Cell<Micros>>) -> Self {
        Self::over(Source::Manual(time))
    }

    fn over(source: Source) -> Self {
        let clock = Self {
            source,
            now: Cell::new(0),
            offset: Cell::new(0),
            offset_until: Cell::new(0),
            date: Cell::new([b' '; 29]),
            request_time: Cell::new([b' '; 26]),
            texts_second: Cell::new(u64::MAX),
            texts_until: Cell::new(0),
        };
        clock.refresh();
        clock
    }

    /// Reads the time; called when a poll begins.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn refresh(&self) -> Micros {
        let now = match &self.source {
            Source::System(start) => {
                let now = start.elapsed().as_micros() as Micros;
                if now >= self.offset_until.get() {
                    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                    self.offset.set((wall.as_micros() as Micros).saturating_sub(now));
                    self.offset_until.set(now + SECOND);
                    self.texts_until.set(0);
                }
                now
            }
            Source::Manual(time) => time.get(),
        };
        self.now.set(now);
        now
    }

    /// The time of the last `refresh`, since the start.
    pub fn now(&self) -> Micros {
        self.now.get()
    }

    /// The time of the last `refresh`, since the epoch.
    pub fn wall(&self) -> Duration {
        Duration::from_micros(self.now.get() + self.offset.get())
    }

    /// The value of a `Date` header now.
    pub fn date(&self) -> [u8; 29] {
        self.write_texts();
        self.date.get()
    }

    /// `$context.requestTime` of a request that arrived then; nearly always in this second.
    #[inline]
    pub fn request_time(&self, arrived: Duration) -> [u8; 26] {
        self.write_texts();
        if self.texts_second.get() == arrived.as_secs() {
            self.request_time.get()
        } else {
            other_request_time(arrived.as_secs())
        }
    }

    #[inline]
    fn write_texts(&self) {
        let now = self.now.get();
        if now >= self.texts_until.get() {
            let wall = now + self.offset.get();
            let (date, request_time) = texts(wall / SECOND);
            self.texts_second.set(wall / SECOND);
            self.date.set(date);
            self.request_time.set(request_time);
            self.texts_until.set(now + SECOND - wall % SECOND);
        }
    }
}

const DAYS: [&[u8; 3]; 7] = [b"Thu", b"Fri", b"Sat", b"Sun", b"Mon", b"Tue", b"Wed"];
const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

fn two(out: &mut [u8], value: u64) {
    out[0] = b'0' + (value / 10 % 10) as u8;
    out[1] = b'0' + (value % 10) as u8;
}

#[cold]
fn other_request_time(second: u64) -> [u8; 26] {
    texts(second).1
}

fn texts(second: u64) -> ([u8; 29], [u8; 26]) {
    let days = second / 86_400;
    let (hour, minute, sec) = (second / 3600 % 24, second / 60 % 60, second % 60);
    // Howard Hinnant's civil_from_days: eras of 400 years, years begin in March.
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let mut date = *b"Thu, 01 Jan 1970 00:00:00 GMT";
    date[..3].copy_from_slice(DAYS[(days % 7) as usize]);
    two(&mut date[5..], day);
    date[8..11].copy_from_slice(MONTHS[month as usize - 1]);
    two(&mut date[12..], year / 100);
    two(&mut date[14..], year);
    two(&mut date[17..], hour);
    two(&mut date[20..], minute);
    two(&mut date[23..], sec);
    let mut clf = *b"01/Jan/1970:00:00:00 +0000";
    clf[..2].copy_from_slice(&date[5..7]);
    clf[3..6].copy_from_slice(&date[8..11]);
    clf[7..11].copy_from_slice(&date[12..16]);
    clf[12..20].copy_from_slice(&date[17..25]);
    (date, clf)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(second: u64) -> (String, String) {
        let (date, request_time) = texts(second);
        (String::from_utf8(date.to_vec()).unwrap(), String::from_utf8(request_time.to_vec()).unwrap())
    }

    #[test]
    fn writes_http_and_log_dates() {
        for (second, date, clf) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT", "01/Jan/1970:00:00:00 +0000"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT", "06/Nov/1994:08:49:37 +0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT", "29/Feb/2000:00:00:00 +0000"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT", "28/Feb/2100:23:59:59 +0000"),
        ] {
            assert_eq!(shown(second), (date.to_owned(), clf.to_owned()));
        }
    }

    #[test]
    fn a_manual_clock_moves_only_when_refreshed() {
        let time = Rc::new(Cell::new(5 * SECOND));
        let clock = Clock::manual(time.clone());
        assert_eq!(clock.date(), *b"Thu, 01 Jan 1970 00:00:05 GMT");
        time.set(6 * SECOND);
        assert_eq!(clock.now(), 5 * SECOND);
        clock.refresh();
        assert_eq!(clock.request_time(clock.wall()), *b"01/Jan/1970:00:00:06 +0000");
        assert_eq!(clock.request_time(Duration::from_secs(4)), *b"01/Jan/1970:00:00:04 +0000");
    }
}
