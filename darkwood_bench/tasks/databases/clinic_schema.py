"""The seven tables of the clinic: columns in order, with their dtypes."""

import polars as pl

from darkwood_bench.tasks.databases import clinic_words as words

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "doctors": {
        "doctor_id": pl.Int64(),
        "name": pl.String(),
        "specialty": pl.Categorical(),
        "room": pl.String(),
        "mentor_id": pl.Int64(),
    },
    "patients": {
        "patient_id": pl.Int64(),
        "full name": pl.String(),
        "born": pl.Date(),
        "sex": pl.Enum(words.SEXES),
        "blood type": pl.Categorical(),
        "allergies": pl.List(pl.String()),
        "contact": pl.Struct(
            {"phone": pl.String(), "city": pl.String(), "postcode": pl.String()},
        ),
        "insurance": pl.String(),
    },
    "visits": {
        "visit_id": pl.Int64(),
        "patient_id": pl.Int64(),
        "doctor_id": pl.Int64(),
        "arrived": pl.Datetime("us"),
        "seen": pl.Datetime("us"),
        "discharged": pl.Datetime("us"),
        "kind": pl.Enum(words.KINDS),
        "diagnoses": pl.List(pl.String()),
        "vitals": pl.Struct(
            {"systolic": pl.Int64(), "diastolic": pl.Int64(), "pulse": pl.Int64()},
        ),
        "fee": pl.Decimal(8, 2),
    },
    "lab_results": {
        "result_id": pl.Int64(),
        "visit_id": pl.Int64(),
        "analyte": pl.Categorical(),
        "value": pl.Float64(),
        "unit": pl.String(),
    },
    "reference_ranges": {
        "analyte": pl.String(),
        "unit": pl.String(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    },
    "prescriptions": {
        "visit_id": pl.Int64(),
        "drug": pl.String(),
        "dose": pl.String(),
        "count": pl.Int64(),
        "len": pl.Int64(),
        "issued": pl.String(),
    },
    "survey": {
        "response_id": pl.Int64(),
        "patient_id": pl.Int64(),
        "wave": pl.Int64(),
        "answered": pl.Date(),
        "language": pl.Categorical(),
        "channel": pl.String(),
        "weight": pl.Float64(),
        "remark": pl.String(),
        **dict.fromkeys(words.QUESTIONS, pl.Int8()),
    },
}
