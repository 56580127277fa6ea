// Sends one trace, five metrics and two log records with OpenTelemetry's own Go exporters, and prints the trace's id.
//
// Usage: go run . http/protobuf|grpc, with OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS set.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

type exporters struct {
	traces  *otlptrace.Exporter
	metrics metric.Exporter
	logs    sdklog.Exporter
}

func newExporters(ctx context.Context, protocol string) (exporters, error) {
	var made exporters
	var failures [3]error
	switch protocol {
	case "http/protobuf":
		made.traces, failures[0] = otlptracehttp.New(ctx)
		made.metrics, failures[1] = otlpmetrichttp.New(ctx)
		made.logs, failures[2] = otlploghttp.New(ctx)
	case "grpc":
		made.traces, failures[0] = otlptracegrpc.New(ctx)
		made.metrics, failures[1] = otlpmetricgrpc.New(ctx)
		made.logs, failures[2] = otlploggrpc.New(ctx)
	default:
		return made, fmt.Errorf("unknown protocol %q: give http/protobuf or grpc", protocol)
	}
	return made, errors.Join(failures[:]...)
}

func sendTrace(ctx context.Context, exporter *otlptrace.Exporter, res *resource.Resource) (string, error) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
	tracer := provider.Tracer("stock", trace.WithInstrumentationVersion("1.2.3"))
	ctx, root := tracer.Start(ctx, "invoke_agent gopher")
	root.SetAttributes(
		attribute.String("gen_ai.operation.name", "invoke_agent"),
		attribute.String("gen_ai.agent.name", "gopher"),
		attribute.Int64("whole", 9007199254740993),
		attribute.Float64("fraction", 0.1),
		attribute.StringSlice("list", []string{"a", "b"}),
	)
	_, child := tracer.Start(ctx, "chat gpt-4o", trace.WithSpanKind(trace.SpanKindClient))
	child.AddEvent("first token")
	child.SetStatus(codes.Error, "cut off")
	child.End()
	root.End()
	return root.SpanContext().TraceID().String(), provider.Shutdown(ctx)
}

func sendMetrics(ctx context.Context, exporter metric.Exporter, res *resource.Resource) error {
	sizes := metric.NewView(
		metric.Instrument{Name: "sizes"},
		metric.Stream{Aggregation: metric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}},
	)
	reader := metric.NewPeriodicReader(exporter, metric.WithInterval(time.Hour))
	provider := metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(res), metric.WithView(sizes))
	meter := provider.Meter("stock")
	requests, e1 := meter.Int64Counter("requests")
	queue, e2 := meter.Int64UpDownCounter("queue")
	latency, e3 := meter.Float64Histogram("latency")
	bytes, e4 := meter.Int64Histogram("sizes")
	heat, e5 := meter.Float64Gauge("temperature")
	if err := errors.Join(e1, e2, e3, e4, e5); err != nil {
		return err
	}
	requests.Add(ctx, 3)
	queue.Add(ctx, -2)
	latency.Record(ctx, 0.25)
	bytes.Record(ctx, 4096)
	heat.Record(ctx, 21.5)
	return provider.Shutdown(ctx)
}

func sendLogs(ctx context.Context, exporter sdklog.Exporter, res *resource.Resource) error {
	provider := sdklog.NewLoggerProvider(
		sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)),
		sdklog.WithResource(res),
	)
	logger := provider.Logger("stock")
	for _, text := range []string{"started", "ended"} {
		var record log.Record
		record.SetTimestamp(time.Now())
		record.SetSeverity(log.SeverityInfo)
		record.SetBody(attribute.StringValue(text))
		logger.Emit(ctx, record)
	}
	return provider.Shutdown(ctx)
}

func send(protocol string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	made, err := newExporters(ctx, protocol)
	if err != nil {
		return err
	}
	res := resource.NewSchemaless(attribute.String("service.name", "stock go "+protocol))
	traceID, err := sendTrace(ctx, made.traces, res)
	if err != nil {
		return err
	}
	if err := sendMetrics(ctx, made.metrics, res); err != nil {
		return err
	}
	if err := sendLogs(ctx, made.logs, res); err != nil {
		return err
	}
	fmt.Println(traceID)
	return nil
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: interop http/protobuf|grpc")
		os.Exit(2)
	}
	if err := send(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
