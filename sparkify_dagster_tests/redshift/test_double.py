"""The double behaves to Redshift's driver as Redshift does, as far as the project leans on it.

What belongs here: connecting, SQL, transactions, faults. What doesn't: COPY (``test_copying``).
"""

import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import redshift_connector

from sparkify_dagster.sqlfiles import sql_folder, statements
from sparkify_dagster_tests.redshift.clients import Client, Failed
from sparkify_dagster_tests.redshift.double import RedshiftDouble
from sparkify_dagster_tests.redshift.errors import ServerError

Connect = Callable[[], Client]

at = datetime.fromisoformat


class TestConnecting:
    @pytest.mark.parametrize("sslmode", ["verify-ca", "verify-full"])
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
    def test_driver_connects_over_verified_tls(self, redshift: RedshiftDouble, sslmode: str, host: str) -> None:
        arguments = {**redshift.connect_arguments(), "sslmode": sslmode, "host": host}
        with redshift_connector.connect(**arguments) as connection, connection.cursor() as cursor:
            assert isinstance(connection._usock, ssl.SSLSocket)
            assert cursor.execute("SELECT 1").fetchone() == [1]

    def test_client_that_does_not_trust_it_fails(
        self, redshift: RedshiftDouble, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(redshift_connector.InterfaceError, match="certificate verify failed"):
            redshift_connector.connect(**redshift.connect_arguments())

    def test_client_without_tls_is_refused(self, redshift: RedshiftDouble) -> None:
        arguments = {**redshift.connect_arguments(), "ssl": False}
        with pytest.raises(redshift_connector.InterfaceError, match="SSL off"):
            redshift_connector.connect(**arguments)

    @pytest.mark.parametrize(
        ("wrong", "code", "message"),
        [
            ({"password": "guess"}, "28000", 'password authentication failed for user "loader"'),
            ({"user": "nobody"}, "28000", 'password authentication failed for user "nobody"'),
            ({"database": "other"}, "3D000", 'database "other" does not exist'),
        ],
    )
    def test_wrong_login_is_refused(
        self, redshift: RedshiftDouble, wrong: dict[str, str], code: str, message: str
    ) -> None:
        with pytest.raises(redshift_connector.Error) as caught:
            redshift_connector.connect(**{**redshift.connect_arguments(), **wrong})
        assert (caught.value.args[0]["C"], caught.value.args[0]["M"]) == (code, message)

    def test_connections_can_be_refused(self, redshift: RedshiftDouble) -> None:
        redshift.refuse_connections()
        with pytest.raises(redshift_connector.InterfaceError):
            redshift_connector.connect(**redshift.connect_arguments())
        redshift_connector.connect(**redshift.connect_arguments()).close()

    def test_logging_in_can_be_decided_by_a_test(
        self, redshift: RedshiftDouble, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(redshift, "authenticate", lambda user, password: user == "IAM:someone")
        arguments = {**redshift.connect_arguments(), "user": "IAM:someone", "password": "temporary"}
        redshift_connector.connect(**arguments).close()


class TestStatements:
    def test_values_of_all_types_come_back(self, client: Client) -> None:
        client.run(
            "CREATE TABLE t (a SMALLINT, b INTEGER, c BIGINT, d DECIMAL(10, 2), e REAL, f DOUBLE PRECISION, "
            "g BOOLEAN, h CHAR(3), i VARCHAR(20), j DATE, k TIMESTAMP)"
        )
        row = (1, 70_000, 2**40, Decimal("1.50"), 0.5, 0.1, True, "abc", "häß", date(2018, 11, 1),
               at("2018-11-01 12:00:00.796"))  # fmt: skip
        places = ", ".join(["%s"] * len(row))
        client.run(f"INSERT INTO t VALUES ({places})", row)
        client.run(f"INSERT INTO t VALUES ({places})", [None] * len(row))
        assert client.run("SELECT * FROM t ORDER BY a") == [row, (None,) * len(row)]

    def test_driver_begins_transactions_by_itself(self, redshift: RedshiftDouble, client: Client) -> None:
        connection = client.connection
        connection.autocommit = False
        client.run("CREATE TABLE t (a INTEGER)")
        assert connection.in_transaction
        connection.rollback()
        connection.autocommit = True
        with pytest.raises(Failed, match="42P01"):
            client.run("SELECT a FROM t")
        assert [s.text for s in redshift.statements][-4:-1] == [
            "begin transaction", "CREATE TABLE t (a INTEGER)", "rollback",
        ]  # fmt: skip

    def test_error_leaves_the_connection_usable(self, client: Client) -> None:
        for _ in range(3):
            with pytest.raises(Failed, match="42P01"):
                client.run("SELECT a FROM missing")
            assert client.value("SELECT 2") == 2

    def test_aborted_transaction_takes_only_its_end(self, client: Client) -> None:
        client.run("BEGIN")
        with pytest.raises(Failed, match="42P01"):
            client.run("SELECT a FROM missing")
        for statement in ("SELECT 1", "SET query_group TO 'x'", "TRUNCATE t", "SELECT DISTINCT ON (a) a FROM t"):
            with pytest.raises(Failed, match="25P02"):
                client.run(statement)
        client.run("ROLLBACK")
        assert client.value("SELECT 1") == 1

    def test_prepared_statement_runs_again(self, redshift: RedshiftDouble, client: Client) -> None:
        client.run("CREATE TABLE t (a INTEGER)")
        redshift.statements.clear()
        for number in (1, 2, 3):
            client.run("INSERT INTO t VALUES (%s)", [number])
        assert client.value("SELECT SUM(a) FROM t") == 6
        assert [s.text for s in redshift.statements] == ["INSERT INTO t VALUES ($1)"] * 3 + ["SELECT SUM(a) FROM t"]

    def test_large_result_comes_whole(self, client: Client) -> None:
        rows = client.run(
            "SELECT a.table_name || b.table_name || c.column_name FROM svv_all_tables AS a "
            "CROSS JOIN svv_all_tables AS b CROSS JOIN svv_all_columns AS c LIMIT 50000"
        )
        assert len(rows) == 50_000

    def test_frame_is_written(self, client: Client) -> None:
        import pandas as pd

        client.run("CREATE TABLE frame (a INTEGER, b VARCHAR(10))")
        with client.connection.cursor() as cursor:
            cursor.write_dataframe(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), "frame")
        assert client.run("SELECT a, b FROM frame ORDER BY a") == [(1, "x"), (2, "y")]

    def test_backslash_escapes_in_texts(self, client: Client) -> None:
        assert client.run(r"SELECT 'it\'s', 'a\\b', 'a\tb', LENGTH('\\')") == [("it's", "a\\b", "a\tb", 1)]

    def test_names_are_folded(self, client: Client) -> None:
        client.run('CREATE TABLE "T" ("userId" BIGINT)')
        client.run("INSERT INTO t (userid) VALUES (1)")
        with client.connection.cursor() as cursor:
            cursor.execute('SELECT "userId" AS "userId" FROM "T"')
            assert cursor.description[0][0] in {"userid", b"userid"}

    def test_query_group_labels_statements(self, redshift: RedshiftDouble, client: Client) -> None:
        client.run("SET query_group TO 'sparkify run 1'")
        client.run("SELECT 1")
        client.run("BEGIN")
        client.run("SET query_group TO 'other'")
        client.run("SELECT 2")
        client.run("ROLLBACK")
        client.run("SELECT 3")
        client.run("RESET query_group")
        client.run("SELECT 4")
        labels = {s.text: s.label for s in redshift.statements}
        assert [labels[f"SELECT {n}"] for n in (1, 2, 3, 4)] == ["sparkify run 1", "other", "sparkify run 1", ""]
        assert len({s.connection for s in redshift.statements}) == 1

    def test_settings_are_redshifts(self, client: Client) -> None:
        client.run("SET enable_result_cache_for_session TO OFF")
        client.run("SET enable_case_sensitive_identifier TO true")
        with pytest.raises(Failed, match="42704"):
            client.run("SET work_mem TO '1GB'")

    def test_statement_timeout_is_real(self, client: Client) -> None:
        client.run("SET statement_timeout TO 50")
        began = time.monotonic()
        with pytest.raises(Failed, match="57014"):
            client.run(
                "SELECT COUNT(*) FROM svv_all_columns AS a CROSS JOIN svv_all_columns AS b CROSS JOIN "
                "svv_all_columns AS c"
            )
        assert time.monotonic() - began < 2

    @pytest.mark.parametrize(
        ("expression", "value"),
        [
            ("DATEADD(day, -2, CAST('2018-11-30' AS TIMESTAMP))", at("2018-11-28")),
            ("DATEADD('month', 1, CAST('2018-01-31' AS DATE))", at("2018-02-28")),
            ("DATEADD(ms, 1541105830796, CAST('1970-01-01' AS TIMESTAMP))", at("2018-11-01 20:57:10.796")),
            ("DATEDIFF('ms', CAST('1970-01-01' AS TIMESTAMP), CAST('2018-11-01 00:00:00.796' AS TIMESTAMP))",
             1541030400796),
            ("DATEDIFF(year, CAST('2018-12-31' AS DATE), CAST('2019-01-01' AS DATE))", 1),
            ("DATEDIFF(day, CAST('2018-11-01 23:59:59' AS TIMESTAMP), CAST('2018-11-02 00:00:00' AS TIMESTAMP))", 1),
            ("DATEDIFF(hour, CAST('1969-12-31 23:59:59' AS TIMESTAMP), CAST('1970-01-01' AS TIMESTAMP))", 1),
            ("DATEDIFF(month, CAST('2018-11-30' AS DATE), CAST('2018-10-01' AS DATE))", -1),
            ("DATEDIFF(week, CAST('2018-11-04' AS DATE), CAST('2018-11-05' AS DATE))", 1),
            ("DATE_TRUNC('month', CAST('2018-11-30' AS DATE))", at("2018-11-01")),
            ("CAST(DATE_TRUNC('month', CAST('2018-11-30 10:00:00' AS TIMESTAMP)) AS DATE)", date(2018, 11, 1)),
            ("DATE_PART(dow, CAST('2018-11-04' AS DATE))", 0),
            ("NVL(NULL, 'x')", "x"),
            ("LEN('häß')", 3),
            ("OCTET_LENGTH('häß')", 5),
            ("BTRIM(' x ', ' ')", "x"),
            ("ROUND(CAST(2 AS DOUBLE PRECISION) / 3, 4)", 0.6667),
            ("7 / 2", 3),
            ("GETDATE() > CAST('2020-01-01' AS TIMESTAMP)", True),
            ("PG_LAST_COPY_ID()", -1),
            ("PG_LAST_COPY_COUNT()", 0),
            ("POSITION('Redshift' IN VERSION()) > 0", True),
        ],
    )  # fmt: skip
    def test_functions_of_redshift(self, client: Client, expression: str, value: object) -> None:
        assert client.value(f"SELECT {expression} AS v") == value

    def test_functions_are_found_whatever_the_search_path(self, client: Client, schema: str) -> None:
        client.run(f"SET search_path TO {schema}")
        assert client.value("SELECT LEN(CAST(GETDATE() AS VARCHAR(30))) > 0") is True

    def test_all_of_sql_runs(self, client: Client) -> None:
        names = sorted(
            path.relative_to(sql_folder()).with_suffix("").as_posix() for path in sql_folder().rglob("*.sql")
        )
        for name in (n for n in names if n.startswith("tables/")):
            for statement in statements(name):
                client.run(statement)
        client.run("CREATE TEMP TABLE build_removed (file_id BIGINT)")
        ran = 0
        for name in (n for n in names if not n.startswith("tables/")):
            for statement in statements(name):
                client.connection.cursor().execute(*_bound(statement))
                ran += 1
        assert ran > 60


class TestTables:
    def test_layout_is_left_out_and_names_stay(self, client: Client) -> None:
        client.run(
            "CREATE TABLE IF NOT EXISTS plays (song VARCHAR(64) ENCODE zstd, ts TIMESTAMP NOT NULL, "
            "price DECIMAL(8, 2) DEFAULT 0.5, made TIMESTAMP DEFAULT GETDATE(), PRIMARY KEY (song), UNIQUE (song), "
            "FOREIGN KEY (song) REFERENCES songs (song_id)) BACKUP NO DISTSTYLE KEY DISTKEY (song) "
            "COMPOUND SORTKEY (ts, song)"
        )
        for _ in range(2):
            client.run("INSERT INTO plays (song, ts) VALUES ('a', '2018-11-01')")
        assert client.run("SELECT song, price, made IS NOT NULL FROM plays") == [("a", Decimal("0.50"), True)] * 2

    def test_keys_within_columns(self, client: Client) -> None:
        client.run("CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY DISTKEY SORTKEY, b INTEGER REFERENCES other (x))")
        client.run("INSERT INTO t VALUES (1, 1)")
        client.run("INSERT INTO t VALUES (1, 1)")
        assert client.value("SELECT COUNT(*) FROM t") == 2

    def test_identity_counts(self, client: Client) -> None:
        client.run("CREATE TABLE t (id BIGINT IDENTITY(1, 1), a INTEGER)")
        client.run("INSERT INTO t (a) VALUES (7), (8)")
        assert client.run("SELECT id, a FROM t ORDER BY id") == [(1, 7), (2, 8)]

    def test_not_null_is_enforced(self, client: Client) -> None:
        client.run("CREATE TABLE t (a INTEGER NOT NULL)")
        with pytest.raises(Failed, match="Cannot insert a NULL value into column a"):
            client.run("INSERT INTO t VALUES (NULL)")

    @pytest.mark.parametrize("text", ["abcd", "äb ä", "ää"])
    def test_varchar_counts_bytes(self, client: Client, text: str) -> None:
        client.run("CREATE TEMP TABLE t (a VARCHAR(3))")
        client.run("INSERT INTO t VALUES (%s)", ["äb"])
        with pytest.raises(Failed) as caught:
            client.run("INSERT INTO t VALUES (%s)", [text])
        assert (caught.value.code, caught.value.message) == ("22001", "Value too long for character type")

    def test_text_without_length_has_256_bytes(self, client: Client) -> None:
        client.run("CREATE TABLE t (a TEXT, b VARCHAR, c VARCHAR(MAX))")
        client.run("INSERT INTO t VALUES (%s, %s, %s)", ["x" * 256, "x" * 256, "x" * 65_535])
        for column, size in (("a", 257), ("b", 257), ("c", 65_536)):
            with pytest.raises(Failed, match="22001"):
                client.run(f"INSERT INTO t ({column}) VALUES (%s)", ["x" * size])

    def test_tables_from_queries_and_tables(self, client: Client) -> None:
        client.run("CREATE TABLE a (x VARCHAR(2), y INTEGER DEFAULT 3)")
        client.run("INSERT INTO a VALUES ('b', 1)")
        client.run("CREATE TABLE b DISTSTYLE ALL AS SELECT x, y FROM a")
        client.run("CREATE TEMP TABLE c (LIKE a)")
        client.run("INSERT INTO c (x) VALUES ('é')")
        assert client.run("SELECT x, y FROM b UNION ALL SELECT x, y FROM c") == [("b", 1), ("é", None)]
        with pytest.raises(Failed, match="22001"):
            client.run("INSERT INTO c (x) VALUES ('éé')")

    def test_tables_change(self, client: Client) -> None:
        client.run("CREATE TABLE t (a INTEGER)")
        client.run("ALTER TABLE t ADD COLUMN b VARCHAR(2) ENCODE lzo")
        client.run("ALTER TABLE t ALTER DISTSTYLE ALL")
        client.run("ALTER TABLE t ADD PRIMARY KEY (a)")
        client.run("INSERT INTO t VALUES (1, 'xx')")
        with pytest.raises(Failed, match="22001"):
            client.run("INSERT INTO t VALUES (1, 'xxx')")
        client.run("ALTER TABLE t ALTER COLUMN b TYPE VARCHAR(3)")
        client.run("INSERT INTO t VALUES (1, 'xxx')")
        client.run("ALTER TABLE t RENAME COLUMN b TO c")
        client.run("ALTER TABLE t DROP COLUMN a")
        assert client.run("SELECT c FROM t ORDER BY c") == [("xx",), ("xxx",)]

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TABLE u (a SERIAL)",
            "CREATE TABLE u (a JSONB)",
            "CREATE TABLE u (a JSON)",
            "CREATE TABLE u (a UUID)",
            "CREATE TABLE u (a BYTEA)",
            "CREATE TABLE u (a INTEGER[])",
            "CREATE TABLE u (a INTEGER) PARTITION BY RANGE (a)",
            "CREATE TABLE u (a INTEGER CHECK (a > 0))",
            "CREATE TABLE u (a VARCHAR(65536))",
            "CREATE INDEX i ON t (a)",
            "CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f()",
            "CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$",
            "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
            "INSERT INTO t VALUES (1) RETURNING a",
            "SELECT DISTINCT ON (a) a FROM t",
            "SELECT ARRAY_AGG(a) FROM t",
            "SELECT COUNT(*) FILTER (WHERE a > 1) FROM t",
            "SELECT t.a, g FROM t, generate_series(1, 3) AS g",
            "SELECT t.a FROM t, LATERAL (SELECT t.a) AS x",
            "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND s.a > 1 THEN UPDATE SET a = 1",
        ],
    )
    def test_what_redshift_refuses_is_refused(self, redshift: RedshiftDouble, client: Client, statement: str) -> None:
        client.run("CREATE TABLE t (a INTEGER)")
        with pytest.raises(Failed) as caught:
            client.run(statement)
        assert caught.value.code in {"0A000", "42601", "22023"}
        assert redshift.statements[-1].text == statement
        assert client.value("SELECT COUNT(*) FROM t") == 0

    @pytest.mark.parametrize(
        "statement",
        ["CREATE TABLE u AS SELECT CAST(%s AS INTEGER) AS a", "SET query_group TO %s", "COPY t FROM %s"],
    )
    def test_parameters_are_for_queries_only(self, client: Client, statement: str) -> None:
        with pytest.raises(Failed, match="parameter"):
            client.run(statement, ["x"])

    def test_refusal_aborts_the_transaction(self, client: Client) -> None:
        client.run("CREATE TABLE t (a INTEGER)")
        client.run("BEGIN")
        client.run("INSERT INTO t VALUES (1)")
        with pytest.raises(Failed, match="0A000"):
            client.run("INSERT INTO t VALUES (1) RETURNING a")
        with pytest.raises(Failed, match="25P02"):
            client.run("SELECT 1")
        client.run("COMMIT")
        assert client.value("SELECT COUNT(*) FROM t") == 0

    def test_merge(self, client: Client) -> None:
        client.run("CREATE TABLE t (a INTEGER, b INTEGER)")
        client.run("CREATE TEMP TABLE s (a INTEGER, b INTEGER)")
        client.run("INSERT INTO t VALUES (1, 1)")
        client.run("INSERT INTO s VALUES (1, 2), (2, 2)")
        merge = (
            "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = s.b "
            "WHEN NOT MATCHED THEN INSERT VALUES (s.a, s.b)"
        )
        client.run(merge)
        assert client.run("SELECT a, b FROM t ORDER BY a") == [(1, 2), (2, 2)]
        client.run("INSERT INTO s VALUES (1, 3)")
        with pytest.raises(Failed):
            client.run(merge)

    @pytest.mark.parametrize(
        ("document", "kind", "text", "whole", "real"),
        [
            ('"abc"', "string", "abc", None, None),
            ('"12"', "string", "12", 12, 12.0),
            ("12", "number", "12", 12, 12.0),
            ("1.50", "number", "1.50", 2, 1.5),
            ("true", "boolean", "true", None, None),
            ("null", "null", None, None, None),
            ('{"a":1}', "object", None, None, None),
            ("[1,2]", "array", None, None, None),
        ],
    )
    def test_super(
        self, client: Client, document: str, kind: str, text: str | None, whole: int | None, real: float | None
    ) -> None:
        client.run("CREATE TABLE t (s SUPER)")
        client.run("INSERT INTO t SELECT JSON_PARSE(%s)", [document])
        assert client.run(
            "SELECT JSON_TYPEOF(s), CAST(s AS VARCHAR(20)), CAST(s AS BIGINT), CAST(s AS DOUBLE PRECISION), "
            "JSON_SERIALIZE(s), s, s IS NULL FROM t"
        ) == [(kind, text, whole, real, document, document, False)]

    def test_super_that_is_null(self, client: Client) -> None:
        client.run("CREATE TABLE t (s SUPER)")
        client.run("INSERT INTO t VALUES (NULL)")
        assert client.run("SELECT JSON_TYPEOF(s), CAST(s AS BIGINT), s IS NULL FROM t") == [(None, None, True)]


