"""What is particular to a lake in S3: pages, refusals, servers that are busy, broken or not there."""

import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from sparkify_dagster.aws.clients import client_config
from sparkify_dagster.aws.services import S3
from sparkify_dagster.errors import FileChanged, LakeError, SettingsError
from sparkify_dagster.lake import FolderLake, Lake, LakeFile, S3Lake, open_lake

from .conftest import SECRET, SESSION_TOKEN
from .places import NOVEMBER, SONG, Answer, S3Place, in_turn, listing, make_client, refusal, serving

FILE = LakeFile(NOVEMBER, "e", 2)
CONTENT = Answer(body=b"{}", headers=(("ETag", '"e"'),))


def asking(lake: Lake, folder: Path) -> dict[str, Callable[[], Any]]:
    """Gives everything that can be asked of a lake over the network."""
    return {
        "log_months": lake.log_months,
        "list_logs": lambda: lake.list_logs("2018-11"),
        "list_songs": lake.list_songs,
        "stat": lambda: lake.stat(NOVEMBER),
        "read": lambda: lake.read(FILE),
        "fetch": lambda: lake.fetch([FILE], folder),
        "check": lake.check,
    }


# --- listings -----------------------------------------------------------------------------------------------------


def fill(bucket: str, keys: list[str]) -> None:
    """Puts empty objects into moto's memory: over HTTP, a thousand take some seconds."""
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for key in keys:
        backend.put_object(bucket, key, b"")


def test_listings_go_over_a_thousand_keys(s3_place: S3Place) -> None:
    fill(s3_place.bucket, [f"songs/{number % 7}/{number:04d}.json" for number in range(2345)])
    files = s3_place.lake.list_songs().files
    assert len({file.key for file in files}) == 2345
    assert files == sorted(files)


def test_months_are_found_over_pages_of_prefixes() -> None:
    def folders(*names: str, token: str | None = None) -> Answer:
        prefixes = "".join(f"<CommonPrefixes><Prefix>log_data/{name}/</Prefix></CommonPrefixes>" for name in names)
        page = listing(token=token)
        page.body = page.body.replace(b"<IsTruncated>", prefixes.encode() + b"<IsTruncated>")
        return page

    pages = in_turn(
        folders("2017", token="t1"),
        folders("2018"),
        folders("2017/12"),
        folders("2018/01", token="t2"),
        folders("2018/02"),
    )
    with serving(pages) as script:
        assert script.lake().log_months() == ["2017-12", "2018-01", "2018-02"]
    assert all("delimiter=%2F" in request for request in script.requests)
    assert len(script.requests) == 5
    assert "continuation-token=t1" in script.requests[1]


def test_months_do_not_cost_a_listing_of_all_keys(s3_place: S3Place) -> None:
    fill(s3_place.bucket, [f"raw/events/2018/11/{number:04d}.json" for number in range(1500)])
    fill(s3_place.bucket, ["raw/events/2019/01/x.json", "raw/events/notes/readme.txt"])
    asked: list[str] = []
    s3_place.client.meta.events.register("before-call.s3", lambda model, **_: asked.append(model.name))
    assert s3_place.lake.log_months() == ["2018-11", "2019-01"]
    assert asked == ["ListObjectsV2"] * 3


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(refusal(500, "InternalError"), id="server-error"),
        pytest.param(refusal(403, "AccessDenied"), id="denied"),
        pytest.param(Answer(body=b"<ListBucketResult><Contents><Key>a", promised=5000), id="connection-breaks"),
        pytest.param(Answer(body=b"<ListBucketResult><Contents><Key>a"), id="answer-cut"),
        pytest.param(Answer(body=b""), id="answer-empty"),
        pytest.param(Answer(body=b"<html><body>Please log in</body></html>"), id="answer-of-somebody-else"),
        pytest.param(listing(SONG, token="t1"), id="same-page-for-ever"),
        pytest.param(listing(SONG, token=""), id="more-and-not-where"),
    ],
)
def test_a_listing_that_is_cut_short_counts_for_nothing(ending: Answer) -> None:
    with (
        serving(in_turn(listing(SONG, token="t1"), ending)) as script,
        pytest.raises(LakeError, match=r"cannot list|cut short"),
    ):
        script.lake(attempts=1).list_songs()
    assert len(script.requests) >= 2


