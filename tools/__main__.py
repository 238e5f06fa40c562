"""`python -m tools COMMAND`."""

from benchmark.shell import shell

from .average import average
from .changes import changes
from .house_page import house
from .inference_runtime import inference_runtime
from .joint_card import joint_card
from .log import log
from .readme import readme
from .release import release
from .site import site
from .slider import slider
from .speed import speed

COMMANDS = {
    "average": average,
    "changes": changes,
    "house": house,
    "log": log,
    "readme": readme,
    "release": release,
    "site": site,
    "slider": slider,
    "speed": speed,
    "inference-runtime": inference_runtime,
    "joint-card": joint_card,
}

if __name__ == "__main__":
    shell("tools", COMMANDS)()
