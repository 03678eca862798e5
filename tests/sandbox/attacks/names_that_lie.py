# DESC: column names, keys and values of types that say that they equal anything
# EXPECT: payload_invalid|wrong_type
class Name(str):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __hash__(self):
        return hash("result")

    def __lt__(self, other):
        return True


class Number(float):
    def __eq__(self, other):
        return True


frame = orders.head(1).rename({"id": Name("total\u202e"), "total": Name("n\u0000")}, strict=False)
frame = frame.with_columns(pl.lit(Number(1)).alias(Name("id")))
frame.equals = lambda *_: True
globals()[Name("result")] = frame
