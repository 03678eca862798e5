"""An S3 server of its protocol on this machine, in this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import s3fs
from moto.server import ThreadedMotoServer


@contextmanager
def s3_server(bucket: str) -> Iterator[dict[str, str]]:
    """The environment variables that lead to it; a bucket is there, and empty."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ |= variables
    s3fs.S3FileSystem.clear_instance_cache()
    try:
        # What it holds is of this process, and outlives a server.
        httpx2.post(f"http://{host}:{port}/moto-api/reset").raise_for_status()
        s3fs.S3FileSystem().mkdir(bucket)
        yield variables
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        s3fs.S3FileSystem.clear_instance_cache()
        server.stop()
