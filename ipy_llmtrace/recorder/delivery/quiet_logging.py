"""Keeps what libraries log about the retries of a thread of ours out of the user's cell."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_CHATTY_LOGGERS = ("urllib3.connectionpool", "mlflow.store.db.utils", "mlflow.store.tracking.sqlalchemy_store", "alembic")


@contextmanager
def quiet(thread_name: str) -> Iterator[None]:
    """What the thread of this name makes libraries log is dropped; `DeliveryStatus` says it better."""

    def of_the_user(record: logging.LogRecord) -> bool:
        return record.threadName != thread_name

    loggers = [logging.getLogger(name) for name in _CHATTY_LOGGERS]
    for logger in loggers:
        logger.addFilter(of_the_user)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(of_the_user)
