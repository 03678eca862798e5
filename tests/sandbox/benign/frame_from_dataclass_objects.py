from dataclasses import dataclass
@dataclass
class Point:
    x: int
    y: float
result = pl.DataFrame([Point(1, 2.5), Point(3, 4.5)])
