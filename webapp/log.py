"""The log: one line of JSON for each event, on standard error, so that nothing logged can pass for another line."""

import json
import logging
import sys
from datetime import UTC, datetime

REQUESTS = "batchdesk.request"  # its lines are JSON already


class JsonLines(logging.Formatter):
    """An event as one line: when, how grave, who says it, what, and the trace if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        if record.name == REQUESTS:
            return record.getMessage()
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["trace"] = self.formatException(record.exc_info)
        return json.dumps(event)


def write_log() -> None:
    """Write what is logged: our own events from information on, those of libraries from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("batchdesk").setLevel(logging.INFO)
