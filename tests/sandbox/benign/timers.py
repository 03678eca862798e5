import threading, time
done = threading.Event()
threading.Timer(0.01, done.set).start()
time.sleep(0.01)
result = done.wait(5)
