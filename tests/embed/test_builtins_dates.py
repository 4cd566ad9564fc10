"""Calendar and durations (docs/builtins.md#calendar)."""

import math

import pytest

from embed.builtins_support import Duration, Run, Thrown, call, display, problem

NOON = 1705321845  # 2024-01-15T12:30:45Z, a Monday


def test_now() -> None:
    run = Run(now=1_700_000_000_123)
    assert run.call("date_now") == {
        "year": 2023,
        "month": 11,
        "day": 14,
        "hour": 22,
        "minute": 13,
        "second": 20,
        "weekday": 2,
        "timestamp": 1_700_000_000.123,
        "iso8601": "2023-11-14T22:13:20.123Z",
    }
    assert run.call("date_now_iso") == run.call("date_iso") == "2023-11-14T22:13:20.123Z"
    run.clock.now = 5_000
    assert (run.call("date_now")["timestamp"], type(run.call("date_now")["timestamp"])) == (5, int)
    run.call("mock_time", 86_400_000)
    assert run.call("date_iso") == "1970-01-02T00:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "timestamp"),
    [
        ("2024-01-15T12:30:45Z", NOON),
        ("2024-01-15t12:30:45z", NOON),
        ("2024-01-15T14:30:45+02:00", NOON),
        ("2024-01-15T07:00:45.25-05:30", NOON + 0.25),
        ("2024-01-15T12:30:45.123456789Z", NOON + 0.123456),
        ("2024-01-15 12:30:45", NOON),
        ("2024-01-15 12:30:45.5", NOON + 0.5),
        ("2024-01-15T12:30:45", NOON),
        ("2024-01-15T12:30:45.5", NOON + 0.5),
        ("2024-01-15 12:30", NOON - 45),
        ("2024-01-15T12:30", NOON - 45),
        ("2024-01-15", 1705276800),
        ("2024-1-5", 1704412800),
        ("on 2024/01/15 at 12h", 1705320000),
        ("2024.01.15 12-30-45 and 99", NOON),
        ("0001-01-01", -62135596800),
        ("1969-12-31T23:59:59.5Z", -0.5),
    ],
)
def test_parse(text: str, timestamp: float) -> None:
    found = call("date_parse", text)
    assert found == timestamp
    assert type(found) is type(timestamp)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Jan 2024", "Cannot parse date: Jan 2024"),
        ("", "Cannot parse date: "),
        ("2024-01-" + "9" * 20, "Cannot parse date: 2024-01-99999999999999999999"),
        ("2024-13-01", "Invalid month: 13 (must be 1-12)"),
        ("2024-00-01", "Invalid month: 0 (must be 1-12)"),
        ("2024-01-32", "Invalid day: 32 (must be 1-31)"),
        ("2024-02-30", "Invalid date: 2024-02-30"),
        ("2023-02-29", "Invalid date: 2023-02-29"),
        ("12345-01-01", "Invalid date: 12345-01-01"),
        ("2024-01-01 25:00:00", "Invalid hour: 25 (must be 0-23)"),
        ("2024-01-01 10:61:00", "Invalid minute: 61 (must be 0-59)"),
        ("2024-01-15T12:30:60Z", "Invalid second: 60 (must be 0-59)"),
    ],
)
def test_parse_refuses(text: str, message: str) -> None:
    assert problem("date_parse", text) == (Thrown, message)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("%Y %C %y %-m %m %b %h %B %d %e %_d %-d", "2024 20 24 1 01 Jan Jan January 15 15 15 15"),
        ("%a %A %w %u %U %W %G %g %V %j", "Mon Monday 1 1 02 03 2024 24 03 015"),
        ("%H %k %I %l %M %S %p %P", "12 12 12 12 30 45 PM pm"),
        ("%f %3f %6f %9f %.f %.3f %.6f %.9f", "250000000 250 250000 250000000 .250 .250 .250000 .250000000"),
        ("%z %:z %::z %:::z %Z %s", f"+0000 +00:00 +00:00:00 +00 UTC {NOON}"),
        (
            "%D %x %F %v %R %T %X %r",
            "01/15/24 01/15/24 2024-01-15 15-Jan-2024 12:30 12:30:45 12:30:45 12:30:45 PM",
        ),
        ("%c|%+|%t|%n|%%", "Mon Jan 15 12:30:45 2024|2024-01-15T12:30:45.250+00:00|\t|\n|%"),
        ("%q %Q 100% %é", "%q %Q 100% %é"),
    ],
)
def test_format(template: str, text: str) -> None:
    assert call("date_format", NOON + 0.25, template) == text


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((NOON,), "2024-01-15 12:30:45"),
        (({"timestamp": NOON, "x": 1}, None, "America/New_York"), "2024-01-15 07:30:45"),
        ((NOON, "%Z %z %I%P", "America/New_York"), "EST -0500 07am"),
        ((NOON, "%e %U", "UTC"), "15 02"),
        ((0, "%I %l %p %f"), "12 12 AM 000000000"),
        ((1e9 + 0.1234567, "%6f"), "123457"),
        ((-0.5, "%F %T%.f"), "1969-12-31 23:59:59.500"),
        ((1704067200 + 86400 * 6, "%e %_d %-e"), " 7  7 7"),
    ],
)
def test_format_by_default_and_in_zones(args: tuple[object, ...], text: str) -> None:
    assert call("date_format", *args) == text