class TestTransactions:
    def test_snapshot_stays_the_same(self, connect: Connect) -> None:
        one, other = connect(), connect()
        one.run("CREATE TABLE t (a INTEGER)")
        one.run("BEGIN")
        assert one.value("SELECT COUNT(*) FROM t") == 0
        other.run("INSERT INTO t VALUES (1)")
        assert one.value("SELECT COUNT(*) FROM t") == 0
        one.run("COMMIT")
        assert one.value("SELECT COUNT(*) FROM t") == 1

    def test_two_changes_of_a_row_end_in_1023(self, connect: Connect) -> None:
        one, other = connect(), connect()
        one.run("CREATE TABLE t (a INTEGER)")
        one.run("INSERT INTO t VALUES (0)")
        one.run("BEGIN")
        one.run("SELECT a FROM t")
        other.run("UPDATE t SET a = 1")
        with pytest.raises(Failed) as caught:
            one.run("UPDATE t SET a = 2")
        assert (caught.value.code, caught.value.message) == ("XX000", "1023")
        assert caught.value.detail.startswith("Serializable isolation violation on table - ")

    def test_lock_makes_others_wait_and_see_what_came_of_it(self, connect: Connect) -> None:
        one, other = connect(), connect()
        one.run("CREATE TABLE t (a INTEGER)")
        one.run("BEGIN")
        one.run("LOCK t")
        one.run("INSERT INTO t VALUES (1)")
        seen: list[int] = []

        def wait() -> None:
            other.run("BEGIN")
            other.run("LOCK t")
            seen.append(other.value("SELECT COUNT(*) FROM t"))
            other.run("COMMIT")

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(0.1)
        assert thread.is_alive()
        one.run("COMMIT")
        thread.join(5)
        assert seen == [1]

    def test_lock_is_cut_off_by_the_timeout(self, connect: Connect) -> None:
        one, other = connect(), connect()
        one.run("CREATE TABLE t (a INTEGER)")
        one.run("BEGIN")
        one.run("LOCK t")
        other.run("SET statement_timeout TO 50")
        other.run("BEGIN")
        with pytest.raises(Failed, match="57014"):
            other.run("LOCK t")

    def test_truncate_commits(self, connect: Connect) -> None:
        client, other = connect(), connect()
        client.run("CREATE TABLE t (a INTEGER)")
        client.run("CREATE TABLE kept (a INTEGER)")
        client.run("INSERT INTO t VALUES (1)")
        client.run("BEGIN")
        client.run("INSERT INTO kept VALUES (1)")
        client.run("TRUNCATE TABLE t")
        assert not client.connection.in_transaction
        client.run("ROLLBACK")
        assert other.run("SELECT (SELECT COUNT(*) FROM t), (SELECT COUNT(*) FROM kept)") == [(0, 1)]

    def test_append_moves_rows_and_needs_no_transaction(self, client: Client) -> None:
        client.run("CREATE TABLE t (a INTEGER)")
        client.run("CREATE TABLE s (a INTEGER)")
        client.run("INSERT INTO s VALUES (1)")
        client.run("BEGIN")
        with pytest.raises(Failed, match="cannot run inside a transaction block"):
            client.run("ALTER TABLE t APPEND FROM s")
        client.run("ROLLBACK")
        client.run("ALTER TABLE t APPEND FROM s")
        assert client.run("SELECT (SELECT COUNT(*) FROM t), (SELECT COUNT(*) FROM s)") == [(1, 0)]

    def test_vacuum_needs_no_transaction(self, client: Client) -> None:
        client.run("CREATE TABLE t (a INTEGER)")
        client.run("VACUUM FULL t")
        client.run("ANALYZE t")
        client.run("BEGIN")
        with pytest.raises(Failed, match="cannot run inside a transaction block"):
            client.run("VACUUM t")

    def test_client_that_vanishes_is_rolled_back(self, connect: Connect) -> None:
        client, other = connect(), connect()
        client.run("CREATE TABLE t (a INTEGER)")
        client.run("BEGIN")
        client.run("LOCK t")
        client.connection._usock.close()
        client.connection._sock.close()
        other.run("SET statement_timeout TO 5000")
        assert other.value("SELECT COUNT(*) FROM t") == 0


