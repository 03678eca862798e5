from typing import Any, Generic, NamedTuple, Protocol, TypedDict, TypeVar
class Row(NamedTuple):
    id: int
    name: str | None = None
T = TypeVar("T")
class Box(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value
def first(rows: list[Row]) -> Any:
    return rows[0]
result = pl.DataFrame([Row(1, "a"), first([Row(2)])], orient="row").with_columns(b=pl.lit(Box[int](5).value))
