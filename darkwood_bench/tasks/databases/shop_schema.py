"""The shop's tables: their columns and dtypes."""

import polars as pl

from darkwood_bench.tasks.databases import shop_words as words

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "suppliers": {
        "supplier_id": pl.Int64(),
        "company": pl.String(),
        "country": pl.String(),
        "terms": pl.Struct({"days": pl.Int64(), "discount": pl.Float64()}),
        "since": pl.Date(),
    },
    "products": {
        "product_id": pl.Int64(),
        "sku": pl.String(),
        "product_name": pl.String(),
        "category": pl.Categorical(),
        "supplier_id": pl.Int64(),
        "list_price": pl.Decimal(8, 2),
        "cost": pl.Decimal(8, 2),
        "len": pl.Int64(),
        "weight_kg": pl.Float64(),
        "tags": pl.List(pl.String()),
        "class": pl.String(),
        "stock": pl.Int64(),
        "discontinued": pl.Boolean(),
    },
    "prices": {
        "product_id": pl.Int64(),
        "valid_from": pl.Date(),
        "price": pl.Decimal(8, 2),
    },
    "customers": {
        "id": pl.Int64(),
        "name": pl.String(),
        "email": pl.String(),
        "city": pl.String(),
        "country": pl.String(),
        "segment": pl.Enum(words.SEGMENTS),
        "date": pl.Date(),
        "credit limit": pl.Decimal(10, 2),
        "referred_by": pl.Int64(),
        "newsletter": pl.Boolean(),
    },
    "employees": {
        "id": pl.Int64(),
        "name": pl.String(),
        "manager_id": pl.Int64(),
        "job": pl.String(),
        "office": pl.String(),
        "salary": pl.Decimal(10, 2),
        "hired": pl.Date(),
        "left": pl.Date(),
    },
    "orders": {
        "id": pl.Int64(),
        "customer_id": pl.Int64(),
        "employee_id": pl.Int64(),
        "ordered_at": pl.Datetime("us"),
        "status": pl.Enum(words.STATUSES),
        "promised": pl.String(),
        "shipped": pl.Date(),
        "channel": pl.Categorical(),
        "shipping_fee": pl.Decimal(6, 2),
        "coupon": pl.String(),
    },
    "lines": {
        "order_id": pl.Int64(),
        "product_id": pl.Int64(),
        "count": pl.Int64(),
        "unit_price": pl.Decimal(8, 2),
        "discount": pl.Float64(),
    },
    "targets": {
        "year": pl.Int64(),
        "category": pl.String(),
        "q1": pl.Decimal(12, 2),
        "q2": pl.Decimal(12, 2),
        "q3": pl.Decimal(12, 2),
        "q4": pl.Decimal(12, 2),
    },
}