def test_zones() -> None:
    shown = (
        "{day: 15, hour: 18, iso8601: 2024-01-15T18:00:45+05:30, minute: 0, month: 1, offset_seconds: 19800, "
        "second: 45, timestamp: 1705321845, weekday: 1, year: 2024, zone: Asia/Kolkata}"
    )
    assert display(call("date_in_zone", NOON, "Asia/Kolkata")) == shown
    assert call("date_to_zone", NOON, "UTC") == "2024-01-15T12:30:45+00:00"
    assert call("date_to_zone", 0.5, "America/St_Johns") == "1969-12-31T20:30:00.500-03:30"
    assert call("date_to_zone", 0.000001, "UTC") == "1970-01-01T00:00:00.000001+00:00"


@pytest.mark.parametrize(
    ("parts", "zone", "timestamp"),
    [
        ({"year": 2024, "month": 1, "day": 15, "hour": 12, "minute": 30, "second": 45}, None, NOON),
        ({"year": 2024, "month": 1, "day": 15}, "UTC", 1705276800),
        ({"year": 2024, "month": 1, "day": 15, "hour": 7}, "America/New_York", 1705320000),
        # Clocks showed this time twice; the first is meant.
        ({"year": 2024, "month": 11, "day": 3, "hour": 1, "minute": 30}, "America/New_York", 1730611800),
    ],
)
def test_from_components(parts: object, zone: object, timestamp: int) -> None:
    assert call("date_from_components", parts, zone) == timestamp


DAY = {"year": 2024, "month": 1, "day": 1}


@pytest.mark.parametrize(
    ("parts", "zone", "message"),
    [
        (5, None, "date_from_components: expected dict, got int"),
        ({"month": 1}, None, "date_from_components: missing year"),
        ({"year": 1, "month": 1}, None, "date_from_components: missing day"),
        ({**DAY, "day": "x"}, None, "date_from_components: day must be an integer, got string"),
        ({**DAY, "hour": 1.0}, None, "date_from_components: hour must be an integer, got float"),
        ({**DAY, "month": 13}, None, "Invalid month: 13 (must be 1-12)"),
        ({**DAY, "second": -1}, None, "Invalid second: -1 (must be 0-59)"),
        ({**DAY, "month": 2, "day": 30}, None, "Invalid date: 2024-02-30"),
        ({**DAY, "year": 0}, None, "Invalid date: 0000-01-01"),
        ({**DAY, "year": 10**30}, None, f"Invalid date: {10**30}-01-01"),
        (DAY, "Nope", "date_from_components: unknown timezone 'Nope'"),
        (
            {"year": 2024, "month": 3, "day": 10, "hour": 2, "minute": 30},
            "America/New_York",
            "date_from_components: local time does not exist in that timezone",
        ),
        ({"year": 1, "month": 1, "day": 1}, "Asia/Tokyo", "date_from_components: timestamp out of range"),
    ],
)
def test_from_components_refuses(parts: object, zone: object, message: str) -> None:
    assert problem("date_from_components", parts, zone) == (Thrown, message)


@pytest.mark.parametrize(
    ("timestamp", "milliseconds", "later"),
    [(0, 1_500, 1.5), (0.5, 500, 1), (NOON, -86_400_000, NOON - 86_400), ({"timestamp": 1}, 0, 1)],
)
def test_add_and_diff(timestamp: object, milliseconds: int, later: float) -> None:
    found = call("date_add", timestamp, Duration(milliseconds))
    assert (found, type(found)) == (later, type(later))
    assert call("date_diff", found, timestamp).milliseconds == milliseconds
    assert call("date_diff", timestamp, found).milliseconds == -milliseconds


