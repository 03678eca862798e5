from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from darkwood_bench.partitions import GRID, Cell, by_model, cell_of, contiguous

ORDER = list("abcdefgh")


@given(st.sets(st.sampled_from(ORDER)))
def test_ranges_hold_exactly_what_was_chosen_and_are_as_few_as_can_be(chosen: set[str]) -> None:
    ranges = contiguous(sorted(chosen), ORDER)
    covered = [
        name for first, last in ranges for name in ORDER[ORDER.index(first) : ORDER.index(last) + 1]
    ]
    assert covered == sorted(chosen)
    gaps = pairwise(ranges)
    assert all(ORDER.index(first) - ORDER.index(last) > 1 for (_, last), (first, _) in gaps)


def test_every_key_of_the_grid_is_read_back_as_model_and_variant() -> None:
    keys = GRID.get_partition_keys()
    assert keys
    assert [str(cell_of(str(key))) for key in keys] == [str(key) for key in keys]


def test_partitions_are_grouped_by_model_in_their_order() -> None:
    cells = [Cell("m", "x"), Cell("n", "x"), Cell("m", "y")]
    assert by_model(cells) == {"m": [cells[0], cells[2]], "n": [cells[1]]}
