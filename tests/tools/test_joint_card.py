"""The card of the joint networks and the page of the joint methods are made of what is stored, and of nothing else."""

from pathlib import Path

from benchmark.joint_page import TABLES, joint_page, section
from benchmark.store import RESULTS, Ledger
from tools.joint_card import HOME, card

STORED = Ledger(RESULTS / "joint-scores.jsonl").facts()
DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_card_is_that_of_the_released_weights_and_stored_scores():
    assert (HOME / "joint.md").read_text() == card(STORED), "python -m tools joint-card"


def test_results_have_the_same_figures_as_the_docs_of_tables_of_runs():
    assert joint_page(STORED) in (DOCS / "allocate.md").read_text(), "python -m lab joint-scores --report"
    assert section(STORED).rstrip() in (DOCS / "results.md").read_text(), "python -m benchmark page"


def test_a_method_without_facts_has_no_row_and_ratios_need_the_plain_posterior():
    facts = {"params": {"coverage": 0.9, "width": 1.5}, "loss": {"coverage": 0.8, "width": 0.2}}
    assert TABLES["exact"]({"exact, law": facts})[1:] == [["`law`", "0.90 / 1.5", "0.80 / 0.2"]]
    both = TABLES["exact"]({"exact, law": facts, "exact, chinchilla": facts})
    assert [row[0] for row in both[1:]] == ["`chinchilla`", "`law`"]
    assert both[1][1] == "0.90 / 1.5 / 1.00"
    assert joint_page({}) == ""
