class Report:
    def __init__(self, frame):
        self.frame = frame
    @property
    def rows(self):
        return self.frame.height
    def by(self, key):
        return self.frame.group_by(key).agg(pl.len()).sort(key, nulls_last=True)
class Paid(Report):
    def __init__(self, frame):
        super().__init__(frame.filter(pl.col("paid")))
result = Paid(sales).by("shop")
