"""The eight tables of the HR history: columns in order, with their dtypes."""

import polars as pl

from darkwood_bench.tasks.databases import hr_words as words

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "departments": {
        "dept_id": pl.Int64(),
        "name": pl.String(),
        "parent_id": pl.Int64(),
        "city": pl.String(),
        "opened": pl.Date(),
        "closed": pl.Date(),
    },
    "people": {
        "person_id": pl.Int64(),
        "first name": pl.String(),
        "last name": pl.String(),
        "email": pl.String(),
        "birth_date": pl.Date(),
        "hired": pl.Date(),
        "left": pl.Date(),
        "manager_id": pl.Int64(),
        "country": pl.Categorical(),
        "contract": pl.Enum(words.CONTRACTS),
        "languages": pl.List(pl.String()),
    },
    "positions": {
        "person_id": pl.Int64(),
        "valid_from": pl.Date(),
        "valid_to": pl.Date(),
        "dept_id": pl.Int64(),
        "title": pl.String(),
        "grade": pl.Enum(words.GRADES),
        "percent": pl.Int64(),
    },
    "salaries": {
        "person_id": pl.Int64(),
        "valid_from": pl.Date(),
        "amount": pl.Decimal(10, 2),
        "currency": pl.String(),
        "reason": pl.String(),
    },
    "absences": {
        "absence_id": pl.Int64(),
        "person_id": pl.Int64(),
        "kind": pl.String(),
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        "count": pl.Int64(),
        "approved_by": pl.Int64(),
    },
    "courses": {
        "code": pl.String(),
        "title": pl.String(),
        "hours": pl.Int64(),
        "valid_months": pl.Int64(),
        "mandatory": pl.Boolean(),
        "topics": pl.List(pl.String()),
    },
    "trainings": {
        "person_id": pl.Int64(),
        "course code": pl.String(),
        "date": pl.Date(),
        "class": pl.String(),
        "score": pl.Int64(),
        "passed": pl.Boolean(),
        "cost": pl.Decimal(8, 2),
    },
    "headcount_plan": {
        "dept_id": pl.Int64(),
        **{year: pl.Int64() for year in words.PLAN_YEARS},
    },
}
