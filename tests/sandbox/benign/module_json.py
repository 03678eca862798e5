import json
data = json.loads('{"a": [1, 2, {"b": null}], "c": "é"}')
result = json.dumps(data, sort_keys=True, ensure_ascii=False)
