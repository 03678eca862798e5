"""The clinic's survey: who answered when, and what, in 80 columns."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from darkwood_bench.tasks.databases import clinic_words as words
from darkwood_bench.tasks.databases.draws import Draws

Row = tuple[Any, ...]


def survey_rows(draws: Draws, responses: int, patients: int, visits: Sequence[Row]) -> list[Row]:
    """Rows of the survey. `visits` begin with visit_id, patient_id, doctor_id and arrived."""
    rows: list[Row] = []
    for response_id in range(1, responses + 1):
        wave = draws.pick(words.WAVES)
        patient = None if draws.chance(0.1) else draws.below(patients) + 1
        day = words.FIRST_DAY.replace(year=wave, month=6) + timedelta(days=draws.below(200))
        if visits and draws.chance(0.2):  # handed in on the day of a visit
            _, patient, _, arrived, *_ = draws.pick(visits)
            wave, day = min(arrived.year, words.WAVES[-1]), arrived.date()
        # Some give up on the way: everything after is missing.
        reached = len(words.QUESTIONS) if draws.chance(0.85) else draws.below(len(words.QUESTIONS))
        answers = [_answer(draws, number) for number in range(1, len(words.QUESTIONS) + 1)]
        rows.append(
            (
                response_id,
                patient,
                wave,
                None if draws.chance(0.04) else day,
                draws.pick(words.LANGUAGES),
                draws.pick(words.CHANNELS) if draws.chance(0.95) else None,
                draws.between(2, 12) / 4,
                None if draws.chance(0.7) else draws.pick(words.REMARKS),
                *(answer if place < reached else None for place, answer in enumerate(answers)),
            )
        )
    return rows


def _answer(draws: Draws, number: int) -> int | None:
    """q01 to q60: 1 to 5, or 9; q61 to q71: 0 or 1; q72: 0 to 10."""
    if words.QUESTIONS[number - 1] == words.NOT_ASKED or draws.chance(0.05):
        return None
    if number == len(words.QUESTIONS):
        return 10 - draws.skewed(11)
    if number > 60:
        return draws.below(2)
    return words.DOES_NOT_APPLY if draws.chance(0.06) else 5 - draws.skewed(5)
