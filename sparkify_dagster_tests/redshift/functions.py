"""What Redshift has and PostgreSQL lacks: the type SUPER, functions, views of the catalogue.

All of it is put into pg_catalog, which every search_path begins with. Bodies have no backslashes: they are read as the
session reads its texts.

What belongs here: the SQL that makes them. What doesn't: the views of loads (``views``), and what is done to a
statement's text (``translation``).
"""

_SUPER = """
CREATE TYPE pg_catalog.super;
CREATE FUNCTION pg_catalog.super_in(cstring) RETURNS super LANGUAGE internal IMMUTABLE STRICT AS 'json_in';
CREATE FUNCTION pg_catalog.super_out(super) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'json_out';
CREATE FUNCTION pg_catalog.super_recv(internal) RETURNS super LANGUAGE internal IMMUTABLE STRICT AS 'json_recv';
CREATE FUNCTION pg_catalog.super_send(super) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'json_send';
CREATE TYPE pg_catalog.super (
    INPUT = pg_catalog.super_in, OUTPUT = pg_catalog.super_out,
    RECEIVE = pg_catalog.super_recv, SEND = pg_catalog.super_send, LIKE = json
);
CREATE CAST (super AS json) WITHOUT FUNCTION;
CREATE CAST (json AS super) WITHOUT FUNCTION;

CREATE FUNCTION pg_catalog.json_typeof(super) RETURNS text LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT pg_catalog.json_typeof($1::json) $$;
CREATE FUNCTION pg_catalog.json_serialize(super) RETURNS varchar LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT $1::json::text::varchar $$;
CREATE FUNCTION pg_catalog.json_parse(varchar) RETURNS super LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT $1::json::super $$;
CREATE FUNCTION pg_catalog.can_json_parse(varchar) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT $1 IS JSON $$;
CREATE FUNCTION pg_catalog.is_valid_json(varchar) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT $1 IS JSON $$;
CREATE FUNCTION pg_catalog.get_array_length(super) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN pg_catalog.json_typeof($1::json) = 'array' THEN json_array_length($1::json)::bigint END $$;

-- A cast that can't be is NULL: cast_super_null_on_error is on.
CREATE FUNCTION pg_catalog.super_to_varchar(super) RETURNS varchar LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN pg_catalog.json_typeof($1::json) NOT IN ('object', 'array')
                      THEN ($1::json #>> '{}')::varchar END $$;
CREATE FUNCTION pg_catalog.super_to_numeric(super) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN pg_catalog.json_typeof($1::json) IN ('number', 'string')
                       AND ($1::json #>> '{}') ~ '^ *[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,3})? *$'
                      THEN ($1::json #>> '{}')::numeric END $$;
CREATE FUNCTION pg_catalog.super_to_bigint(super) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN abs(super_to_numeric($1)) < 9223372036854775807 THEN super_to_numeric($1)::bigint END $$;
CREATE FUNCTION pg_catalog.super_to_integer(super) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN abs(super_to_numeric($1)) < 2147483647 THEN super_to_numeric($1)::integer END $$;
CREATE FUNCTION pg_catalog.super_to_smallint(super) RETURNS smallint LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN abs(super_to_numeric($1)) < 32767 THEN super_to_numeric($1)::smallint END $$;
CREATE FUNCTION pg_catalog.super_to_double(super) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN abs(super_to_numeric($1)) < 1e308 THEN super_to_numeric($1)::double precision END $$;
CREATE FUNCTION pg_catalog.super_to_boolean(super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE $1::json::text WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE
                      WHEN '1' THEN TRUE WHEN '0' THEN FALSE END $$;
CREATE CAST (super AS varchar) WITH FUNCTION pg_catalog.super_to_varchar(super);
CREATE CAST (super AS numeric) WITH FUNCTION pg_catalog.super_to_numeric(super);
CREATE CAST (super AS bigint) WITH FUNCTION pg_catalog.super_to_bigint(super);
CREATE CAST (super AS integer) WITH FUNCTION pg_catalog.super_to_integer(super);
CREATE CAST (super AS smallint) WITH FUNCTION pg_catalog.super_to_smallint(super);
CREATE CAST (super AS double precision) WITH FUNCTION pg_catalog.super_to_double(super);
CREATE CAST (super AS boolean) WITH FUNCTION pg_catalog.super_to_boolean(super);
"""

