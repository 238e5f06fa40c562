"""The report in a real browser: switches without scripts, values by hover and keys, dark, print, no request."""

import base64
import json

import numpy as np
import pytest

import forescale as fs

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> str:
    """Address of a small report."""
    x = np.geomspace(1e7, 3e9, 8)
    names = {"x_name": "tokens", "y_name": "loss"}
    curves = {n: fs.Curve(x, a + 25 * x**-0.17, name=n, **names) for n, a in (("A", 1.7), ("B", 1.6))}
    path = tmp_path_factory.mktemp("report") / "report.html"
    fs.report(curves, [1e11], method="line", methods=["m2"], path=path)
    return path.as_uri()


def shown(browser) -> list[str]:
    """Which views of the first chart are displayed."""
    script = (
        "return [...document.querySelector('.ch').querySelectorAll('.v')]"
        ".filter(v => getComputedStyle(v).display != 'none').map(v => v.className.baseVal)"
    )
    return browser.execute_script(script)


def test_scales_are_switched_without_scripts(browser, report):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(report)
        assert shown(browser) == ["v x1", "v y0", "v v10"]
        for switch in browser.find_elements("css selector", ".ch:first-of-type input")[:2]:
            switch.click()
        assert shown(browser) == ["v x0", "v y1", "v v01"]
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_values_are_read_by_hover_and_by_keys(browser, report):
    from selenium.webdriver import ActionChains, Keys

    browser.get(report)
    chart = browser.find_element("css selector", ".ch svg")
    read = lambda: browser.find_element("css selector", ".ch output").text  # noqa: E731
    assert read() == ""
    ActionChains(browser).move_to_element(chart).perform()
    first = read()
    assert first.startswith("tokens ")
    assert "context" in first or "median" in first
    chart.send_keys(Keys.HOME)
    assert read().startswith("tokens 10M: ")
    chart.send_keys(Keys.ARROW_RIGHT)
    assert not read().startswith("tokens 10M: ")
    chart.send_keys(Keys.END)
    assert "100B" in read()


def test_dark_follows_the_system(browser, report):
    colour = "return getComputedStyle(document.body).backgroundColor"
    seen = {}
    for scheme in ("light", "dark"):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        browser.get(report)
        seen[scheme] = browser.execute_script(colour)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert seen == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 22, 22)"}


def test_it_prints_without_a_broken_chart(browser, report):
    browser.get(report)
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 20_000
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    broken = browser.execute_script("return getComputedStyle(document.querySelector('.ch')).breakInside")
    controls = browser.execute_script("return getComputedStyle(document.querySelector('.ch input')).display")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert (broken, controls) == ("avoid", "none")


def test_no_request_leaves_it_and_nothing_is_blocked(browser, report):
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(report)
    sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"]
    assert {a.split(":")[0] for a in addresses} <= {"file", "data"}
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible_and_fits(browser, report, axe, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get(report)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert axe() == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
