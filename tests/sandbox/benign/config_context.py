with pl.Config(tbl_rows=3, tbl_hide_dataframe_shape=True, ascii_tables=True, tbl_cols=3):
    print(sales.select("id", "shop", "qty"))
result = sales.head(1).select("id")
