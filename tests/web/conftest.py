"""A browser for the tests that need one, and tables to drop."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def table() -> bytes:
    """Two recipes of eight runs."""
    rng = np.random.default_rng(0)
    rows = [
        f"{name},{x:g},{(level + 25 * x**-0.17) * np.exp(0.005 * rng.normal()):.4f}\n"
        for name, level in (("<b>plain</b>", 1.7), ("better", 1.6))
        for x in np.geomspace(1e7, 3e9, 8)
    ]
    return ("recipe,tokens,loss\n" + "".join(rows)).encode()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Debian's Chromium, driven by Selenium; what it saves lies in `browser.saved`."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium: pip install 'forescale[dev]'")
    chromium, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("needs a browser: apt-get install chromium chromium-driver")
    saved = tmp_path_factory.mktemp("saved")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1280,1000",
    ):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"download.default_directory": str(saved)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    made.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(saved)})
    made.saved = saved
    yield made
    made.quit()


@pytest.fixture
def axe(browser):
    """Serious findings of axe-core on the page that is open."""
    path = os.environ.get("FORESCALE_AXE")
    if not path:
        pytest.skip("set FORESCALE_AXE to axe-core's axe.min.js (npm install axe-core)")

    def check() -> list[str]:
        browser.execute_cdp_cmd("Runtime.evaluate", {"expression": Path(path).read_text()})
        found = browser.execute_async_script(
            "const done = arguments[0]; axe.run().then(r => done(r.violations.filter(v =>"
            " ['serious', 'critical'].includes(v.impact)).map(v => v.id + ': ' + v.nodes[0].html)))"
        )
        return list(found)

    return check