def test_a_page_that_comes_twice_gives_no_file_twice() -> None:
    page, same = listing(SONG, token="t1"), listing(SONG, token="t2")
    with serving(in_turn(page, same, listing("song_data/A/B/D/TRABDAA.json"))) as script:
        files = script.lake().list_songs().files
    assert [file.key for file in files] == [SONG, "song_data/A/B/D/TRABDAA.json"]


@pytest.mark.parametrize("after", ["", SONG])
def test_a_store_that_lists_in_no_order_is_no_place_for_a_listing_that_goes_on(after: str) -> None:
    pages = in_turn(listing("song_data/A/B/D/TRABDAA.json", token="t1"), listing(SONG))
    if after:
        pages = in_turn(listing(SONG))
    with serving(pages) as script, pytest.raises(LakeError, match="not in the order"):
        list(script.lake().song_pages(after))


def test_a_listing_by_pages_asks_for_no_more_than_is_taken() -> None:
    with serving(in_turn(listing(SONG, token="t1"))) as script:
        page = next(script.lake().song_pages("song_data/A"))
        assert page.last == SONG
    assert len(script.requests) == 1
    assert "start-after=song_data%2FA" in script.requests[0]


def test_strange_keys_of_a_listing_never_raise_and_never_become_paths() -> None:
    keys = [
        "song_data/../secret.json",
        "song_data//x.json",
        "song_data/A/../../x.json",
        "song_data/a%0Ab.json",
        "song_data/back%5Cslash.json",
        "song_data/fine%2B%2525+name.json",
        "song_data/" + "long/" * 190 + "x.json",
    ]
    page = listing(*keys)
    page.body = page.body.replace(b"<IsTruncated>", b"<EncodingType>url</EncodingType><IsTruncated>")
    with serving(in_turn(page)) as script:
        found = script.lake().list_songs()
    assert [file.key for file in found.files] == [
        "song_data/fine+%25 name.json",
        "song_data/" + "long/" * 190 + "x.json",
    ]
    assert found.ignored == sorted(
        [
            "song_data/../secret.json",
            "song_data//x.json",
            "song_data/A/../../x.json",
            "song_data/a\\x0ab.json",
            "song_data/back\\slash.json",
        ]
    )


def test_the_marks_of_empty_folders_are_not_shown(s3_place: S3Place) -> None:
    for key in ("raw/events/2018/11/", "songs/", "songs/A/"):
        s3_place.client.put_object(Bucket=s3_place.bucket, Key=key, Body=b"")
    assert s3_place.lake.list_logs("2018-11") == ([], [])
    assert s3_place.lake.list_songs() == ([], [])


def test_neighbours_whose_names_begin_alike_are_not_the_lake(s3_place: S3Place) -> None:
    for key in ("songs2/a.json", "songs.json", "raw/events2/2018/11/a.json", "raw/events/2018/11a/a.json"):
        s3_place.client.put_object(Bucket=s3_place.bucket, Key=key, Body=b"{}")
    assert s3_place.lake.list_songs() == ([], [])
    assert s3_place.lake.log_months() == []


def test_a_part_may_be_a_whole_bucket(s3_place: S3Place) -> None:
    s3_place.client.put_object(Bucket=s3_place.bucket, Key="2018/11/a.json", Body=b"{}")
    for place in (f"s3://{s3_place.bucket}", f"s3://{s3_place.bucket}/"):
        lake = S3Lake(lambda: s3_place.client, place, f"s3://{s3_place.bucket}/none", "here")
        assert lake.log_months() == ["2018-11"]
        (file,) = lake.list_logs("2018-11").files
        assert file.key == "log_data/2018/11/a.json"
        assert lake.read(file) == b"{}"
        assert lake.stat(file.key) == file


def test_there_is_no_path_to_what_lies_in_s3(s3_place: S3Place) -> None:
    assert s3_place.lake.local_path(FILE) is None


# --- refusals, and servers that are not there ---------------------------------------------------------------------


@pytest.mark.parametrize("question", ["log_months", "list_logs", "list_songs", "stat", "read", "fetch", "check"])
@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (404, "NoSuchBucket")])
def test_a_refusal_comes_at_once_and_names_bucket_and_permission(
    tmp_path: Path, question: str, status: int, code: str
) -> None:
    message = "User: arn:aws:iam::1:user/x is not authorized to perform: kms:Decrypt"
    with serving(in_turn(refusal(status, code, message))) as script:
        with pytest.raises(LakeError) as caught:
            asking(script.lake(attempts=8), tmp_path)[question]()
        assert len(script.requests) == 1
    text = str(caught.value)
    assert not isinstance(caught.value, FileChanged)
    assert "'lake'" in text
    assert ("s3:GetObject" if question in ("read", "fetch") else "s3:ListBucket") in text
    assert code in text
    assert "kms:Decrypt" in text
    assert script.endpoint in text


