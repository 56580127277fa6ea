"""Sends one trace, five metrics and two log records with OpenTelemetry's own Python exporters; prints the trace's id.

Usage: stock.py http/protobuf|grpc, with OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS set.
"""

import logging
import sys

from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode


def exporters(protocol):
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    elif protocol == "http/protobuf":
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    else:
        raise SystemExit(f"unknown protocol {protocol!r}: give http/protobuf or grpc")
    return OTLPSpanExporter(), OTLPMetricExporter(), OTLPLogExporter()


def send_trace(exporter, resource):
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("stock", "1.2.3")
    with tracer.start_as_current_span("invoke_agent serpent") as root:
        root.set_attribute("gen_ai.operation.name", "invoke_agent")
        root.set_attribute("gen_ai.agent.name", "serpent")
        root.set_attribute("whole", 9007199254740993)
        root.set_attribute("fraction", 0.1)
        root.set_attribute("list", ["a", "b"])
        with tracer.start_as_current_span("chat gpt-4o", kind=SpanKind.CLIENT) as child:
            child.add_event("first token")
            child.set_status(Status(StatusCode.ERROR, "cut off"))
    provider.shutdown()
    return format(root.get_span_context().trace_id, "032x")


def send_metrics(exporter, resource):
    provider = MeterProvider(
        metric_readers=[PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)],
        resource=resource,
        views=[
            View(
                instrument_type=Histogram,
                instrument_name="sizes",
                aggregation=ExponentialBucketHistogramAggregation(),
            )
        ],
    )
    meter = provider.get_meter("stock")
    meter.create_counter("requests").add(3, {"route": "/a"})
    meter.create_up_down_counter("queue").add(-2)
    meter.create_histogram("latency").record(0.25)
    meter.create_histogram("sizes").record(4096)
    meter.create_gauge("temperature").set(21.5)
    provider.shutdown()


def send_logs(exporter, resource):
    provider = LoggerProvider(resource=resource)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = logging.getLogger("stock")
    logger.setLevel(logging.INFO)
    logger.addHandler(LoggingHandler(logger_provider=provider))
    logger.info("started")
    logger.warning("ended")
    provider.shutdown()


if __name__ == "__main__":
    protocol = sys.argv[1]
    spans, metrics, logs = exporters(protocol)
    resource = Resource.create({"service.name": f"stock python {protocol}"})
    trace_id = send_trace(spans, resource)
    send_metrics(metrics, resource)
    send_logs(logs, resource)
    print(trace_id)
