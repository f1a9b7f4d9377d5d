"""Traces, metrics, and the id of the trace in each line of the access log, all by OpenTelemetry."""

import logging
import os

from fastapi import FastAPI, Response
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from uvicorn.logging import AccessFormatter

# What the kubelet and Prometheus ask for, all day long.
UNWATCHED = "/docs,/healthz,/ready,/metrics"


def instrument(app: FastAPI) -> None:
    """Offers /metrics. Spans are made and sent only where the environment names a place for them."""
    metrics.set_meter_provider(MeterProvider([PrometheusMetricReader()]))
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        provider = TracerProvider()
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
        Psycopg2Instrumentor().instrument()
        HTTPXClientInstrumentor().instrument()
        _log_traces()
    FastAPIInstrumentor.instrument_app(app, excluded_urls=UNWATCHED, exclude_spans=["receive", "send"])
    app.add_api_route("/metrics", _metrics, include_in_schema=False)


def _metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _log_traces() -> None:
    for handler in logging.getLogger("uvicorn.access").handlers:
        handler.addFilter(_add_trace)
        handler.setFormatter(
            AccessFormatter('%(levelprefix)s %(client_addr)s - "%(request_line)s" %(status_code)s%(trace)s')
        )


def _add_trace(record: logging.LogRecord) -> bool:
    context = trace.get_current_span().get_span_context()
    record.trace = f" trace_id={trace.format_trace_id(context.trace_id)}" if context.is_valid else ""
    return True