class TestFaults:
    def test_1023_on_demand(self, redshift: RedshiftDouble, client: Client) -> None:
        client.run("CREATE TABLE t (a INTEGER)")
        redshift.fail_next("insert into t", "1023")
        client.run("BEGIN")
        with pytest.raises(Failed) as caught:
            client.run("INSERT INTO t VALUES (1)")
        assert (caught.value.code, caught.value.message) == ("XX000", "1023")
        with pytest.raises(Failed, match="25P02"):
            client.run("SELECT 1")
        client.run("ROLLBACK")
        client.run("INSERT INTO t VALUES (1)")
        assert client.value("SELECT COUNT(*) FROM t") == 1

    def test_commit_that_fails_rolls_back(self, redshift: RedshiftDouble, client: Client) -> None:
        client.run("CREATE TABLE t (a INTEGER)")
        redshift.fail_next("^commit$")
        client.run("BEGIN")
        client.run("INSERT INTO t VALUES (1)")
        with pytest.raises(Failed, match="1023"):
            client.run("COMMIT")
        assert not client.connection.in_transaction
        assert client.value("SELECT COUNT(*) FROM t") == 0

    def test_any_error_several_times_by_a_function(self, redshift: RedshiftDouble, client: Client) -> None:
        full = ServerError("53100", "Disk Full")
        redshift.fail_next(lambda text: text.endswith("7"), full, times=2)
        for _ in range(2):
            with pytest.raises(Failed, match="53100 Disk Full"):
                client.run("SELECT 7")
        assert client.value("SELECT 7") == 7

    def test_connection_lost_before_a_commit(self, redshift: RedshiftDouble, connect: Connect) -> None:
        client, other = connect(), connect()
        client.run("CREATE TABLE t (a INTEGER)")
        redshift.drop_connection("^commit", "before")
        client.run("BEGIN")
        client.run("INSERT INTO t VALUES (1)")
        with pytest.raises(redshift_connector.InterfaceError, match="server socket closed"):
            client.run("COMMIT")
        assert other.value("SELECT COUNT(*) FROM t") == 0

    def test_connection_lost_after_a_commit(self, redshift: RedshiftDouble, connect: Connect) -> None:
        client, other = connect(), connect()
        client.run("CREATE TABLE t (a INTEGER)")
        redshift.drop_connection("^commit", "after")
        client.run("BEGIN")
        client.run("INSERT INTO t VALUES (1)")
        with pytest.raises(redshift_connector.InterfaceError, match="server socket closed"):
            client.run("COMMIT")
        assert other.value("SELECT COUNT(*) FROM t") == 1

    def test_statement_can_be_delayed(self, redshift: RedshiftDouble, client: Client) -> None:
        redshift.delay("SELECT 5", 0.1)
        began = time.monotonic()
        client.run("SELECT 5")
        assert time.monotonic() - began >= 0.1

    def test_schemas_are_apart(self, redshift: RedshiftDouble) -> None:
        one, other = (Client.of(redshift, redshift.new_schema()) for _ in range(2))
        one.run("CREATE TABLE t (a INTEGER)")
        with pytest.raises(Failed, match="42P01"):
            other.run("SELECT a FROM t")


