"""Which of several candidates is taken, and that the rest is not asked for in vain."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from asking import AskedPrompt, asked
from hypothesis import given
from hypothesis import strategies as st

from darkwood_bench.harness import BackendError, Finishing, Generator, Ran, Vote
from darkwood_bench.harness.voting import Ballot
from darkwood_bench.journal import Journal
from darkwood_bench.tables import GENERATIONS, pandera_schema

Make = Callable[..., Generator]
GROUPS = st.lists(st.none() | st.integers(0, 3), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("groups", "chosen"),
    [
        ([0, 1, 1], 1),
        ([0, 1, 2], 0),
        ([0, 1, 1, 0], 0),
        ([None, None, 0], 2),
        ([None, 1, 0, 0], 2),
        ([None, None], 0),
    ],
)
def test_the_first_of_the_largest_group_is_taken(groups: list[int | None], chosen: int) -> None:
    assert Ballot(len(groups), groups).chosen == chosen


@given(GROUPS)
def test_what_is_decided_early_is_decided_as_all_would_have(groups: list[int | None]) -> None:
    whole = Ballot(len(groups), groups).chosen
    for count in range(1, len(groups) + 1):
        ballot = Ballot(len(groups), groups[:count])
        if ballot.is_decided:
            assert ballot.chosen == whole
    assert Ballot(len(groups), groups).is_decided


@given(GROUPS, st.integers(1, 4))
def test_what_is_not_decided_can_still_turn(groups: list[int | None], left: int) -> None:
    ballot = Ballot(len(groups) + left, groups)
    if not ballot.is_decided:
        rivals = {*groups, 99} - {None}
        ends = [Ballot(len(groups) + left, [*groups, *[rival] * left]) for rival in rivals]
        assert any(end.chosen != ballot.chosen for end in ends)


def voted(groups: list[int | None], of: int = 5) -> AskedPrompt:
    """A question whose candidates' results are scripted."""
    left = iter(groups)
    vote = Vote(of, 0.7, lambda code, left_s: Ran(next(left), 9_000))
    return replace(asked("count the cards"), finishing=Finishing({}, vote=vote))


def test_the_candidate_that_most_agree_with_is_the_answer(scripted: Make, journal: Journal) -> None:
    with scripted() as generator:
        batch = generator.run([voted([0, 1, 1, 2, 1])], prompt_variant="v")
    frame = GENERATIONS.frame(batch.rows)
    pandera_schema(GENERATIONS).validate(frame)
    # Five are asked for, for after four 1 had two and could still be tied with 0, which is first.
    assert frame["attempt"].to_list() == [1, 2, 3, 4, 5, 6]
    assert frame["feedback"].to_list()[-1] == "candidate 2 is taken: 3 of 5 have its result"
    decoding = [(each["temperature"], each["seed"]) for each in frame["decoding"]]
    assert decoding == [(0.0, 0), (0.7, 1), (0.7, 2), (0.7, 3), (0.7, 4), (0.7, 1)]
    assert frame["completion_tokens"][-1] == 0
    assert batch.usage.dry_run_bytes == 9_000
    assert batch.usage.total_s == pytest.approx(sum(r["wall_s"] for r in journal.read().values()))
    with scripted() as generator:
        again = generator.run([voted([])], prompt_variant="v")
        assert generator._process is None
    assert again.rows == batch.rows


def test_candidates_that_cannot_change_it_are_not_made(scripted: Make) -> None:
    with scripted() as generator:
        rows = generator.run([voted([0, 0, 0])], prompt_variant="v").rows
        one = generator.run([voted([None, 1], of=3)], prompt_variant="w").rows
    assert [row["attempt"] for row in rows] == [1, 2, 3, 4]  # the first is taken, once three agree
    # The third could have a result of its own at most, and the second was first.
    assert [row["attempt"] for row in one] == [1, 2]


def test_a_vote_that_was_killed_begins_again(scripted: Make, journal: Journal) -> None:
    with scripted() as generator:
        first = generator.run([voted([0, 1, 1], of=3)], prompt_variant="v")
    lines = journal.path.read_text().splitlines(keepends=True)
    journal.path.write_text("".join(lines[:-1]))  # killed before it was said which is taken
    with scripted() as generator:
        resumed = generator.run([voted([0, 1, 1], of=3)], prompt_variant="v")
    assert [row["feedback"] for row in resumed.rows] == [row["feedback"] for row in first.rows]


def test_batched_mode_refuses_to_vote(scripted: Make) -> None:
    with scripted(mode="batched") as generator, pytest.raises(BackendError, match="sequential"):
        generator.run([voted([0, 0, 0])], prompt_variant="v")