_PARTS = {
    "us": ("us", "usec", "usecs", "microsecond", "microseconds", "microsec", "microsecs"),
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds", "millisec", "millisecs"),
    "second": ("s", "sec", "secs", "second", "seconds"),
    "minute": ("m", "min", "mins", "minute", "minutes"),
    "hour": ("h", "hr", "hrs", "hour", "hours"),
    "day": ("d", "day", "days"),
    "week": ("w", "week", "weeks"),
    "month": ("mon", "mons", "month", "months"),
    "quarter": ("q", "qtr", "qtrs", "quarter", "quarters"),
    "year": ("y", "yr", "yrs", "year", "years"),
    "decade": ("decade", "decades"),
    "century": ("c", "cent", "cents", "century", "centuries"),
}
DATEPARTS = frozenset(name for names in _PARTS.values() for name in names) | {
    "epoch", "dow", "dayofweek", "weekday", "doy", "dayofyear", "yearday", "millennium", "mil", "mils",
    "timezone", "timezone_hour", "timezone_minute",
}  # fmt: skip
"""Dateparts, in lower case, that may be written without quotes."""

_INTERVALS = {
    "us": "1 microsecond", "ms": "1 millisecond", "quarter": "3 months", "decade": "10 years", "century": "100 years",
}  # fmt: skip
_EPOCH = "extract(epoch FROM {})"
_DISTANCES = {
    "us": f"({_EPOCH} * 1000000)",
    "ms": f"floor({_EPOCH} * 1000)",
    "second": f"floor({_EPOCH})",
    "minute": f"floor({_EPOCH} / 60)",
    "hour": f"floor({_EPOCH} / 3600)",
    "day": f"floor({_EPOCH} / 86400)",
    # 1969-12-29 was a Monday.
    "week": f"floor(({_EPOCH} + 259200) / 604800)",
    "month": "(extract(year FROM {0}) * 12 + extract(month FROM {0}))",
    "quarter": "(extract(year FROM {0}) * 4 + extract(quarter FROM {0}))",
    "year": "extract(year FROM {})",
    "decade": "extract(decade FROM {})",
    "century": "extract(century FROM {})",
}


def _cases(expressions: dict[str, str]) -> str:
    return " ".join(
        f"WHEN lower($1) IN ({', '.join(repr(name) for name in names)}) THEN {expressions[part]}"
        for part, names in _PARTS.items()
    )


def _dates() -> str:
    added = {part: f"$3 + $2 * interval '{_INTERVALS.get(part, f'1 {part}')}'" for part in _PARTS}
    apart = {
        part: f"({distance.format('$3')} - {distance.format('$2')})::bigint" for part, distance in _DISTANCES.items()
    }
    return f"""
CREATE FUNCTION pg_catalog.dateadd(text, bigint, timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE {_cases(added)} END $$;
CREATE FUNCTION pg_catalog.date_add(text, bigint, timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE
    AS $$ SELECT pg_catalog.dateadd($1, $2, $3) $$;
CREATE FUNCTION pg_catalog.datediff(text, timestamp, timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE {_cases(apart)} END $$;
CREATE FUNCTION pg_catalog.date_diff(text, timestamp, timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE
    AS $$ SELECT pg_catalog.datediff($1, $2, $3) $$;
"""


