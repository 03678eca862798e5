# DESC: a result with extension types that it registered, with storage and names made to confuse
# EXPECT: ok|wrong_type|runtime_error|payload_invalid
class Evil(pl.BaseExtension):
    def __init__(self, name="arrow.json", storage=pl.String, metadata="A" * 100_000):
        super().__init__(name, storage, metadata)

    def _string_repr(self):
        return "i64"


columns = []
for name in ("arrow.json", "arrow.uuid", "arrow.parquet.variant", "polars.struct", "geoarrow.wkb"):
    kind = pl.Extension(name, pl.String, "{}")
    try:
        pl.register_extension_type(name, Evil)
    except Exception as error:
        print("deny", name, error)
    columns.append(pl.Series(name, ["not json", None]).ext.to(kind))
result = pl.DataFrame(columns)
