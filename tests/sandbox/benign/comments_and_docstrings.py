"""What the program is for."""
# A comment

result = (
    sales  # the table
    .select("id")
    .head(1)
)