class TestLifetime:
    def test_stopping_leaves_nothing(self) -> None:
        with RedshiftDouble("http://127.0.0.1:1") as double:
            folder = double._postgres.folder
            assert folder.is_dir()
            assert double.ca_file.is_file()
        assert not folder.exists()
        assert not double.ca_file.exists()

    def test_postgres_ends_with_a_process_that_is_killed(self) -> None:
        script = (
            "from sparkify_dagster_tests.redshift.double import RedshiftDouble; import os, time\n"
            "double = RedshiftDouble('http://127.0.0.1:1'); double.start()\n"
            "print(double._postgres.folder, flush=True); os.kill(os.getpid(), 9)"
        )
        root = Path(__file__).parent.parent.parent
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False, env=dict(os.environ)
        )
        folder = Path(done.stdout.strip())
        until = time.monotonic() + 5
        while folder.exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert not folder.exists()


_EXAMPLES: dict[str, object] = {
    "after_load_id": 0,
    "from_scratch": False,
    "plays_removed": True,
    "events_lost": True,
    "first_moment": datetime(2018, 11, 1, tzinfo=UTC).replace(tzinfo=None),
    "last_moment": datetime(2018, 11, 30, tzinfo=UTC).replace(tzinfo=None),
    "with_songs": True,
    "first_month": date(2018, 11, 1),
    "last_month": date(2018, 11, 1),
    "last_day": date(2018, 11, 30),
    "table_name": "staging_events",
    "white_space": " \t",
}


def _bound(statement: str) -> tuple[str, list[object]]:
    """A statement with its parameters in the driver's default style, and values for them."""
    from sparkify_dagster_tests.redshift.lexing import tokens

    values: list[object] = []
    text = ""
    pieces = tokens(statement)
    skip = False
    for place, token in enumerate(pieces):
        if skip:
            skip = False
            continue
        if token.text == ":" and pieces[place + 1].kind == "word":
            name = pieces[place + 1].text
            value = _EXAMPLES.get(name)
            if value is None:
                value = at("2018-11-30") if name in {"now", "built_at"} or name.endswith("_at") else 1
                if name in {"run_id", "sql_version", "transaction_id", "schema_name"} or name.endswith("_name"):
                    value = "x"
            values.append(value)
            text += token.space + "%s"
            skip = True
        else:
            text += token.space + token.text.replace("%", "%%")
    return text.strip(), values
