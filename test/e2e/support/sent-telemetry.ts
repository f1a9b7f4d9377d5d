import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import type { Monitoring } from './monitoring.ts'
import type { ExampleProject } from './projects/example-project.ts'
import { withPage } from './shown-page.ts'
import { startTraffic } from './traffic.ts'

/** A program with the SDK of OpenTelemetry that knows no address: it measures for 40 s and sends what it measured. */
const measuring = `
import time
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
meter = provider.get_meter("shop")
orders = meter.create_counter("shop.orders")
waits = meter.create_histogram("shop.wait", unit="s", explicit_bucket_boundaries_advisory=[0.1, 1, 10])
for second in range(40):
    orders.add(2, {"kind": "book"})
    orders.add(1, {"kind": '"}) or up #'})
    waits.record(0.5)
    time.sleep(1)
provider.shutdown()
`

/** The same for a line of a log. */
const logging = `
import logging, time
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

provider = LoggerProvider()
provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
provider.get_logger("shop").emit(
    timestamp=time.time_ns(), severity_number=SeverityNumber.INFO, body="an order was sent", attributes={"kind": "book"}
)
provider.shutdown()
`

/** Runs a program in the container of the back end, with its variables. */
const runIn = ({ kubectl }: ExampleProject, program: string) =>
  kubectl('exec', '-n', 'todo', 'deployment/todo-backend', '-c', 'backend', '--', 'python', '-c', program)

/** Goes to a view of the page. */
const show = (page: Page, view: string) => page.goto(page.url().replace(/(#.*)?$/, `#/${view}`))

/** Metrics that a program sends are among those of its service, and the page draws them. `url` leads to the back end. */
export async function proveSentMetrics(todo: ExampleProject, monitoring: Monitoring, url: string): Promise<void> {
  const traffic = startTraffic(url, 1)
  try {
    await runIn(todo, measuring)
  } finally {
    await traffic.stop()
  }
  const [orders] = await eventually('the sent metric', 60, async () => {
    const series = await monitoring.query('shop_orders_total{kind="book"}')
    return series.length > 0 ? series : undefined
  })
  const pod = expect.stringMatching(/^todo-backend-/)
  expect(orders?.metric).toMatchObject({ service_name: 'backend', job: 'backend', instance: pod, k8s_pod_name: pod })
  await withPage(todo, async (page) => {
    await show(page, 'explore/backend')
    await page.getByLabel('Search metrics').fill('shop orders')
    await page.getByRole('link', { name: 'shop_orders_total' }).click()
    await page.getByRole('img', { name: /^Rate: .*kind=book [0-9.]+\/s/ }).waitFor()
    await show(page, 'explore/backend/shop_wait_seconds')
    await page.getByRole('img', { name: /^Quantiles: p50 [0-9.]+ ms, p95 [0-9.]+ (ms|s), p99 / }).waitFor()
    // What the back end offers at /metrics has a description.
    await page.getByLabel('Search metrics').fill('http_server_request_duration_seconds')
    await page.getByRole('link', { name: 'http_server_request_duration_seconds' }).click()
    await page.getByText(/^histogram: /).waitFor()
    await page.getByLabel('Group by').selectOption('By http_route')
    await page.getByRole('img', { name: /^Quantiles: .*p95 http_route=\/api\/todos/ }).waitFor()
  })
}

/** A line that a program sends is kept, and the page shows it beside those of its container. */
export async function proveSentLogs(todo: ExampleProject, monitoring: Monitoring): Promise<void> {
  await runIn(todo, logging)
  const [line] = await eventually('the sent line', 60, async () => {
    const lines = await monitoring.logs('{service.name="backend"} "an order was sent"')
    return lines.length > 0 ? lines : undefined
  })
  const pod = expect.stringMatching(/^todo-backend-/)
  expect(line).toMatchObject({
    _msg: 'an order was sent',
    kind: 'book',
    'service.name': 'backend',
    'k8s.pod.name': pod,
  })
  await withPage(todo, async (page) => {
    await show(page, 'logs/backend/an%20order')
    await page.getByText('an order was sent').first().waitFor({ timeout: 60_000 })
    await page
      .getByTitle(/^todo-backend-/)
      .first()
      .waitFor()
  })
}
