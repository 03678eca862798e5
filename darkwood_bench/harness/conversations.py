"""Answers and what follows them: a program that fails is asked for again, and candidates vote."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from darkwood_bench.harness.backends import Completion, Message, Request
from darkwood_bench.harness.feedback import follow_up
from darkwood_bench.harness.finishing import Final, finished
from darkwood_bench.harness.generation_ids import Prompt, candidate_id, chosen_id, follow_up_id
from darkwood_bench.harness.readings import Spent
from darkwood_bench.harness.records import Record
from darkwood_bench.harness.rounds import Outcome
from darkwood_bench.harness.voting import Ballot, Vote
from darkwood_bench.harness.worthwhile import Attempts


@dataclass(frozen=True)
class Turn:
    """One request of a conversation."""

    generation_id: str
    attempt: int
    messages: Sequence[Message]
    feedback: str | None = None
    """What the last message says of the attempt before; of a vote, how it went."""
    previous_code: str | None = None
    candidate: int = 1
    """Which of several candidates for one answer it is."""


MakeRecord = Callable[[Prompt, Turn, Outcome, str | None], Record]
"""A journal row of a prompt's turn and how it ended; the last is the next attempt's id."""


class Conversations:
    """Several prompts' conversations, one turn at a time, in any order."""

    def __init__(
        self,
        asked: Sequence[tuple[str, Prompt]],
        request: Callable[[Prompt, Turn], Request],
        make_record: MakeRecord,
        keep: Callable[[Record], None],
        so_far: Attempts,
    ) -> None:
        """`asked`: prompts with the ids of their first generations."""
        self._prompts = [prompt for _, prompt in asked]
        self._turns = [Turn(key, 1, prompt.messages) for key, prompt in asked]
        self._request = request
        self._make_record = make_record
        self._keep = keep
        self._so_far = so_far
        self._candidates: dict[int, list[Outcome]] = {}
        self._ballots: dict[int, Ballot] = {}

    @property
    def requests(self) -> list[Request]:
        """The first request of each."""
        pairs = zip(self._prompts, self._turns, strict=True)
        return [self._request(prompt, turn) for prompt, turn in pairs]

    def finish(self, number: int, text: str, left_s: float) -> Final:
        """The final code of an answer, which may take `left_s`; part of its time."""
        return finished(text, self._prompts[number].finishing, left_s)

    def tell(self, number: int, outcome: Outcome) -> Request | None:
        """Keep an outcome; what is asked next, where the answer fails and asking again may pay."""
        prompt, turn = self._prompts[number], self._turns[number]
        vote = prompt.finishing.vote if prompt.finishing else None
        if vote is not None:
            return self._tell_candidate(number, outcome, vote)
        following = self._following(prompt, turn, outcome)
        next_id = following.generation_id if following else None
        self._keep(self._make_record(prompt, turn, outcome, next_id))
        if following is None:
            return None
        self._turns[number] = following
        return self._request(prompt, following)

    def _tell_candidate(self, number: int, outcome: Outcome, vote: Vote) -> Request | None:
        """Keep a candidate, and once the vote is decided the one that is taken, if it is not the
        last; the next candidate otherwise. One that fails to be made is the answer, an error."""
        prompt, turn = self._prompts[number], self._turns[number]
        if not isinstance(outcome.answer, Completion):
            self._keep(self._make_record(prompt, turn, outcome, None))
            return None
        ballot = self._ballots.setdefault(number, Ballot(vote.candidates))
        candidates = self._candidates.setdefault(number, [])
        candidates.append(outcome)
        ballot.cast(outcome.final.ran.group if outcome.final and outcome.final.ran else None)
        if not ballot.is_decided:
            made = len(candidates) + 1
            key = candidate_id(turn.generation_id, made)
            self._keep(self._make_record(prompt, turn, outcome, key))
            self._turns[number] = Turn(key, made, turn.messages, candidate=made)
            return self._request(prompt, self._turns[number])
        taken = ballot.chosen
        if taken == len(candidates) - 1:
            self._keep(self._make_record(prompt, turn, outcome, None))
            return None
        key = chosen_id(turn.generation_id, taken + 1)
        group = ballot.groups[taken]
        alike = ballot.groups.count(group) if group is not None else 0
        said = f"candidate {taken + 1} is taken: {alike} of {len(candidates)} have its result"
        told = Turn(key, turn.attempt + 1, turn.messages, said, candidate=taken + 1)
        self._keep(self._make_record(prompt, turn, outcome, key))
        self._keep(self._make_record(prompt, told, _taken(candidates[taken]), None))
        return None

    def _following(self, prompt: Prompt, turn: Turn, outcome: Outcome) -> Turn | None:
        final, finishing = outcome.final, prompt.finishing
        problem = final.problem if final else None
        passed = final is not None and problem is None
        self._so_far.note(turn.attempt, outcome.spent.wall_s, passed=passed)
        if finishing is None or final is None or problem is None:
            return None
        if turn.attempt > finishing.attempts or not isinstance(outcome.answer, Completion):
            return None
        repeated = turn.attempt > 1 and final.code == turn.previous_code
        if repeated or not self._so_far.is_another_worthwhile():
            return None
        columns = {name: [*columns] for name, columns in finishing.schemas.items()}
        messages = follow_up(turn.messages, outcome.answer.text, problem, columns)
        key = follow_up_id(turn.generation_id, messages)
        return Turn(key, turn.attempt + 1, messages, messages[-1]["content"], final.code)


def _taken(candidate: Outcome) -> Outcome:
    """A candidate once more, as the answer: its own row has what it cost."""
    answer = candidate.answer
    assert isinstance(answer, Completion)
    free = replace(answer, prompt_tokens=0, cached_tokens=0, completion_tokens=0, ttft_s=0.0)
    energy = None if candidate.spent.energy_j is None else 0.0
    return Outcome(free, Spent(0.0, 0.0, 0.0, energy), None, candidate.final, 0.0)


def chain(first_id: str, done: Mapping[str, Record]) -> list[Record]:
    """The attempts at one answer, in order; empty where one of them is missing."""
    found: list[Record] = []
    key: str | None = first_id
    while key is not None:
        if key not in done:
            return []
        found.append(done[key])
        key = done[key]["next_id"]
    return found
