import { context, propagation } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { detectResources, envDetector } from '@opentelemetry/resources'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

/** Prometheus' names end in their unit, and this exporter leaves it out. */
const views = ['http.server.request.duration', 'http.client.request.duration'].map((instrumentName) => ({
  instrumentName,
  name: `${instrumentName}.seconds`,
}))

/**
 * Counts this server's requests at :9464/metrics. Spans are made, and passed on to the back end, only where the environment
 * names a place to send them to.
 */
export function start() {
  const resource = detectResources({ detectors: [envDetector] })
  // Not registered for all: Next.js would then count each page a second time, and the kubelet's probes too.
  const http = new HttpInstrumentation({ ignoreIncomingRequestHook: isUnwatched, requestHook: name })
  http.setMeterProvider(new MeterProvider({ resource, views, readers: [new PrometheusExporter({ port: 9464 })] }))
  if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT) {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager())
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
    const spanProcessors = [new BatchSpanProcessor(new OTLPTraceExporter())]
    http.setTracerProvider(new NodeTracerProvider({ resource, spanProcessors }))
  }
  // An instrumentation takes hold of a module when the module is asked for.
  require('node:http')
}

/** Probes, and what belongs to a page rather than to the application. */
function isUnwatched(request) {
  return request.headers['user-agent']?.startsWith('kube-probe/') || request.url.startsWith('/_next/')
}

/** Todos are told apart by their numbers, requests are not. */
function name(span, request) {
  const path = request.url ?? request.path
  span.updateName(`${request.method} ${path.replace(/\?.*/, '').replace(/\/\d+(?=\/|$)/g, '/{id}')}`)
}
