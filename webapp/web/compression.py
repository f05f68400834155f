"""Pages made smaller on the way. Only for those without secrets: the length of what is compressed tells about it."""

import gzip

from fastapi import Request
from fastapi.responses import Response

LEVEL = 5
LEAST_BYTES = 1000


def compressed(request: Request, response: Response) -> Response:
    """The same answer, compressed if the browser can read that. Not for streams, nor for a page that shows a secret."""
    response.headers.add_vary_header("Accept-Encoding")
    if "gzip" in request.headers.get("accept-encoding", "") and len(response.body) >= LEAST_BYTES:
        response.body = gzip.compress(bytes(response.body), LEVEL, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response
