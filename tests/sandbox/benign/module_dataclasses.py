from dataclasses import asdict, dataclass, field
@dataclass(frozen=True)
class Line:
    id: int
    qty: int = 1
    tags: list = field(default_factory=list)
result = pl.DataFrame([asdict(Line(i, i * 2, ["a"])) for i in range(3)])
