import polars as pl
try:
    sales.select("missing")
except pl.exceptions.ColumnNotFoundError as error:
    message = type(error).__name__
try:
    1 / 0
except ZeroDivisionError:
    pass
else:
    message = "no"
finally:
    message += "!"
result = message