def test_names() -> None:
    assert call("weekday_name", NOON) == "Monday"
    assert call("weekday_name", 0, "America/New_York") == "Wednesday"
    assert call("month_name", {"timestamp": 0}) == "January"
    assert call("month_name", 0, "America/New_York") == "December"


NAMES = ("date_format", "date_in_zone", "date_to_zone", "date_add", "date_diff", "weekday_name", "month_name")


@pytest.mark.parametrize("name", NAMES)
def test_dates_refuse(name: str) -> None:
    assert problem(name) == (Thrown, f"{name}: missing timestamp argument")
    others: dict[str, object] = {"string": "2024", "nil": None, "dict": {"timestamp": "x"}, "bool": True}
    for kind, value in others.items():
        told = f"{name}: expected timestamp number or date dict, got {kind}"
        assert problem(name, value, "UTC") == (Thrown, told)
    for seconds in (math.inf, math.nan, 1e18, 10**40, 300_000_000_000):
        assert problem(name, seconds, "UTC") == (Thrown, f"{name}: timestamp out of range")


@pytest.mark.parametrize(
    "name", ["date_in_zone", "date_to_zone", "date_format", "weekday_name", "month_name"]
)
@pytest.mark.parametrize("zone", ["Nope", "", "../UTC", "Europe", "\0", 5])
def test_zones_refuse(name: str, zone: object) -> None:
    args = (0, "%Y", zone) if name == "date_format" else (0, zone)
    assert problem(name, *args) == (Thrown, f"{name}: unknown timezone '{zone}'")


def test_more_refusals() -> None:
    assert problem("date_in_zone", 0) == (Thrown, "date_in_zone: missing timezone argument")
    assert problem("date_to_zone", 0) == (Thrown, "date_to_zone: missing timezone argument")
    assert problem("date_add", 0) == (Thrown, "date_add: missing duration argument")
    assert problem("date_add", 0, 5) == (Thrown, "date_add: expected duration, got int")
    assert problem("date_diff", 0) == (Thrown, "date_diff: missing timestamp argument")
    for milliseconds in (10**16, -(10**16), 10**40):
        assert problem("date_add", 0, Duration(milliseconds)) == (Thrown, "date_add: timestamp out of range")
    last = call("date_parse", "9999-12-31T23:59:59Z")
    assert problem("date_to_zone", last, "Asia/Tokyo") == (Thrown, "date_to_zone: timestamp out of range")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("duration_ms", 1),
        ("duration_seconds", 1_000),
        ("duration_minutes", 60_000),
        ("duration_hours", 3_600_000),
        ("duration_days", 86_400_000),
    ],
)
def test_durations(name: str, unit: int) -> None:
    assert call(name, 2).milliseconds == 2 * unit
    assert call(name, -3).milliseconds == -3 * unit
    assert call(name, 1.5).milliseconds == (2 if unit == 1 else unit * 3 // 2)
    assert call(name, -2.5).milliseconds == (-3 if unit == 1 else -unit * 5 // 2)
    assert call(name, (2**63 - 1) // unit).milliseconds == (2**63 - 1) // unit * unit
    assert problem(name) == (Thrown, f"{name}: missing value argument")
    assert problem(name, "2") == (Thrown, f"{name}: expected number, got string")
    assert problem(name, None) == (Thrown, f"{name}: expected number, got nil")
    for value in (2**63, -(2**70), 1e300, math.inf, math.nan):
        assert problem(name, value) == (Thrown, f"{name}: duration overflow")


@pytest.mark.parametrize(
    ("milliseconds", "seconds", "text"),
    [
        (0, 0, "0s"),
        (1, 0, "1ms"),
        (1_999, 1, "1s 999ms"),
        (-1_999, -1, "-1s 999ms"),
        (11_640_000, 11_640, "3h 14m"),
        (-7_200_000, -7_200, "-2h"),
        (93_784_005, 93_784, "1d 2h 3m"),
        (86_461_005, 86_461, "1d 1m 1s"),
        (60_000, 60, "1m"),
    ],
)
def test_from_durations(milliseconds: int, seconds: int, text: str) -> None:
    assert call("duration_to_seconds", Duration(milliseconds)) == seconds
    assert call("duration_to_human", Duration(milliseconds)) == text


@pytest.mark.parametrize("name", ["duration_to_seconds", "duration_to_human"])
def test_from_durations_refuses(name: str) -> None:
    assert problem(name) == (Thrown, f"{name}: missing duration argument")
    assert problem(name, 5) == (Thrown, f"{name}: expected duration, got int")
