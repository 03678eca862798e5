from darkwood_bench.progress import Pace, Progress


def step(done: int, subject: str = "m v") -> Progress:
    return Progress("generations", subject, done, total=10)


def test_the_pace_is_that_of_what_was_done_since_the_first_word() -> None:
    pace = Pace()
    assert pace.left_s(step(4), now=100.0) is None  # four were there already, at no known pace
    assert pace.left_s(step(6), now=110.0) == 20.0
    assert pace.left_s(step(10), now=130.0) is None


def test_each_subject_has_its_own_pace() -> None:
    pace = Pace()
    pace.left_s(step(0, "a"), now=0.0)
    pace.left_s(step(0, "b"), now=50.0)
    assert pace.left_s(step(5, "a"), now=60.0) == 60.0
    assert pace.left_s(step(5, "b"), now=60.0) == 10.0
