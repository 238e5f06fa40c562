"""How long the page of `forescale serve` takes from a move of the slider to the picture, in a real browser."""

import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

MOVES = 31
MOVE = """
const [value, done] = arguments, began = performance.now();
const shape = () => document.querySelector(".ch .v11")?.innerHTML;
const before = shape();
const seen = new MutationObserver(() => {
  const now = shape();
  if (!now || now === before) return;
  seen.disconnect();
  requestAnimationFrame(() => done(performance.now() - began));
});
seen.observe(document.body, { childList: true, subtree: true });
$("slider").value = value;
$("slider").dispatchEvent(new Event("input"));
"""
"""Milliseconds from the move to the frame that shows the new chart."""


def slider(curves: int = 1) -> None:
    """Slider to picture in Chromium, median and the slowest of some moves.

    Args:
        curves: recipes in the table.
    """
    with tempfile.TemporaryDirectory() as folder, _Server() as address:
        browser = _browser()
        try:
            browser.get(address)
            browser.find_element("id", "file").send_keys(str(_table(Path(folder) / "runs.csv", curves)))
            _settled(browser)
            taken = []
            for value in np.random.default_rng(0).permutation(np.linspace(300, 950, MOVES + 2)).astype(int).tolist():
                taken.append(float(browser.execute_async_script(MOVE, value)))
                _settled(browser)
        finally:
            browser.quit()
    kept = sorted(taken[2:])  # the first ones warm up
    print(f"{curves} curve(s), {len(kept)} moves: median {statistics.median(kept):.0f} ms, slowest {kept[-1]:.0f} ms")


class _Server:
    """The page's server in a thread of this process."""

    def __enter__(self) -> str:
        import socket

        import uvicorn

        from forescale.web.app import make_app

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.server = uvicorn.Server(uvicorn.Config(make_app(), host="127.0.0.1", port=port, log_level="error"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)
        return f"http://127.0.0.1:{port}/"

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)


def _browser() -> Any:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


def _settled(browser: Any) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        time.sleep(0.05)
        if browser.execute_script("return waiting === null && !dirty && $('title').textContent !== ''"):
            return
    raise RuntimeError("expected an answer within 30 s, got none. Look at the page itself: forescale serve.")


def _table(path: Path, curves: int) -> Path:
    rng = np.random.default_rng(0)
    rows = [
        f"r{i},{x:g},{(1.6 + 0.1 * i + 25 * x**-0.17) * np.exp(0.005 * rng.normal()):.4f}\n"
        for i in range(curves)
        for x in np.geomspace(1e7, 3e9, 12)
    ]
    path.write_text("recipe,tokens,loss\n" + "".join(rows))
    return path