def test_a_bucket_that_is_not_there_is_an_error_for_a_real_server_too(s3_client: Any, tmp_path: Path) -> None:
    lake = S3Lake(lambda: s3_client, "s3://no-such-bucket-here/a", "s3://no-such-bucket-here/b", "nowhere")
    for name, ask in asking(lake, tmp_path).items():
        with pytest.raises(LakeError, match="no-such-bucket-here") as caught:
            ask()
        assert not isinstance(caught.value, FileChanged), name


def test_the_check_finds_that_files_may_be_listed_but_not_read() -> None:
    def answer(_: int) -> Answer:
        return Answer(403) if script.requests[-1].startswith("HEAD") else listing("log_data/2018/11/x.json")

    with serving(answer) as script, pytest.raises(LakeError, match="s3:GetObject on bucket 'lake'"):
        script.lake().check()


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "InvalidAccessKeyId", "credentials are wrong"),
        (403, "SignatureDoesNotMatch", "credentials are wrong"),
        (400, "ExpiredToken", "have expired"),
        (403, "RequestTimeTooSkewed", "clock"),
        (400, "IllegalLocationConstraintException", "region of bucket 'lake'"),
        (403, "InvalidObjectState", "Glacier"),
        (400, "SomethingNew", "bucket 'lake'"),
        (404, "404", "endpoint"),
    ],
)
def test_other_refusals_say_what_to_do(status: int, code: str, advice: str) -> None:
    with serving(in_turn(refusal(status, code))) as script, pytest.raises(LakeError, match=advice):
        script.lake().list_songs()


def test_nothing_listening_is_named_with_its_address(tmp_path: Path) -> None:
    with serving(in_turn(Answer())) as script:
        endpoint = script.endpoint
    lake = S3Lake(lambda: make_client(endpoint, attempts=1), "s3://lake/a", "s3://lake/b", "s3://lake")
    for ask in asking(lake, tmp_path).values():
        with pytest.raises(LakeError, match="takes no connection") as caught:
            ask()
        assert endpoint in str(caught.value)


def test_missing_credentials_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    with serving(in_turn(listing())) as script, pytest.raises(LakeError, match=r"credentials are missing.*AWS_PROFILE"):
        script.lake().list_songs()
    assert script.requests == []


def test_a_client_that_cannot_be_made_is_an_error_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    with pytest.raises(LakeError, match=r"cannot make a client for S3 \(ProfileNotFound\).*AWS_PROFILE"):
        open_lake("s3://lake/a", "s3://lake/b", "s3://lake").check()


def test_an_error_of_the_client_factory_that_is_for_people_already_stays_as_it_is() -> None:
    def factory() -> Any:
        raise SettingsError("the profile is wrong")

    with pytest.raises(SettingsError, match="the profile is wrong"):
        open_lake("s3://lake/a", "s3://lake/b", "s3://lake", factory).check()


@pytest.mark.parametrize("bucket", ["a..b", "lake"])
def test_what_botocore_refuses_to_send_is_an_error_for_people(bucket: str) -> None:
    with serving(in_turn(Answer(200, b"this is not XML"))) as script:
        lake = S3Lake(lambda: make_client(script.endpoint, 1), f"s3://{bucket}/a", f"s3://{bucket}/b", "x")
        with pytest.raises(LakeError, match="cannot list"):
            lake.list_songs()


@pytest.mark.parametrize("error", [ResponseParserError("senseless"), HTTPError("broken")])
def test_whatever_else_a_client_raises_is_an_error_for_people(error: Exception) -> None:
    def fail(**_: Any) -> Any:
        raise error

    client = SimpleNamespace(list_objects_v2=fail, meta=SimpleNamespace(endpoint_url="http://there"))
    lake = S3Lake(lambda: client, "s3://lake/a", "s3://lake/b", "s3://lake")
    with pytest.raises(LakeError, match=r"cannot list s3://lake/b/: the connection to http://there broke off"):
        lake.list_songs()


# --- what is tried again ------------------------------------------------------------------------------------------


