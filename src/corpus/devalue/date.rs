//! Dates as JavaScript reads and writes them, in as far as payloads hold them: ISO 8601 and what comes close.

/// The furthest milliseconds from 1970 that a JavaScript date can be.
const LIMIT_MS: i64 = 8_640_000_000_000_000;

const MS_A_DAY: i64 = 86_400_000;

/// Returns the milliseconds since 1970 that a text means, `None` when it is no date.
///
/// Reads ISO 8601 with years of four or, signed, six digits; a blank may stand for the `T`. A time without a zone is
/// taken as UTC, because the same corpus must give the same entries on every machine.
pub(super) fn parse(text: &str) -> Option<i64> {
    let mut rest = Cursor(text.trim().as_bytes());
    let (sign, year_digits) = match rest.0.first()? {
        b'+' => (1, 6),
        b'-' => (-1, 6),
        _ => (1, 4),
    };
    if year_digits == 6 {
        rest.0 = &rest.0[1..];
    }
    let year = sign * rest.number(year_digits)?;
    if sign < 0 && year == 0 {
        return None;
    }
    let mut month = 1;
    let mut day = 1;
    if rest.eat(b"-") {
        month = rest.number(2)?;
        if rest.eat(b"-") {
            day = rest.number(2)?;
        }
    }
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day);
    let time = if rest.eat(b"Tt ") {
        time(&mut rest)?
    } else {
        0
    };
    if !valid || !rest.0.is_empty() {
        return None;
    }
    from_milliseconds((days_before(year, month, day) * MS_A_DAY + time) as f64)
}

/// Returns a date's milliseconds, whole, if they are within what JavaScript's dates can hold.
pub(super) fn from_milliseconds(milliseconds: f64) -> Option<i64> {
    (milliseconds.abs() <= LIMIT_MS as f64).then_some(milliseconds as i64)
}

/// Returns the date as `Date.prototype.toISOString` writes it.
pub(super) fn to_iso(milliseconds: i64) -> String {
    let (year, month, day) = civil(milliseconds.div_euclid(MS_A_DAY));
    let time = milliseconds.rem_euclid(MS_A_DAY);
    let year = match year {
        0..=9999 => format!("{year:04}"),
        year => format!("{year:+07}"),
    };
    let (hour, minute) = (time / 3_600_000, time / 60_000 % 60);
    let (second, fraction) = (time / 1000 % 60, time % 1000);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
}

/// Reads `hh:mm[:ss[.fraction]][zone]`, in milliseconds after midnight UTC.
fn time(rest: &mut Cursor<'_>) -> Option<i64> {
    let hour = rest.number(2)?;
    if !rest.eat(b":") {
        return None;
    }
    let minute = rest.number(2)?;
    let mut second = 0;
    let mut fraction = 0;
    if rest.eat(b":") {
        second = rest.number(2)?;
        if rest.eat(b".,") {
            fraction = rest.fraction()?;
        }
    }
    if minute > 59 || second > 59 {
        return None;
    }
    let time = (hour * 3600 + minute * 60 + second) * 1000 + fraction;
    if time > MS_A_DAY {
        return None;
    }
    let ahead = match rest.0.first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(b'Z' | b'z') => {
            rest.0 = &rest.0[1..];
            return Some(time);
        }
        _ => return Some(time),
    };
    rest.0 = &rest.0[1..];
    let hours = rest.number(2)?;
    rest.eat(b":");
    let minutes = rest.number(2)?;
    (hours < 24 && minutes < 60).then_some(time - ahead * (hours * 60 + minutes) * 60_000)
}

/// What is left of a text.
struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    /// Takes a number of exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        if !number.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.0 = rest;
        Some(
            number
                .iter()
                .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')),
        )
    }

    /// Takes the digits of a fraction of a second, in milliseconds; later digits count for nothing.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit());
        let digits = digits.count();
        if digits == 0 {
            return None;
        }
        let digit = |place: usize| i64::from(self.0[..digits].get(place).map_or(0, |d| d - b'0'));
        let milliseconds = digit(0) * 100 + digit(1) * 10 + digit(2);
        self.0 = &self.0[digits..];
        Some(milliseconds)
    }

    /// Takes one byte if it is one of these.
    fn eat(&mut self, any_of: &[u8]) -> bool {
        let found = self.0.first().is_some_and(|byte| any_of.contains(byte));
        if found {
            self.0 = &self.0[1..];
        }
        found
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Counting years from March puts the leap day
/// last, so that no month needs a table.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The year, month and day that lie so many days after 1970-01-01; the reverse of [`days_before`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written_as_javascript_does() {
        for (text, iso) in [
            ("1970-01-01T00:00:00.005Z", "1970-01-01T00:00:00.005Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000Z"),
            ("2024-02", "2024-02-01T00:00:00.000Z"),
            ("2024", "2024-01-01T00:00:00.000Z"),
            ("2024-05-06 07:08", "2024-05-06T07:08:00.000Z"),
            (
                "2024-05-06T07:08:09.123456+02:30",
                "2024-05-06T04:38:09.123Z",
            ),
            ("2024-01-01T00:00-0100", "2024-01-01T01:00:00.000Z"),
            ("2024-01-01T24:00:00Z", "2024-01-02T00:00:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("+012345-06-07T00:00:00.000Z", "+012345-06-07T00:00:00.000Z"),
            ("-000002-03-01T00:00:00.000Z", "-000002-03-01T00:00:00.000Z"),
            ("0000-01-01", "0000-01-01T00:00:00.000Z"),
            ("+275760-09-13T00:00:00.000Z", "+275760-09-13T00:00:00.000Z"),
        ] {
            assert_eq!(parse(text).map(to_iso).as_deref(), Some(iso), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "yesterday",
            "2024-13-01",
            "2024-00-10",
            "2024-01-32",
            "2024-01-01T25:00Z",
            "2024-01-01T10:60Z",
            "2024-01-01T10",
            "2024-01-01T10:00:00.Z",
            "2024-01-01Tx",
            "24-01-01",
            "-000000-01-01",
            "+275760-09-13T00:00:00.001Z",
            "2024-01-01T00:00:00Zx",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
