import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    warnings.warn("old", DeprecationWarning)
warnings.filterwarnings("ignore")
warnings.warn("not shown")
result = len(seen)
