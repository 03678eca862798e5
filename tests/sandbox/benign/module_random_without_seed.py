import random, secrets, uuid, os
result = pl.DataFrame({"ok": [0 <= random.random() < 1, len(secrets.token_hex(4)) == 8, len(str(uuid.uuid4())) == 36, len(os.urandom(5)) == 5]})