def test_slow_down_is_waited_out_when_listing_and_when_reading() -> None:
    busy = refusal(503, "SlowDown")
    with serving(in_turn(busy, listing(SONG), busy, CONTENT)) as script:
        lake = script.lake(attempts=8)
        (file,) = lake.list_songs().files
        assert lake.read(file) == b"{}"
    assert len(script.requests) == 4


def test_a_server_that_stays_busy_is_given_up_on_and_says_how_often_it_was_asked() -> None:
    with (
        serving(in_turn(refusal(503, "SlowDown"))) as script,
        pytest.raises(LakeError, match=r"SlowDown.*asked 2 times for bucket 'lake'"),
    ):
        script.lake(attempts=2).list_songs()
    assert len(script.requests) == 2


def test_the_settings_of_the_client_bound_waiting() -> None:
    config: Any = client_config(S3)
    assert config.retries == {"mode": "standard", "total_max_attempts": 8}
    assert config.connect_timeout <= 10
    assert config.read_timeout <= 60
    assert config.max_pool_connections >= 16


def test_an_answer_that_breaks_off_is_asked_for_again_from_the_start(tmp_path: Path) -> None:
    broken = Answer(body=b"br", headers=(("ETag", '"e"'),), promised=9)
    whole = Answer(body=b"unbroken!", headers=(("ETag", '"e"'),))
    file = LakeFile(NOVEMBER, "e", 9)
    with serving(in_turn(broken, whole, broken, whole)) as script:
        lake = script.lake()
        assert lake.read(file) == b"unbroken!"
        (path,) = lake.fetch([file], tmp_path)
        assert path.read_bytes() == b"unbroken!"


def test_answers_that_always_break_off_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkify_dagster.lake.s3._BODY_PAUSE_SECONDS", 0)
    broken = Answer(body=b"br", headers=(("ETag", '"e"'),), promised=9)
    with serving(in_turn(broken)) as script, pytest.raises(LakeError, match=r"cannot read .*broke off"):
        script.lake().read(LakeFile(NOVEMBER, "e", 9))
    assert len(script.requests) == 4


def test_content_of_another_length_than_listed_never_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkify_dagster.lake.s3._BODY_PAUSE_SECONDS", 0)
    with serving(in_turn(CONTENT)) as script, pytest.raises(LakeError, match="2 bytes came instead of 3"):
        script.lake().read(LakeFile(NOVEMBER, "e", 3))


# --- versions -----------------------------------------------------------------------------------------------------


def test_a_store_that_does_not_know_if_match_still_gives_no_other_version() -> None:
    other = Answer(body=b"{}", headers=(("ETag", '"other"'),))
    with serving(in_turn(other)) as script, pytest.raises(FileChanged, match="overwritten"):
        script.lake().read(FILE)


def test_versions_are_asked_for_by_their_etag(s3_place: S3Place) -> None:
    s3_place.put(NOVEMBER)
    (file,) = s3_place.lake.list_logs("2018-11").files
    asked: list[Any] = []
    s3_place.client.meta.events.register(
        "before-call.s3.GetObject", lambda params, **_: asked.append(params["headers"])
    )
    s3_place.lake.read(file)
    assert asked[0]["If-Match"] == f'"{file.etag}"'


def test_files_uploaded_in_parts_are_read_by_their_odd_etags(s3_place: S3Place) -> None:
    key = s3_place.s3_key(NOVEMBER)
    upload = s3_place.client.create_multipart_upload(Bucket=s3_place.bucket, Key=key)["UploadId"]
    target = {"Bucket": s3_place.bucket, "Key": key, "UploadId": upload}
    part = s3_place.client.upload_part(**target, PartNumber=1, Body=b"in parts")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3_place.client.complete_multipart_upload(**target, MultipartUpload=parts)
    (file,) = s3_place.lake.list_logs("2018-11").files
    assert file.etag.endswith("-1")
    assert s3_place.lake.read(file) == b"in parts"


# --- many at once -------------------------------------------------------------------------------------------------


def test_files_are_fetched_side_by_side(tmp_path: Path) -> None:
    slow = Answer(body=b"{}", headers=CONTENT.headers, seconds=0.1)
    files = [LakeFile(f"song_data/{number}.json", "e", 2) for number in range(32)]
    with serving(in_turn(slow)) as script:
        started = time.monotonic()
        assert len(script.lake().fetch(files, tmp_path)) == 32
        assert time.monotonic() - started < 2.4  # one after the other: 3.2 s


