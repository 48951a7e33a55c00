"""The double's COPY behaves as Redshift's, as far as the project leans on it.

What belongs here: options, files, records, conversion, errors and the views that show them. What doesn't: the rest of
SQL (``test_double``).
"""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest

from sparkify_dagster_tests.redshift.clients import ROLE, Client, Failed, Files
from sparkify_dagster_tests.redshift.double import RedshiftDouble

at = datetime.fromisoformat

FAILED = "Load into table 't' failed.  Check 'sys_load_error_detail' system table for details."


class Copier:
    """A table, and COPY into it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def create(self, columns: str) -> None:
        """Makes the table anew."""
        self.client.run("DROP TABLE IF EXISTS t")
        self.client.run(f"CREATE TABLE t ({columns})")

    def copy(self, source: str, options: str = "JSON 'auto'", table: str = "t") -> int:
        """Copies; returns how many rows came."""
        self.client.run(f"COPY {table} FROM '{source}' IAM_ROLE '{ROLE}' {options}")
        return self.client.value("SELECT PG_LAST_COPY_COUNT()")

    def rows(self) -> list[tuple[Any, ...]]:
        """The table's rows."""
        return self.client.run("SELECT * FROM t ORDER BY 1")

    def errors(self) -> list[tuple[Any, ...]]:
        """What the last COPY left out: line, code, column, message."""
        return self.client.run(
            "SELECT line_number, error_code, BTRIM(column_name), BTRIM(error_message) FROM sys_load_error_detail "
            "WHERE query_id = PG_LAST_COPY_ID() ORDER BY file_name, line_number"
        )


@pytest.fixture
def copier(client: Client) -> Copier:
    return Copier(client)


