//! Times as Hubble writes them, in UTC.

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
/// `2026-07-31T10:41:02.2Z`, with one to nine digits behind the second.
const CLOCK: usize = 19;
const MOST_DIGITS: usize = 9;
/// Nanoseconds of all moments of these years fit into 64 bits, and are not 0, which stands for none.
const YEARS: std::ops::RangeInclusive<i64> = 1971..=2261;

/// The nanoseconds since 1970 of a time; `None` for one that is written in any other way, or does not exist.
pub fn nanoseconds(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let fraction = bytes.strip_suffix(b"Z")?.get(CLOCK + 1..)?;
    if fraction.is_empty() || fraction.len() > MOST_DIGITS {
        return None;
    }
    for (at, sign) in [
        (4, b'-'),
        (7, b'-'),
        (10, b'T'),
        (13, b':'),
        (16, b':'),
        (CLOCK, b'.'),
    ] {
        if bytes[at] != sign {
            return None;
        }
    }
    let year = number(&bytes[..4])?;
    let (month, day) = (number(&bytes[5..7])?, number(&bytes[8..10])?);
    let (hour, minute, second) = (
        number(&bytes[11..13])?,
        number(&bytes[14..16])?,
        number(&bytes[17..19])?,
    );
    if !YEARS.contains(&year)
        || !(1..=12).contains(&month)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    if day < 1 || day > days_of(year, month) {
        return None;
    }
    let decimals = number(fraction)? * 10_i64.pow((MOST_DIGITS - fraction.len()) as u32);
    let seconds = days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    Some(seconds * SECOND + decimals)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |found, each| {
        each.is_ascii_digit()
            .then(|| found * 10 + i64::from(each - b'0'))
    })
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from 1970 to a date.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let past = year - 1;
    let leaps = past / 4 - past / 100 + past / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    let months: i64 = (1..month).map(|each| days_of(year, each)).sum();
    (year - 1970) * 365 + leaps + months + day - 1
}
