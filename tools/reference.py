"""Reference pages of the docs site, made before each build: the face from its docstrings, the shell from its help."""

import inspect
import re
from typing import Any

from benchmark.markdown import markdown

import forescale as fs

from .house import ROOT

FOLDER = ROOT / "docs" / "reference"
MADE = "<!-- Made by tools/reference.py before each build of the site. -->"


def write() -> None:
    """All pages of docs/reference."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pages = {
        "python": python,
        "command-line": command_line,
        "methods": methods,
        "prior-settings": prior_settings,
        "more": more,
    }
    for name, page in pages.items():
        (FOLDER / f"{name}.md").write_text(page())


def more() -> str:
    """Pages of docs/ that docs/index.md does not list, so that none is out of reach."""
    listed = (ROOT / "docs" / "index.md").read_text().split()
    pages = sorted(path.stem for path in (ROOT / "docs").glob("*.md") if path.stem not in ("index", *listed))
    return "\n".join(["# More pages", "", MADE, "", "```{toctree}", *(f"/{page}" for page in pages), "```", ""])


def methods() -> str:
    """Every method with its source and what it can do, from its fields."""
    table = [["method", "what it is, with its source", "kinds", "rows of samples are", "cost", "needs", "draws"]]
    for name in fs.methods():
        m = fs.find_method(name)
        rows = "whole curves" if m.whole_curves else "coupled quantiles"
        extra = f"`[{m.extra.name}]`" if m.extra else ""
        table.append([f"`{name}`", m.summary, ", ".join(m.kinds), rows, m.cost, extra, "yes" if m.seeded else ""])
    about = "`--method`, `method=` and `--methods` take these names, or a weight file."
    return f"# Methods\n\n{MADE}\n\n{about}\n\n{markdown(table, words=True)}\n"


def prior_settings() -> str:
    """Every setting of our prior with default, range and meaning, by group."""
    from forescale.prior import OursConfig
    from forescale.prior.settings import GROUPS

    about = "Shares (`p_`) are varied evenly over the range, all others in their logarithm (`python -m lab evidence`)."
    parts = [f"# Settings of our prior\n\n{MADE}\n\n{about}"]
    for group, title in GROUPS.items():
        rows = [s for s in OursConfig.settings() if s.group == group]
        lines = [[f"`{s.name}`", f"{s.default:g}", f"{s.low:g} to {s.high:g}", s.meaning] for s in rows]
        if lines:
            parts.append(f"## {title}\n\n{markdown([['setting', 'default', 'range', 'meaning'], *lines], words=True)}")
    return "\n\n".join(parts) + "\n"


def python() -> str:
    """Every name of the face, functions first; a room of the face (metrics, theory) with its own names."""
    names = [name for name in fs.__all__ if not name.startswith("_")]
    values = {name: getattr(fs, name) for name in names}
    functions = [name for name in names if inspect.isfunction(values[name])]
    errors = [n for n in names if inspect.isclass(values[n]) and issubclass(values[n], Exception)]
    classes = [n for n in names if inspect.isclass(values[n]) and n not in errors]
    rooms = [n for n in names if inspect.ismodule(values[n])]
    parts = [
        f"# In Python\n\n{MADE}\n\n`import forescale as fs`. Names load what they need when they are first used.\n"
    ]
    parts += ["## Functions\n", *(directive("autofunction", f"forescale.{name}") for name in functions)]
    parts += ["## Classes\n", *(directive("autoclass", f"forescale.{name}", "members") for name in classes)]
    for room in rooms:
        public = getattr(values[room], "__all__", None) or public_names(values[room])
        parts += [f"## fs.{room}\n", inspect.getdoc(values[room]) or "", ""]
        shown = [name for name in public if callable(getattr(values[room], name))]
        parts += [directive(kind_of(getattr(values[room], name)), f"forescale.{room}.{name}") for name in shown]
    parts += ["## Errors\n", *(directive("autoexception", f"forescale.{name}") for name in errors)]
    return "\n".join(parts)


def kind_of(value: Any) -> str:
    return "autoclass" if inspect.isclass(value) else "autofunction"


def public_names(module: Any) -> list[str]:
    """Functions and classes that a module defines."""
    own = [n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__ and callable(v)]
    return [name for name in own if not name.startswith("_")]


def directive(kind: str, target: str, *options: str) -> str:
    """An autodoc directive inside Markdown."""
    body = "\n".join([f".. {kind}:: {target}", *(f"   :{option}:" for option in options)])
    return f"```{{eval-rst}}\n{body}\n```\n"


def as_prose(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Keep stars, bars and underscores of formulas as they are written; single backticks are code."""
    for i, line in enumerate(lines):
        code = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line)
        pieces = re.split(r"(``.*?``)", code)
        lines[i] = "".join(p if p.startswith("``") else re.sub(r"([*|\\])|_(?=\W|$)", escaped, p) for p in pieces)


def escaped(match: "re.Match[str]") -> str:
    return "\\" + match[0]


def command_line() -> str:
    """Every command of the shell with its help, as it is printed at 100 columns."""
    from typer.main import get_command
    from typer.testing import CliRunner

    from forescale.cli import load

    head = "Options come in any order; `forescale COMMAND --help` prints the same."
    app, runner = load(), CliRunner()
    parts = [f"# In the shell\n\n{MADE}\n\n{head}"]
    environment = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}

    def add(path: list[str], command: Any) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            if getattr(inner, "commands", None):
                add([*path, name], inner)
                continue
            said = runner.invoke(app, [*path, name, "--help"], env=environment, prog_name="forescale").output
            parts.append(f"## forescale {' '.join([*path, name])}\n\n```text\n{said.strip()}\n```")

    add([], get_command(app))
    return "\n\n".join(parts) + "\n"
