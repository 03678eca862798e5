"""The film rental's tables: their columns and dtypes."""

import polars as pl

from darkwood_bench.tasks.databases import rental_words as words

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "films": {
        "film_id": pl.Int64(),
        "title": pl.String(),
        "released": pl.Int64(),
        "language": pl.Categorical(),
        "genres": pl.List(pl.String()),
        "features": pl.List(pl.String()),
        "rating": pl.Enum(words.RATINGS),
        "minutes": pl.Int64(),
        "rental rate": pl.Decimal(5, 2),
        "replacement": pl.Decimal(6, 2),
        "score": pl.Float64(),
        "sequel_of": pl.Int64(),
    },
    "actors": {
        "actor_id": pl.Int64(),
        "first": pl.String(),
        "last": pl.String(),
        "born": pl.Date(),
    },
    "film_actors": {
        "film_id": pl.Int64(),
        "actor_id": pl.Int64(),
        "role": pl.String(),
        "rank": pl.Int64(),
    },
    "stores": {
        "id": pl.Int64(),
        "name": pl.String(),
        "city": pl.String(),
        "opened": pl.Date(),
        "closed": pl.Date(),
        "hours": pl.Struct({"opens": pl.Int64(), "closes": pl.Int64()}),
    },
    "copies": {
        "copy_id": pl.Int64(),
        "film_id": pl.Int64(),
        "store_id": pl.Int64(),
        "format": pl.Enum(("DVD", "Blu-ray", "4K")),
        "condition": pl.Categorical(),
        "bought": pl.Date(),
        "retired": pl.Date(),
    },
    "customers": {
        "customer_id": pl.Int64(),
        "first": pl.String(),
        "last": pl.String(),
        "email": pl.String(),
        "store_id": pl.Int64(),
        "joined": pl.String(),
        "plan": pl.Enum(words.PLANS),
        "phones": pl.List(pl.String()),
        "filter": pl.String(),
        "active": pl.Boolean(),
    },
    "rentals": {
        "rental_id": pl.Int64(),
        "copy_id": pl.Int64(),
        "customer_id": pl.Int64(),
        "rented": pl.Datetime("us"),
        "due": pl.Date(),
        "returned": pl.Datetime("us"),
    },
    "payments": {
        "payment_id": pl.Int64(),
        "rental_id": pl.Int64(),
        "customer_id": pl.Int64(),
        "amount": pl.Decimal(7, 2),
        "method": pl.String(),
        "paid": pl.Date(),
    },
    "late_fees": {
        "days": pl.Int64(),
        "fee": pl.Decimal(5, 2),
    },
    "visitors": {
        "store_id": pl.Int64(),
        "week": pl.Date(),
        "mon": pl.Int64(),
        "tue": pl.Int64(),
        "wed": pl.Int64(),
        "thu": pl.Int64(),
        "fri": pl.Int64(),
        "sat": pl.Int64(),
        "sun": pl.Int64(),
    },
}
