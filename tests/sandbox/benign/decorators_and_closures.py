def logged(function):
    def inner(*args, **kwargs):
        print("calling", function.__name__)
        return function(*args, **kwargs)
    return inner
@logged
def total(frame, *, column="qty"):
    return frame[column].sum()
result = total(sales)
