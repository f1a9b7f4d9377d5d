import { randomBytes } from 'node:crypto'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import type { Kube, PodStreams } from '../../kube/api.ts'
import { messageOf } from '../../lib/text.ts'
import { posterOf } from '../../telemetry/ask.ts'
import { otlpRequest } from '../../telemetry/otlp.ts'
import { type SaveTraces, saveTraces } from '../../telemetry/save-traces.ts'
import { firstAnswer } from '../prove-urls.ts'
import { addresses } from '../summary-text.ts'
import type { LiveReporter } from './report.ts'

/** Whose saves become traces. */
export interface TraceOptions {
  readonly config: () => LoadedConfig
  readonly cluster: { readonly kube: Pick<Kube, 'list'>; readonly streams: Pick<PodStreams, 'connect'> }
  /** Takes that a save was sent, or why it could not be. */
  report(): Pick<LiveReporter, 'event' | 'line'>
}

/** The collector of Jaeger listens on this port for OTLP over HTTP. */
const collector = { preset: 'jaeger', port: 4318 } as const

/** Sends each save as a trace to the preset jaeger, until the signal. */
export function traceSaves(
  { clock, version }: Pick<CliContext, 'clock' | 'version'>,
  { config, cluster, report }: TraceOptions,
  signal: AbortSignal,
): SaveTraces {
  const open = { ...cluster, record: { name: config().name } }
  return saveTraces({
    now: clock,
    id: (bytes) => randomBytes(bytes).toString('hex'),
    answer(service, traceparent) {
      const address = addresses(config(), [], undefined).find(({ name }) => name === service)
      return address && firstAnswer(address, { traceparent }, signal)
    },
    async send(spans) {
      const post = await posterOf(open, collector, signal)
      const resource = { 'service.name': 'devk', 'service.version': version, 'devk.project': open.record.name }
      await post('/v1/traces', otlpRequest(spans, resource))
    },
    onSent: (sent) => report().event({ type: 'traced', ...sent }),
    onProblem(error) {
      if (!signal.aborted) report().line('devk', `A save could not be sent as a trace: ${messageOf(error)}`)
    },
  })
}