class TestText:
    def test_options_in_any_order(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT, b TIMESTAMP")
        files.records("part.json", {"x": {"a": 1}, "ts": 1541105830796}, packed=True)
        manifest = files.manifest({"url": files.address("part.json"), "mandatory": True})
        paths = files.paths("$['x']['a']", "$.ts")
        copier.client.run(
            f"copy t (a, b) from '{manifest}' maxerror as 5 timeformat as 'epochmillisecs' gzip manifest "
            f"format as json '{paths}' statupdate off emptyasnull region as 'us-east-1' compupdate off "
            f"iam_role '{ROLE},arn:aws-cn:iam::123456789012:role/path/other';"
        )
        assert copier.rows() == [(1, at("2018-11-01 20:57:10.796"))]

    def test_default_role(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        files.records("a", {"a": 1})
        copier.client.run(f"COPY t FROM '{files.address('a')}' IAM_ROLE default JSON 'auto'")
        assert copier.rows() == [(1,)]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ("JSON 'auto' NULL AS ''", "NULL AS"),
            ("JSON 'auto' FILLRECORD", "FILLRECORD"),
            ("JSON 'auto' IGNOREBLANKLINES", "IGNOREBLANKLINES"),
            ("JSON 'auto' ESCAPE", "ESCAPE"),
            ("JSON 'auto' MAXERROR 100001", "MAXERROR"),
            ("JSON 'auto' GZIP ZSTD", "ZSTD"),
            ("JSON 'auto' ZSTD GZIP", "ZSTD"),
            ("JSON 'auto' SPEEDUP", "SPEEDUP"),
            ("JSON 'auto' GZIP GZIP", "redundant"),
            ("JSON 'guess'", "guess"),
            ("JSON 'auto' TIMEFORMAT 'EPOCHMILLISECS'", "EPOCHMILLISECS"),
            ("JSON 'auto' REGION 'Oregon'", "Oregon"),
            ("CSV", "CSV"),
            ("", "anything but JSON"),
        ],
    )
    def test_options_that_are_refused(self, copier: Copier, files: Files, options: str, message: str) -> None:
        copier.create("a BIGINT")
        files.records("a", {"a": 1})
        with pytest.raises(Failed, match=message):
            copier.copy(files.address("a"), options)
        assert copier.rows() == []

    @pytest.mark.parametrize(
        "role",
        [
            "",
            "IAM_ROLE 'loader'",
            "IAM_ROLE 'arn:aws:iam::123:role/loader'",
            f"IAM_ROLE '{ROLE}, {ROLE}'",
            "IAM_ROLE 'arn:aws:iam::123456789012:user/loader'",
        ],
    )
    def test_roles_that_are_refused(self, copier: Copier, files: Files, role: str) -> None:
        copier.create("a BIGINT")
        files.records("a", {"a": 1})
        with pytest.raises(Failed):
            copier.client.run(f"COPY t FROM '{files.address('a')}' {role} JSON 'auto'")

    def test_tables_and_columns_have_to_be_there(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT, b BIGINT NOT NULL")
        source = files.records("a", {"a": 1})
        for table, message in (("missing", "nonexistent"), ("t (c)", '"c"'), ("t (a)", "NOT NULL")):
            with pytest.raises(Failed, match=message):
                copier.copy(source, table=table)

    @pytest.mark.parametrize(
        ("paths", "message"),
        [
            ('{"jsonpaths": ["$.a"]}', "should match"),
            ('{"jsonpaths": ["$.a", "$.b", "$.c"]}', "should match"),
            ('{"jsonpaths": ["$.a", "b"]}', "Invalid JSONPath format"),
            ('{"jsonpaths": ["$.a", "$.*"]}', "Invalid JSONPath format"),
            ('["$.a", "$.b"]', "Invalid JSONPaths file"),
            ("{", "Invalid JSONPaths file"),
        ],
    )
    def test_paths_have_to_fit(self, copier: Copier, files: Files, paths: str, message: str) -> None:
        copier.create("a BIGINT, b BIGINT")
        source = files.records("a", {"a": 1})
        with pytest.raises(Failed, match=message):
            copier.copy(source, f"JSON '{files.put('paths.json', paths)}'")

    def test_missing_paths_file(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        with pytest.raises(Failed, match="does not exist"):
            copier.copy(files.records("a", {"a": 1}), f"JSON '{files.address('none.json')}'")


class TestFiles:
    def test_prefix_takes_every_key_that_begins_with_it(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        for number, key in enumerate(("log/a.json", "log/a.json.bak", "log/b.json")):
            files.records(key, {"a": number})
        assert copier.copy(files.address("log/a.json")) == 2
        assert copier.rows() == [(0,), (1,)]

    def test_prefix_without_keys_fails(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        with pytest.raises(Failed, match="The specified S3 prefix 'none' does not exist"):
            copier.copy(files.address("none"))

    def test_bucket_that_is_not_there(self, copier: Copier) -> None:
        copier.create("a BIGINT")
        with pytest.raises(Failed, match="NoSuchBucket"):
            copier.copy("s3://no-such-bucket-1/a")

    def test_bucket_of_another_region_is_refused(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        with pytest.raises(Failed, match="Status 301"):
            copier.copy(files.records("a", {"a": 1}), "JSON 'auto' REGION 'us-west-2'")

    @pytest.mark.parametrize("key", ["a b+c%20ü.json", "log_data/2018/11/x=1&y;z.json"])
    def test_odd_keys(self, copier: Copier, files: Files, key: str) -> None:
        copier.create("a BIGINT")
        files.records(key, {"a": 1})
        manifest = files.manifest({"url": files.address(key), "mandatory": True})
        assert copier.copy(manifest, "JSON 'auto' MANIFEST") == 1
        assert copier.copy(files.address(key)) == 1

    def test_manifest_takes_a_file_twice_that_is_named_twice(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        entry = {"url": files.records("a", {"a": 1}), "mandatory": True}
        assert copier.copy(files.manifest(entry, entry), "JSON 'auto' MANIFEST") == 2

    @pytest.mark.parametrize("entry", [{}, {"mandatory": False}])
    def test_missing_file_is_skipped_if_optional(self, copier: Copier, files: Files, entry: dict[str, Any]) -> None:
        copier.create("a BIGINT")
        manifest = files.manifest({"url": files.address("missing"), **entry}, {"url": files.records("a", {"a": 1})})
        assert copier.copy(manifest, "JSON 'auto' MANIFEST") == 1

    def test_missing_mandatory_file_is_named(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        missing = {"url": files.address("missing.json"), "mandatory": True}
        with pytest.raises(Failed, match=f"The specified S3 object '{files.address('missing.json')}' does not exist"):
            copier.copy(files.manifest({"url": files.records("a", {"a": 1})}, missing), "JSON 'auto' MANIFEST")
        assert copier.rows() == []

    @pytest.mark.parametrize(
        "manifest",
        ["{", "[]", '{"entries": [{"mandatory": true}]}', '{"entries": [{"url": "file"}]}', '{"files": []}',
         pytest.param(gzip.compress(b'{"entries": []}'), id="packed")],
    )  # fmt: skip
    def test_malformed_manifest(self, copier: Copier, files: Files, manifest: str | bytes) -> None:
        copier.create("a BIGINT")
        with pytest.raises(Failed, match=r"(?i)manifest"):
            copier.copy(files.put("load.manifest", manifest), "JSON 'auto' MANIFEST")

    def test_packed_and_plain_files(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        assert copier.copy(files.records("a.gz", {"a": 1}, packed=True), "JSON 'auto' GZIP") == 1
        with pytest.raises(Failed, match=files.address("plain.json")):
            copier.copy(files.records("plain.json", {"a": 1}), "JSON 'auto' GZIP")
        with pytest.raises(Failed, match="Load into table 't' failed"):
            copier.copy(files.address("a.gz"))

    @pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data[:30] + b"\0\0" + data[32:]])
    def test_damaged_packed_file_is_named(self, copier: Copier, files: Files, damage: Callable[[bytes], bytes]) -> None:
        copier.create("a BIGINT")
        packed = gzip.compress("".join(f'{{"a": {n * 7919}}}\n' for n in range(100)).encode())
        source = files.put("cut.gz", damage(packed))
        with pytest.raises(Failed, match=source):
            copier.copy(source, "JSON 'auto' GZIP MAXERROR 100000")
        assert copier.client.value("SELECT BTRIM(file_name) FROM sys_load_error_detail") == source


class TestRecords:
    @pytest.mark.parametrize(
        "text",
        [
            '{"a": 1}\n{"a": 2}\n',
            '{"a": 1}\r\n\r\n  \n{"a": 2}',
            '{"a": 1}{"a": 2}',
            '{"a": 1} {"a": 2}\n\n',
            '{\n  "a":\n 1\n}\n{"a": 2}',
            '{"a": 0, "a": 1, "b": {"a": "}{"}}\n{"c": [{}], "a": 2}',
            '{"a": 1, "x": "\\"}\\\\"}\n\t{"a": 2}',
        ],
    )
    def test_objects_follow_each_other(self, copier: Copier, files: Files, text: str) -> None:
        copier.create("a BIGINT")
        assert copier.copy(files.put("a", text)) == 2
        assert copier.rows() == [(1,), (2,)]

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            (b'{"a": 1', 1216),
            (b'{"a": tru}', 1216),
            (b"{'a': 1}", 1216),
            (b'{"a": NaN}', 1216),
            (b'{"a": 01}', 1216),
            (b'{"a": 1,}', 1216),
            (b'{"a": "\x01"}', 1216),
            (b"[1]", 1216),
            (b'"a"', 1216),
            (b"12", 1216),
            (b"a,b", 1216),
            (b'\xef\xbb\xbf{"a": 1}', 1216),
            (b'{"b": "\xff"}', 1220),
            (b'{"b": "\\u0000"}', 1220),
            (b'{"b": "\\ud800"}', 1220),
            (b'{"b": ["\\udc00\\ud800"]}', 1220),
            (b'{"a": ' + b"[" * 100_000, 1216),
        ],
    )
    def test_bad_record_is_left_out_alone(self, copier: Copier, files: Files, line: bytes, code: int) -> None:
        copier.create("a BIGINT, b VARCHAR(100)")
        source = files.put("a", b'{"a": 1}\n\n' + line + b'\n{"a": 2, "b": "\\ud83d\\ude00 \\\\u0000"}\n')
        assert copier.copy(source, "JSON 'auto' MAXERROR 1") == 2
        assert copier.rows() == [(1, None), (2, "😀 \\u0000")]
        assert [(number, found) for number, found, _, _ in copier.errors()] == [(3, code)]

    def test_error_is_on_the_last_line_of_its_object(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        source = files.put("a", '{"a": 1}\n{\n"a":\n"x"\n}\n{\n"a": tru\n}\n{"a": 3}')
        assert copier.copy(source, "JSON 'auto' MAXERROR 5") == 2
        assert [(line, code) for line, code, _, _ in copier.errors()] == [(5, 1207), (8, 1216)]

    def test_object_of_more_than_4_mb_fails_the_copy(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        fits = json.dumps({"a": 1, "x": "y" * ((4 << 20) - 20)})
        assert len(fits) <= 4 << 20
        assert copier.copy(files.put("fits", fits)) == 1
        with pytest.raises(Failed, match="Load into table"):
            copier.copy(files.put("large", fits[:-2] + "y" * 40 + '"}'), "JSON 'auto' MAXERROR 100000")

    def test_auto_matches_lower_case_only(self, copier: Copier, files: Files) -> None:
        copier.create("userid BIGINT, page VARCHAR(10)")
        source = files.records("a", {"userId": 1, "page": "x", "other": 2})
        copier.copy(source)
        assert copier.rows() == [(None, "x")]
        copier.create("userid BIGINT, page VARCHAR(10)")
        copier.copy(source, "JSON 'auto ignorecase'")
        assert copier.rows() == [(1, "x")]

    def test_paths(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT, b BIGINT, c BIGINT, d BIGINT, e BIGINT")
        paths = files.paths("$.a.b", "$['a']['c d']", "$.list[1]", '$["list"][2].x', "$.none.none")
        source = files.records("r", {"a": {"b": 1, "c d": 2}, "list": [0, 3, {"x": 4}]})
        copier.copy(source, f"JSON '{paths}'")
        assert copier.rows() == [(1, 2, 3, 4, None)]

    def test_paths_into_arrays(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT, b BIGINT")
        copier.copy(files.put("r", "[1, 2]\n[3]\n"), f"JSON '{files.paths('$[0]', '$[1]')}'")
        assert copier.rows() == [(1, 2), (3, None)]


CONVERSIONS: list[tuple[str, str, Any]] = [
    ("BIGINT", "12", 12),
    ("BIGINT", '"12"', 12),
    ("BIGINT", '""', None),
    ("BIGINT", "null", None),
    ("BIGINT", "9223372036854775807", 2**63 - 1),
    ("BIGINT", "9223372036854775808", 1204),
    ("BIGINT", "1.0", 1207),
    ("BIGINT", "1e3", 1207),
    ("BIGINT", "true", 1207),
    ("BIGINT", '"x"', 1207),
    ("BIGINT", "{}", 1207),
    ("INTEGER", "2147483648", 1204),
    ("SMALLINT", "-32768", -32768),
    ("DOUBLE PRECISION", "0.1", 0.1),
    ("DOUBLE PRECISION", "1.541105830796E12", 1541105830796.0),
    ("DOUBLE PRECISION", '"-1.5"', -1.5),
    ("DOUBLE PRECISION", '""', None),
    ("DOUBLE PRECISION", '"x"', 1208),
    ("DOUBLE PRECISION", "true", 1208),
    ("DOUBLE PRECISION", "1e400", 1208),
    ("VARCHAR(5)", '"häß"', "häß"),
    ("VARCHAR(5)", '""', ""),
    ("VARCHAR(5)", "null", None),
    ("VARCHAR(20)", "1540919166796.0", "1540919166796.0"),
    ("VARCHAR(20)", "1.50E1", "1.50E1"),
    ("VARCHAR(20)", "true", "true"),
    ("VARCHAR(20)", '{"b": [1.0, "ü"]}', '{"b":[1.0,"ü"]}'),
    ("VARCHAR(5)", '"abcdef"', 1204),
    ("VARCHAR(5)", '"häßl"', 1204),
    ("VARCHAR(20)", r'"a\tb\nc\\d\re"', "a\tb\nc\\d\re"),
    ("VARCHAR(20)", r'"\\N"', "\\N"),
    ("TIMESTAMP", '"2018-11-01 20:57:10.796"', at("2018-11-01 20:57:10.796")),
    ("TIMESTAMP", '"2018-11-01T20:57:10"', at("2018-11-01 20:57:10")),
    ("TIMESTAMP", '"soon"', 1206),
    ("TIMESTAMP", "1541105830796", 1206),
    ("DATE", '"2018-11-30"', date(2018, 11, 30)),
    ("DATE", '"2018-11-31"', 1205),
    ("BOOLEAN", "true", True),
    ("BOOLEAN", '"f"', False),
    ("BOOLEAN", "2", 1210),
    ("DECIMAL(5, 2)", "1.005", "1.01"),
    ("DECIMAL(5, 2)", "1000", 1209),
    ("SUPER", "null", "null"),
    ("SUPER", '{"b": 1.0}', '{"b":1.0}'),
    ("SUPER", '"x"', '"x"'),
    ("SUPER", f'"{"x" * 65_536}"', 1204),
]


class TestConversion:
    @pytest.mark.parametrize(("kind", "value", "expected"), CONVERSIONS, ids=lambda value: str(value)[:30])
    def test_values_of_types(self, copier: Copier, files: Files, kind: str, value: str, expected: Any) -> None:
        copier.create(f"a {kind}")
        source = files.put("a", f'{{"a": {value}}}\n')
        copier.copy(source, "JSON 'auto' MAXERROR 1")
        bad = {code for _, code, column, _ in copier.errors() if column == "a"}
        if isinstance(expected, int) and 1200 <= expected < 1300:
            assert bad == {expected}
            assert copier.client.run("SELECT a FROM t") == []
        else:
            assert bad == set()
            found = copier.client.value("SELECT a FROM t")
            assert (str(found) if kind.startswith("DECIMAL") else found) == expected

    def test_missing_is_null_also_for_super(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT, b VARCHAR(5), c SUPER")
        copier.copy(files.put("a", "{}"))
        assert copier.rows() == [(None, None, None)]

    def test_super_tells_json_null_from_nothing(self, copier: Copier, files: Files) -> None:
        copier.create("n BIGINT, a SUPER")
        copier.copy(files.put("a", '{"n": 1, "a": null}\n{"n": 2}\n{"n": 3, "a": 1540919166796.0}'))
        query = "SELECT JSON_TYPEOF(a), JSON_SERIALIZE(a), CAST(a AS VARCHAR(20)) FROM t ORDER BY n"
        assert copier.client.run(query) == [
            ("null", "null", None), (None, None, None), ("number", "1540919166796.0", "1540919166796.0"),
        ]  # fmt: skip

    @pytest.mark.parametrize("value", ["{}", '{"a": null}', '{"a": ""}'])
    def test_not_null(self, copier: Copier, files: Files, value: str) -> None:
        copier.create("a BIGINT NOT NULL")
        copier.copy(files.put("a", value), "JSON 'auto' MAXERROR 1")
        assert copier.errors() == [(1, 1213, "a", "Missing data for not-null field")]

    def test_words_of_an_invalid_digit(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        copier.copy(files.put("a", '{"a": "12x4"}'), "JSON 'auto' MAXERROR 1")
        assert copier.errors() == [(1, 1207, "a", "Invalid digit, Value 'x', Pos 2, Type: Long")]

    def test_empty_and_blank_texts(self, copier: Copier, files: Files) -> None:
        source = files.put("a", '{"a": "", "b": " "}')
        for options, expected in (("", ("", " ")), ("EMPTYASNULL", (None, " ")), ("BLANKSASNULL", (None, None))):
            copier.create("a VARCHAR(5), b VARCHAR(5)")
            copier.copy(source, f"JSON 'auto' {options}")
            assert copier.rows() == [expected]

    def test_long_texts_are_cut_on_request(self, copier: Copier, files: Files) -> None:
        copier.create("a VARCHAR(2)")
        copier.copy(files.put("a", '{"a": "xäy"}'), "JSON 'auto' TRUNCATECOLUMNS")
        assert copier.rows() == [("x",)]

    @pytest.mark.parametrize(
        ("timeformat", "value", "expected"),
        [
            ("epochmillisecs", "1541105830796", at("2018-11-01 20:57:10.796")),
            ("epochmillisecs", '"1541105830796"', at("2018-11-01 20:57:10.796")),
            ("epochmillisecs", "-1", at("1969-12-31 23:59:59.999")),
            ("epochsecs", "1541105830", at("2018-11-01 20:57:10")),
            ("epochmillisecs", "1541105830796.0", None),
            ("epochmillisecs", "99999999999999999999", None),
            ("epochmillisecs", '"2018-11-01"', None),
            ("auto", '"2018-11-01"', at("2018-11-01")),
        ],
    )
    def test_timeformats(
        self, copier: Copier, files: Files, timeformat: str, value: str, expected: datetime | None
    ) -> None:
        copier.create("a TIMESTAMP")
        copier.copy(files.put("a", f'{{"a": {value}}}'), f"JSON 'auto' TIMEFORMAT '{timeformat}' MAXERROR 1")
        assert copier.rows() == ([(expected,)] if expected else [])
        assert [code for _, code, _, _ in copier.errors()] == ([] if expected else [1206])


class TestTransactions:
    def test_rows_roll_back_and_accounts_stay(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        client = copier.client
        client.run("BEGIN")
        copier.copy(files.put("a", '{"a": 1}\n{"a": "x"}\n'), "JSON 'auto' MAXERROR 1")
        assert copier.rows() == [(1,)]
        assert len(copier.errors()) == 1
        client.run("ROLLBACK")
        assert copier.rows() == []
        assert len(copier.errors()) == 1
        assert client.value("SELECT PG_LAST_COPY_COUNT()") == 1

    def test_more_errors_than_allowed_fail_it(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        client = copier.client
        source = files.put("a", '{"a": 1}\n{"a": "x"}\n{"a": "y"}\n{"a": "z"}\n')
        client.run("BEGIN")
        client.run("INSERT INTO t VALUES (7)")
        with pytest.raises(Failed) as caught:
            copier.copy(source, "JSON 'auto' MAXERROR 1")
        assert (caught.value.code, caught.value.message) == ("XX000", FAILED)
        with pytest.raises(Failed, match="25P02"):
            copier.errors()
        client.run("ROLLBACK")
        assert copier.rows() == []
        assert [line for line, _, _, _ in copier.errors()] == [2, 3]
        assert client.value("SELECT PG_LAST_COPY_COUNT()") == 0
        assert client.value("SELECT status FROM sys_load_history WHERE query_id = PG_LAST_COPY_ID()") == "aborted"

    def test_alone_it_is_its_own_transaction(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        with pytest.raises(Failed):
            copier.copy(files.put("bad", '{"a": 1}\n{"a": "x"}\n'))
        assert copier.rows() == []
        copier.copy(files.put("good", '{"a": 1}\n'))
        assert not copier.client.connection.in_transaction
        assert copier.rows() == [(1,)]

    def test_temporary_tables_and_quoted_names(self, copier: Copier, files: Files, schema: str) -> None:
        client = copier.client
        client.run("BEGIN")
        client.run("CREATE TEMP TABLE incoming (a BIGINT)")
        assert copier.copy(files.put("a", '{"a": 1}'), table='"incoming"') == 1
        client.run("COMMIT")
        client.run(f"CREATE TABLE {schema}.other (a BIGINT)")
        assert copier.copy(files.address("a"), table=f"{schema}.other (a)") == 1

    def test_columns_left_out_get_their_defaults(self, copier: Copier, files: Files) -> None:
        copier.create("id BIGINT IDENTITY(1, 1), a BIGINT, b INTEGER DEFAULT 3, c INTEGER NOT NULL DEFAULT 4")
        copier.copy(files.put("a", '{"a": 1, "b": 9}'), table="t (a)")
        assert copier.rows() == [(1, 1, 3, 4)]

    def test_error_before_it_reads_leaves_the_last_copy(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        copier.copy(files.put("a", '{"a": 1}'))
        before = copier.client.run("SELECT PG_LAST_COPY_ID(), PG_LAST_COPY_COUNT()")
        with pytest.raises(Failed):
            copier.copy(files.address("missing"))
        assert copier.client.run("SELECT PG_LAST_COPY_ID(), PG_LAST_COPY_COUNT()") == before

    def test_sessions_know_their_own_last_copy(
        self, copier: Copier, files: Files, connect: Callable[[], Client]
    ) -> None:
        copier.create("a BIGINT")
        copier.copy(files.put("a", '{"a": 1}'))
        assert connect().run("SELECT PG_LAST_COPY_ID(), PG_LAST_COPY_COUNT()") == [(-1, 0)]

    def test_faults_meet_it(self, redshift: RedshiftDouble, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        source = files.put("a", '{"a": 1}')
        redshift.fail_next("^COPY t ")
        with pytest.raises(Failed, match="1023"):
            copier.copy(source)
        assert copier.copy(source) == 1


class TestViews:
    def test_accounts_of_files(self, redshift: RedshiftDouble, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        one = files.put("1.json", '{"a": 1}\n{"a": "x"}\n')
        two = files.put("2.json", '{"a": 2}\n')
        empty = files.put("3.json", "")
        manifest = files.manifest(*({"url": url, "mandatory": True} for url in (one, two, empty)))
        copier.client.run("SET query_group TO 'sparkify'")
        copier.copy(manifest, "JSON 'auto' MANIFEST MAXERROR 9")
        client = copier.client
        mine = "WHERE query_id = PG_LAST_COPY_ID()"
        assert client.run(
            f"SELECT BTRIM(file_name), lines_scanned, bytes_scanned FROM sys_load_detail {mine} ORDER BY 1"
        ) == [(one, 2, 20), (two, 1, 9), (empty, 0, 0)]
        assert client.run(
            f"SELECT status, table_name, data_source, loaded_rows, source_file_count, error_count, file_format "
            f"FROM sys_load_history {mine}"
        ) == [("completed", "t", manifest, 2, 3, 1, "json")]
        assert client.run(
            "SELECT BTRIM(filename), lines_scanned FROM stl_load_commits WHERE query = PG_LAST_COPY_ID() ORDER BY 1"
        ) == [(one, 2), (two, 1), (empty, 0)]
        assert client.run(
            "SELECT BTRIM(filename), line_number, BTRIM(colname), BTRIM(type), BTRIM(raw_line), "
            "BTRIM(raw_field_value), err_code FROM stl_load_errors WHERE query = PG_LAST_COPY_ID()"
        ) == [(one, 2, "a", "int8", '{"a": "x"}', "x", 1207)]
        assert client.value(f"SELECT session_id = PG_BACKEND_PID() FROM sys_load_error_detail {mine}") is True
        (load,) = redshift.copies
        assert (load.text[:6], load.label, load.rows, [f.file for f in load.files], len(load.errors)) == (
            "COPY t", "sparkify", 2, [one, two, empty], 1,
        )  # fmt: skip

    def test_a_transaction_sees_its_own_copy_after_its_snapshot(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        client = copier.client
        client.run("BEGIN")
        assert client.value("SELECT COUNT(*) FROM sys_load_error_detail") == 0
        copier.copy(files.put("a", '{"a": "x"}'), "JSON 'auto' MAXERROR 1")
        assert client.value("SELECT COUNT(*) FROM sys_load_error_detail") == 1

    def test_file_names_are_cut_and_padded(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        key = "long/" + "x" * 300
        copier.copy(files.put(key, '{"a": "x"}'), "JSON 'auto' MAXERROR 1")
        copier.copy(files.put("short", '{"a": "x"}'), "JSON 'auto' MAXERROR 1")
        names = [name for (name,) in copier.client.run("SELECT file_name FROM sys_load_error_detail ORDER BY query_id")]
        assert names == [files.address(key)[:256], files.address("short").ljust(256)]

    def test_raw_line_is_cut_at_1024(self, copier: Copier, files: Files) -> None:
        copier.create("a BIGINT")
        line = json.dumps({"a": "x", "b": "y" * 2000, "c": "\\"})
        copier.copy(files.put("a", line), "JSON 'auto' MAXERROR 1")
        assert copier.client.value("SELECT raw_line FROM stl_load_errors") == line[:1024]

    def test_other_sessions_see_the_errors(self, copier: Copier, files: Files, connect: Callable[[], Client]) -> None:
        copier.create("a BIGINT")
        copier.client.run("BEGIN")
        with pytest.raises(Failed):
            copier.copy(files.put("a", b'{"b": "\xff\x00\'"}'))
        assert connect().value("SELECT COUNT(*) FROM sys_load_error_detail") == 1


@pytest.fixture
def serverless(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedshiftDouble]:
    with RedshiftDouble(s3_endpoint, serverless=True) as double:
        monkeypatch.setenv("SSL_CERT_FILE", str(double.ca_file))
        yield double


def test_serverless_has_no_stl_views(serverless: RedshiftDouble) -> None:
    client = Client.of(serverless, serverless.new_schema())
    for view in ("stl_load_errors", "stl_load_commits"):
        with pytest.raises(Failed, match="42P01"):
            client.run(f"SELECT * FROM {view}")
    assert client.run("SELECT file_name FROM sys_load_error_detail") == []


def test_ten_thousand_records_take_less_than_a_second(copier: Copier, files: Files) -> None:
    copier.create(
        "artist SUPER, auth VARCHAR(64), first_name VARCHAR(1024), item BIGINT, length DOUBLE PRECISION, "
        "registration VARCHAR(64), ts TIMESTAMP"
    )
    paths = files.paths("$.artist", "$.auth", "$.firstName", "$.itemInSession", "$.length", "$.registration", "$.ts")
    records = [
        {"artist": f"Artist {n}", "auth": "Logged In", "firstName": "Zoë", "itemInSession": n, "length": 233.1424,
         "registration": 1540919166796.0, "ts": 1541105830796 + n}
        for n in range(10_000)
    ]  # fmt: skip
    source = files.records("events.json.gz", *records, packed=True)
    began = time.monotonic()
    assert copier.copy(source, f"JSON '{paths}' GZIP TIMEFORMAT 'epochmillisecs'") == 10_000
    assert time.monotonic() - began < 1
