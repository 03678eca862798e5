from polars.testing import assert_frame_equal
try:
    assert_frame_equal(sales.head(1), sales.tail(1))
    outcome = "equal"
except AssertionError:
    outcome = "different"
result = outcome
