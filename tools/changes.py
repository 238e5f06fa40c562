"""Fragments of the changelog: each change brings a file of its own, so that no two changes fight over a line."""

from .house import ROOT

FOLDER, CHANGELOG = ROOT / "changes", ROOT / "CHANGELOG.md"


def folded(changelog: str, fragments: list[str]) -> str:
    """The changelog with the fragments' bullets at the end of its section *Unreleased*.

    Raises:
        ValueError: no such section, or a fragment that is no list of bullets.
    """
    for text in fragments:
        if not text.startswith("- "):
            raise ValueError(f"expected bullets that begin with '- ', got '{text[:40]}'.")
    before, mark, rest = changelog.partition("## Unreleased\n")
    if not mark:
        raise ValueError("expected a section '## Unreleased' in CHANGELOG.md, got none.")
    section, following, older = rest.partition("\n## ")
    return before + mark + "\n".join([section.rstrip(), *(t.strip() for t in fragments)]) + "\n" + following + older


def changes() -> None:
    """Fold changes/*.md into CHANGELOG.md and remove them."""
    paths = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
    CHANGELOG.write_text(folded(CHANGELOG.read_text(), [path.read_text() for path in paths]))
    for path in paths:
        path.unlink()
    print(f"{len(paths)} fragments folded into {CHANGELOG.name}")
