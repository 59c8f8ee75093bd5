"""What Prometheus may read of this process and of the installation."""

from collections.abc import Iterable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from gatherum.app import App
from gatherum.jobs.looking import Crowd
from gatherum.library.statistics import Statistics, read_statistics
from gatherum.upkeep.health import Numbers

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Meters:
    """Counts the requests of this process, and reads the rest when it is asked."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "gatherum_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "gatherum_request_seconds",
            "How long answers took to the last byte, without streams.",
            ("route",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._counted = cache(self._requests.labels)  # to find a meter is dearer than to turn it
        self._timed = cache(self._seconds.labels)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is the template of its route, '' if there was none."""
        self._counted(method, route, str(status)).inc()
        if route and not route.endswith("/events"):
            self._timed(route).observe(seconds)

    async def read(self, app: App, *, streams: int) -> bytes:
        """Return everything in the text format of Prometheus."""
        numbers = await app.health.measure()
        crowds = await app.queue.crowds()
        library = await read_statistics(app.database, app.clock.now)
        found = _Found([*_of_health(numbers), *_of_jobs(crowds), *_of_library(library)])
        found.add(_gauge("gatherum_event_streams", "Streams of live events.", streams))
        waits = app.database.waits
        found.add(
            CounterMetricFamily(
                "gatherum_write_wait_seconds", "Time that writes have waited.", waits.total_s
            )
        )
        return generate_latest(self._registry) + generate_latest(found)


class _Found(CollectorRegistry):
    """Metrics that were just read."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        super().__init__()
        self._metrics = list(metrics)

    def add(self, metric: Metric) -> None:
        self._metrics.append(metric)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _of_health(numbers: Numbers) -> list[Metric]:
    told = {
        "gatherum_executors": ("Processes that perform jobs.", numbers.executors),
        "gatherum_queue_lag_seconds": ("Age of the oldest job that is due.", numbers.queue_lag),
        "gatherum_disk_free_bytes": ("Free on the library's disk.", numbers.disk_free),
        "gatherum_disk_bytes": ("Size of the library's disk.", numbers.disk_total),
        "gatherum_database_bytes": ("Size of the database.", numbers.database_size),
        "gatherum_files_damaged": ("Files that are missing or damaged.", numbers.damaged),
    }
    return [_gauge(name, help_text, value) for name, (help_text, value) in told.items()]


def _of_jobs(crowds: Iterable[Crowd]) -> list[Metric]:
    family = GaugeMetricFamily(
        "gatherum_jobs", "Jobs that are live.", labels=("lane", "partition", "state")
    )
    for crowd in crowds:
        for state in ("queued", "running", "waiting"):
            labels = (crowd.lane, crowd.partition, state)
            family.add_metric(labels, getattr(crowd, state))
    return [family]


def _of_library(library: Statistics) -> list[Metric]:
    media = GaugeMetricFamily(
        "gatherum_media", "Media of the library.", labels=("platform", "kind", "state")
    )
    for one in library.counts:
        media.add_metric((one.platform, one.kind, one.state), one.count)
    return [
        media,
        _gauge("gatherum_stored_bytes", "Bytes of stored media.", library.bytes),
        _gauge("gatherum_trash_bytes", "Bytes in the recycle bin.", library.trash_bytes),
    ]


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value)
