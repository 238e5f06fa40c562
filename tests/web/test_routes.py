"""The routes of `forescale serve`: what is answered, and what is refused before anything is read."""

import json

import pytest

pytest.importorskip("starlette", reason="needs the extra [serve]")
pytest.importorskip("httpx", reason="needs httpx: pip install 'forescale[dev]'")

from starlette.testclient import TestClient

from forescale.web import app as web
from forescale.web.store import MAX_TABLES, Store

TOKEN = "token-of-the-test"


@pytest.fixture(scope="module")
def client():
    with TestClient(web.make_app(token=TOKEN), base_url="http://127.0.0.1:8000") as made:
        yield made


@pytest.fixture
def post(client):
    def send(path: str, body, **headers: str):
        content = body if isinstance(body, bytes) else json.dumps(body)
        return client.post(path, content=content, headers={"X-Token": TOKEN, **headers})

    return send


@pytest.fixture
def loaded(post, table) -> str:
    return post("/table", table, **{"X-Name": "runs.csv"}).json()["table"]


def test_the_page_allows_nothing_from_elsewhere(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "access-control-allow-origin" not in page.headers
    assert page.headers["cache-control"] == "no-store"
    for path in ("/app.js", "/app.css", "/chart.js"):
        assert client.get(path).status_code == 200
    script = client.get("/app.js").text
    assert "eval(" not in script
    assert "innerHTML" not in script


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8000", ""])
def test_other_hosts_are_refused(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_this_machine_has_three_names(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/table", "/ask", "/save", "/start"])
def test_a_post_needs_the_token(client, path):
    assert client.post(path, content=b"{}").status_code == 403
    assert client.post(path, content=b"{}", headers={"X-Token": "é".encode()}).status_code == 403


def test_a_body_that_is_too_large_is_refused_with_a_sentence(post, monkeypatch):
    monkeypatch.setattr(web, "MAX_BODY", 1000)
    answer = post("/table", b"a" * 2000)
    assert answer.status_code == 413
    assert answer.json()["error"].startswith("expected a table of at most")


def test_a_body_of_unknown_length_is_counted(client, monkeypatch):
    monkeypatch.setattr(web, "MAX_BODY", 1000)
    parts = (b"a" * 400 for _ in range(5))
    assert client.post("/table", content=parts, headers={"X-Token": TOKEN}).status_code == 413


def test_a_table_says_what_it_holds(post, table):
    facts = post("/table", table, **{"X-Name": "runs%20of%20mine.csv"}).json()
    assert facts["name"] == "runs of mine.csv"
    assert (facts["rows"], facts["columns"], facts["numeric"]) == (
        16, ["recipe", "tokens", "loss"], ["tokens", "loss"],
    )  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"\x89PNG\r\n", b"tokens,loss\n", b"no table at all"])
def test_what_is_no_table_is_a_sentence(post, loaded, body):
    answer = post("/table", body, **{"X-Name": "x.csv"})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("expected ")
    asked = {"table": loaded, "command": "forecast", "method": "line", "at": "10x", "group": "recipe"}
    assert post("/ask", asked).status_code == 200, "what was there before is not lost"


def test_a_forecast_comes_as_cells_and_charts(post, loaded):
    asked = {"table": loaded, "command": "forecast", "method": "pfn", "at": "1e10,10x", "group": "recipe"}
    told = post("/ask", asked).json()
    assert told["tables"][0]["rows"][0][:2] == ["<b>plain</b>", "1e+10"]
    assert len(told["charts"]) == 2
    assert "<b>plain" not in told["charts"][0]
    assert told["x"] == {"min": 1e7, "max": 3e9}


@pytest.mark.parametrize("command", ["compare", "reach", "recipes", "backtest", "suggest"])
def test_every_tab_is_answered(post, loaded, command):
    asked = {"table": loaded, "command": command, "method": "line", "methods": "line,m2", "at": "1e10", "target": "2",
             "group": "recipe", "n": "1"}  # fmt: skip
    answer = post("/ask", asked)
    assert answer.status_code == 200, answer.text
    assert answer.json()["charts"]


def test_a_budget_is_split_where_the_table_has_runs_of_models(post):
    import numpy as np

    n, d = (a.ravel() for a in np.meshgrid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 4)))
    rows = "".join(f"{a:.6g},{b:.6g},{1.8 + 400 / a**0.34 + 400 / b**0.28:.5f}\n" for a, b in zip(n, d, strict=True))
    key = post("/table", ("params,tokens,loss\n" + rows).encode(), **{"X-Name": "models.csv"}).json()["table"]
    answer = post("/ask", {"table": key, "command": "allocate", "params": "params", "compute": "1e22"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["tables"][0]["rows"][0][0] == "N*, parameters"


@pytest.mark.parametrize(
    ("change", "said"),
    [({"at": "soon"}, "numbers such as"), ({"command": "nonsense"}, "expected one of"),
     ({"table": "gone"}, "Drop it again"), ({"x": "flops"}, "flops"), ({"method": "magic"}, "magic"),
     ({"where": "os.system('x')"}, "expected")],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_a_sentence(post, loaded, change, said):
    asked = {"table": loaded, "command": "forecast", "method": "line", "at": "1e10", "group": "recipe", **change}
    answer = post("/ask", asked)
    assert answer.status_code == 422
    assert said in answer.json()["error"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000])
def test_what_is_no_question_is_refused(post, body):
    assert post("/ask", body).status_code == 400


@pytest.mark.parametrize(
    ("form", "start"), [("csv", "group,x"), ("json", "{"), ("svg", "<svg"), ("html", "<!doctype html>")]
)
def test_downloads_have_their_format(post, loaded, form, start):
    asked = {"table": loaded, "command": "forecast", "method": "line", "at": "1e10", "group": "recipe", "format": form}
    answer = post("/save", asked)
    assert answer.status_code == 200, answer.text
    assert answer.text.startswith(start)
    assert f'filename="forescale.{form}"' in answer.headers["content-disposition"]


def test_tables_are_kept_in_memory_only_and_few():
    store = Store()
    keys = [store.take(b"tokens,loss\n1,3\n2,2\n4,1\n", "t.csv")["table"] for _ in range(MAX_TABLES + 2)]
    assert len(store._kept) == MAX_TABLES
    assert keys[0] not in store._kept


def test_ten_thousand_groups_are_a_table_and_36_charts(post):
    rows = "".join(f"g{i},{x},{5 * x**-0.2:.4f}\n" for i in range(10_000) for x in (1, 2, 4))
    key = post("/table", ("group,tokens,loss\n" + rows).encode(), **{"X-Name": "many.csv"}).json()["table"]
    told = post("/ask", {"table": key, "command": "forecast", "method": "line", "at": "8", "group": "group"})
    assert told.status_code == 200, told.text
    told = told.json()
    assert len(told["charts"]) == 36
    assert told["tables"][0]["left"] == 9800
    assert any("first 36 of 10000" in s for s in told["sentences"])


def test_work_is_stopped_when_nobody_waits():
    import asyncio
    import time

    from forescale.web.worker import Stopped, Worker

    async def scene() -> float:
        worker = Worker()

        async def gone() -> bool:
            return time.monotonic() > end

        assert await worker.run(sum, [1, 2], stopped=lambda: asyncio.sleep(0, False)) == 3
        end = time.monotonic() + 0.3
        start = time.monotonic()
        with pytest.raises(Stopped):
            await worker.run(time.sleep, 60, stopped=gone)
        took = time.monotonic() - start
        assert await worker.run(sum, [2, 2], stopped=lambda: asyncio.sleep(0, False)) == 4
        worker.close()
        return took

    assert asyncio.run(scene()) < 10


def test_a_second_server_on_the_port_is_a_sentence(monkeypatch, capsys):
    import socket
    import sys

    from forescale import cli

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(sys, "argv", ["forescale", "serve", "--port", str(taken.getsockname()[1])])
        with pytest.raises(SystemExit) as end:
            cli.main()
    assert end.value.code == 2
    assert "expected a free address" in capsys.readouterr().err
