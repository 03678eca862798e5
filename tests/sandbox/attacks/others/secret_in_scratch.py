# DESC: something to hide in a folder of its own and in memory, while another program looks for it
# EXPECT: ok
import os
import time

token = "SCRATCH-" + "CANARY"
os.environ["SECRET"] = token
try:
    with open("secret.txt", "w") as file:
        file.write(token)
except OSError:
    pass  # nothing can be written at L2
time.sleep(1.2)
result = 1