def test_the_first_error_ends_a_fetch(tmp_path: Path) -> None:
    files = [LakeFile(f"song_data/{number}.json", "e", 2) for number in range(2000)]
    with serving(in_turn(CONTENT, refusal(403, "AccessDenied"), CONTENT)) as script:
        with pytest.raises(LakeError, match="s3:GetObject"):
            script.lake().fetch(files, tmp_path)
        assert len(script.requests) < 500


def test_the_client_is_made_once_and_only_when_needed(s3_place: S3Place) -> None:
    made: list[int] = []
    gate = threading.Barrier(8)

    def factory() -> Any:
        made.append(1)
        time.sleep(0.05)
        return s3_place.client

    lake = S3Lake(factory, f"s3://{s3_place.bucket}/a", f"s3://{s3_place.bucket}/b", "here")
    assert made == []

    def ask() -> list[str]:
        gate.wait()
        return lake.log_months()

    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(ask) for _ in range(8)]
        assert all(result.result() == [] for result in results)
    assert made == [1]


# --- credentials --------------------------------------------------------------------------------------------------


def test_no_credential_is_in_any_message_or_repr(tmp_path: Path) -> None:
    with serving(in_turn(Answer())) as closed:
        pass
    with (
        serving(in_turn(refusal(403, "SignatureDoesNotMatch"))) as refusing,
        serving(in_turn(refusal(503, "SlowDown"))) as busy,
        serving(in_turn(Answer(promised=9))) as broken,
    ):
        for endpoint in (closed.endpoint, refusing.endpoint, busy.endpoint, broken.endpoint):
            with_login = endpoint.replace("://", f"://someone:{SESSION_TOKEN}@")
            lake = open_lake(
                "s3://lake/a",
                "s3://lake/b",
                f"s3://someone:{SESSION_TOKEN}@lake",
                lambda with_login=with_login: make_client(with_login, 1),
            )
            seen = [repr(lake), str(lake), lake.location]
            for ask in asking(lake, tmp_path).values():
                with pytest.raises(LakeError) as caught:
                    ask()
                seen += traceback.format_exception(caught.value)
                assert "127.0.0.1" in str(caught.value) or isinstance(caught.value, FileChanged)
            for planted in (SECRET, SESSION_TOKEN):
                assert planted not in "\n".join(seen)


def test_an_endpoint_that_is_none_is_not_quoted() -> None:
    lake = open_lake("s3://lake/a", "s3://lake/b", "x", lambda: make_client(f"someone:{SESSION_TOKEN}@nowhere"))
    with pytest.raises(LakeError, match="AWS_ENDPOINT_URL_S3") as caught:
        lake.check()
    assert SESSION_TOKEN not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("place", [f"s3://AKIA:{SESSION_TOKEN}@lake/logs", "s3://", "s3:///logs", "s3://a b/logs"])
def test_a_place_that_is_none_is_refused_and_not_quoted(place: str) -> None:
    with pytest.raises(LakeError, match="s3://bucket/prefix") as caught:
        open_lake(place, "s3://lake/songs", "somewhere")
    assert SESSION_TOKEN not in str(caught.value)


# --- opening ------------------------------------------------------------------------------------------------------


def test_the_kind_of_lake_follows_from_its_places(tmp_path: Path) -> None:
    assert isinstance(open_lake(str(tmp_path / "a"), str(tmp_path / "b"), "here"), FolderLake)
    assert isinstance(open_lake("s3://lake/a", "s3://other/b", "there"), S3Lake)


@pytest.mark.parametrize(
    "places", [("s3://lake/a", "b"), ("a", "s3://lake/b"), ("a", "gs://lake/b"), ("s3a://l/a",) * 2]
)
def test_mixed_and_unknown_kinds_are_refused(places: tuple[str, str]) -> None:
    with pytest.raises(LakeError, match="SPARKIFY_LAKE"):
        open_lake(*places, "here")


def test_the_surroundings_set_up_the_default_client(s3_place: S3Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_place.client.meta.endpoint_url)
    s3_place.put(SONG)
    lake = open_lake(f"s3://{s3_place.bucket}/raw/events", f"s3://{s3_place.bucket}/songs", "here")
    assert [file.key for file in lake.list_songs().files] == [SONG]


def test_importing_and_opening_the_lake_does_not_import_boto3() -> None:
    program = (
        "import sys, sparkify_dagster.lake as lake; lake.open_lake('s3://lake/a', 's3://lake/b', 'x'); "
        "print([name for name in ('boto3', 'botocore', 'urllib3') if name in sys.modules])"
    )
    surroundings = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-c", program], env=surroundings, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
