"""Output columns are read out of a question where it plainly lists them, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkwood_bench.prompting import named_columns

COLUMNS = ["city", "opened", "shop name", "amount", "shop_id"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Shops opened last year: shop_id, city.", ("shop_id", "city")),
        ("What did each city take in? Columns city, taken", ("city", "taken")),
        ("By city, the sum (amount, rounded): city, total (a float).", ("city", "total")),
        ("Return 'shop name', opened and mean_amount.", ("shop name", "opened", "mean_amount")),
        ("Oldest shops. shop name and opened, oldest first.", ("shop name", "opened")),
        ("List shop_id, city. Then only the best: city and amount.", ("city", "amount")),
        ("city, best and worst, in order of city.", ("city", "best", "worst")),
        # Said otherwise, or not at all.
        ("For each city the sum of amount as total.", ()),
        ("Which shops are in Oslo, and since when?", ()),
        ("Shops in Oslo or Bergen: the oldest, please.", ()),
        ("What is the largest amount: amount.", ()),
        ("Sold apples, pears and plums.", ()),
        ("", ()),
    ],
)
def test_a_plain_list_is_read_and_nothing_else(question: str, found: tuple[str, ...]) -> None:
    assert named_columns(question, COLUMNS) == found


@given(st.text(), st.lists(st.text(min_size=1), max_size=4))
def test_any_text_is_read(question: str, columns: list[str]) -> None:
    found = named_columns(question, columns)
    assert len(found) != 1
    assert len(set(found)) == len(found)


@given(st.lists(st.from_regex(r"[a-z]{3,8}_[a-z]{1,5}", fullmatch=True), min_size=2, unique=True))
def test_a_list_after_a_colon_is_found_whole(names: list[str]) -> None:
    assert named_columns(f"What sold best? Per shop: {', '.join(names)}.", []) == tuple(names)
