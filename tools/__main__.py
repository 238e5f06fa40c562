"""`python -m tools COMMAND`."""

from benchmark.shell import shell

from .inference_runtime import inference_runtime
from .release import release
from .speed import speed

COMMANDS = {"release": release, "speed": speed, "inference-runtime": inference_runtime}

if __name__ == "__main__":
    shell("tools", COMMANDS)()
