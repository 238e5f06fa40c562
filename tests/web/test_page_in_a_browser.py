"""The page of `forescale serve` in a real browser: drop, slider, tabs, keys, download, bad input, accessibility."""

import threading
import time

import pytest

pytest.importorskip("starlette", reason="needs the extra [serve]")
uvicorn = pytest.importorskip("uvicorn", reason="needs the extra [serve]")

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def address() -> str:
    """A server of this process, on a port of its own."""
    import socket

    from forescale.web.app import make_app

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(make_app(), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def page(browser, address, table, tmp_path):
    """The page with the table of the tests on it, answered by a quick method."""
    browser.get(address)
    path = tmp_path / "runs <i>.csv"
    path.write_bytes(table)
    browser.find_element("id", "file").send_keys(str(path))
    done(browser)
    return browser


def done(browser, seconds: float = 60) -> None:
    """Wait until nothing is asked any more."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.05)
        if browser.execute_script("return waiting === null && !dirty && $('title').textContent !== ''"):
            return
    raise AssertionError(browser.find_element("id", "error").text)


def set_slider(browser, value: int) -> None:
    browser.execute_script("$('slider').value = arguments[0]; $('slider').dispatchEvent(new Event('input'))", value)


def test_a_dropped_table_is_forecast_at_once_and_names_are_text(page):
    assert "16 rows, 3 columns" in page.find_element("id", "name").text
    assert len(page.find_elements("css selector", ".ch")) == 2
    captions = [e.text for e in page.find_elements("css selector", "figcaption")]
    assert captions == ["<b>plain</b>", "better"]
    assert page.execute_script("return document.querySelectorAll('main b, main i').length") == 0


def test_a_file_can_be_dropped(page, table):
    script = """
    const files = new DataTransfer();
    files.items.add(new File([arguments[0]], "other.csv"));
    $("drop").dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true }));
    """
    page.execute_script(script, table.decode().replace("better", "third"))
    end = time.monotonic() + 30
    while "other.csv" not in page.find_element("id", "name").text and time.monotonic() < end:
        time.sleep(0.05)
    done(page)
    assert "third" in [e.text for e in page.find_elements("css selector", "figcaption")]


def test_the_slider_moves_the_forecast(page):
    def median() -> float:
        return float(page.find_elements("css selector", "#tables td")[2].text)

    first, shape = median(), page.find_element("css selector", ".ch .v11 path").get_attribute("d")
    set_slider(page, 990)
    done(page)
    assert median() < first
    assert page.find_element("css selector", ".ch .v11 path").get_attribute("d") != shape
    assert page.find_element("id", "at").get_attribute("value").endswith("T")


def test_a_scale_that_was_chosen_stays_while_the_target_moves(page):
    page.find_element("css selector", ".ch .tx").click()
    set_slider(page, 700)
    done(page)
    boxes = page.find_elements("css selector", ".ch .tx")
    assert [box.is_selected() for box in boxes] == [False, False]
    page.find_element("css selector", ".ch .tx").click()


def test_tabs_are_walked_by_keys_and_answered(page):
    from selenium.webdriver import Keys

    page.find_element("id", "methods").get_attribute("value")
    page.execute_script("$('methods').value = 'line,m2'; $('method').value = 'line'")
    page.find_element("id", "tab-forecast").send_keys(Keys.ARROW_RIGHT)
    done(page)
    assert page.find_element("css selector", "[aria-selected=true]").text == "compare"
    assert "disagree" in page.find_element("id", "title").text
    page.find_element("id", "tab-backtest").click()
    done(page)
    assert "hidden" in page.find_element("id", "title").text


def test_values_are_read_on_the_page_too(page):
    from selenium.webdriver import Keys

    chart = page.find_element("css selector", ".ch svg")
    chart.send_keys(Keys.HOME)
    assert page.find_element("css selector", ".ch output").text.startswith("tokens 10M")


@pytest.mark.parametrize("form", ["csv", "svg"])
def test_answers_are_downloaded(page, form):
    page.find_element("css selector", f"[data-format={form}]").click()
    path, end = page.saved / f"forescale.{form}", time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert path.read_text().startswith({"csv": "group,x", "svg": "<svg"}[form])
    path.unlink()


def test_what_cannot_be_read_is_said_beside_the_drop_and_nothing_is_lost(page, tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n0000")
    before = page.find_element("id", "tables").text
    page.find_element("id", "file").send_keys(str(path))
    end = time.monotonic() + 20
    while not page.find_element("id", "error").text and time.monotonic() < end:
        time.sleep(0.05)
    assert "a PNG image" in page.find_element("id", "error").text
    assert page.find_element("id", "tables").text == before


def test_no_request_leaves_this_machine_and_nothing_is_blocked(browser, address, table, tmp_path):
    import json

    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(address)
    path = tmp_path / "runs.csv"
    path.write_bytes(table)
    browser.find_element("id", "file").send_keys(str(path))
    done(browser)
    sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"]
    assert addresses
    assert all(a.startswith((address, "data:", "blob:")) for a in addresses), addresses
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_accessible_and_fits(page, axe, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
        assert axe() == []
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
