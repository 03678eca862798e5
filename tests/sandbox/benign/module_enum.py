from enum import Enum, IntEnum, auto
class Size(str, Enum):
    SMALL = "S"
    LARGE = "L"
class Level(IntEnum):
    LOW = auto()
    HIGH = auto()
result = pl.DataFrame({"s": [s.value for s in Size], "l": [int(x) for x in Level]}).with_columns(e=pl.Series(["S", "L"], dtype=pl.Enum(Size)))