_FUNCTIONS = """
CREATE FUNCTION pg_catalog.date_trunc(text, date) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT pg_catalog.date_trunc($1, $2::timestamp) $$;
CREATE FUNCTION pg_catalog.trunc(timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::date $$;
CREATE FUNCTION pg_catalog.last_day(timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT (pg_catalog.date_trunc('month', $1) + interval '1 month' - interval '1 day')::date $$;
CREATE FUNCTION pg_catalog.add_months(timestamp, integer) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT CASE WHEN $1::date = pg_catalog.last_day($1)
                      THEN pg_catalog.last_day($1 + $2 * interval '1 month') + $1::time
                      ELSE $1 + $2 * interval '1 month' END $$;
CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql STABLE
    AS $$ SELECT pg_catalog.statement_timestamp() AT TIME ZONE 'UTC' $$;
CREATE FUNCTION pg_catalog.redshift_sysdate() RETURNS timestamp LANGUAGE sql STABLE
    AS $$ SELECT pg_catalog.now() AT TIME ZONE 'UTC' $$;
CREATE FUNCTION pg_catalog.len(text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT pg_catalog.length($1) $$;
CREATE FUNCTION pg_catalog.charindex(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT pg_catalog.strpos($2, $1) $$;
CREATE FUNCTION pg_catalog.round(double precision, integer) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT pg_catalog.round($1::numeric, $2)::double precision $$;
CREATE FUNCTION pg_catalog.json_extract_path_text(varchar, VARIADIC text[]) RETURNS text LANGUAGE sql IMMUTABLE STRICT
    AS $$ SELECT pg_catalog.json_extract_path_text($1::json, VARIADIC $2) $$;
CREATE FUNCTION pg_catalog.pg_last_copy_id() RETURNS integer LANGUAGE sql VOLATILE
    AS $$ SELECT coalesce(nullif(current_setting('redshift.last_copy_id', TRUE), ''), '-1')::integer $$;
CREATE FUNCTION pg_catalog.pg_last_copy_count() RETURNS bigint LANGUAGE sql VOLATILE
    AS $$ SELECT coalesce(nullif(current_setting('redshift.last_copy_count', TRUE), ''), '0')::bigint $$;
CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3)'
                 ', Redshift 1.0.0 (a double for tests)' $$;
"""

_CATALOGUE = """
CREATE VIEW pg_catalog.svv_all_tables AS
SELECT current_database()::varchar AS database_name, table_schema::varchar AS schema_name,
    table_name::varchar AS table_name, NULL::varchar AS table_acl,
    CASE table_type WHEN 'BASE TABLE' THEN 'TABLE' ELSE table_type END::varchar AS table_type,
    NULL::varchar AS remarks
FROM information_schema.tables;
CREATE VIEW pg_catalog.svv_tables AS
SELECT current_database()::varchar AS table_catalog, table_schema::varchar AS table_schema,
    table_name::varchar AS table_name, table_type::varchar AS table_type, NULL::varchar AS remarks
FROM information_schema.tables;
CREATE VIEW pg_catalog.svv_all_columns AS
SELECT current_database()::varchar AS database_name, table_schema::varchar AS schema_name,
    table_name::varchar AS table_name, column_name::varchar AS column_name,
    ordinal_position::integer AS ordinal_position, column_default::varchar AS column_default,
    is_nullable::varchar AS is_nullable, coalesce(nullif(data_type, 'USER-DEFINED'), udt_name)::varchar AS data_type,
    character_maximum_length::integer AS character_maximum_length, numeric_precision::integer AS numeric_precision,
    numeric_scale::integer AS numeric_scale, NULL::varchar AS remarks
FROM information_schema.columns;
CREATE VIEW pg_catalog.svv_columns AS
SELECT database_name AS table_catalog, schema_name AS table_schema, table_name, column_name, ordinal_position,
    column_default, is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale, remarks
FROM pg_catalog.svv_all_columns;
GRANT SELECT ON pg_catalog.svv_all_tables, pg_catalog.svv_tables, pg_catalog.svv_all_columns, pg_catalog.svv_columns
TO PUBLIC;
"""


def definitions() -> list[str]:
    """The statements, each to be run as one."""
    return [_SUPER, _dates(), _FUNCTIONS, _CATALOGUE]
