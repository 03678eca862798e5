class Missing(Exception):
    pass
def check(name):
    if name not in sales.columns:
        raise Missing(name)
try:
    check("nope")
except Missing as error:
    result = str(error)
