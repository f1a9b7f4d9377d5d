import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import { readMetrics } from '../../telemetry/explore.ts'
import { readKeptLogs } from '../../telemetry/kept-logs.ts'
import { lacking } from '../../telemetry/lacking.ts'
import { matching } from '../../telemetry/metric-families.ts'
import { queryMetrics } from '../../telemetry/query.ts'
import { isTraceId, readTrace, readTraces } from '../../telemetry/traces.ts'
import { inputOf, inputs } from './inputs.ts'
import { type Tool, type ToolInput, untrusted } from './tool.ts'

/** The tools that ask the presets jaeger, prometheus and logging. */
export const telemetryTools: readonly Tool[] = [
  {
    name: 'traces',
    description:
      'The newest traces and which services call each other, or one trace with its spans. Needs the preset jaeger.',
    input: inputOf({
      service: { ...inputs.service, description: 'Only traces with a span of this service. Default: all.' },
      failed: { type: 'boolean', description: 'Only traces with a span that failed.' },
      trace: { type: 'string', description: 'ID of a trace: gives its spans.' },
    }),
    changes: false,
    run: traces,
  },
  {
    name: 'metric_names',
    description:
      'The metrics that Prometheus has, with their types and descriptions, to ask the tool metrics for. Needs the ' +
      'preset prometheus.',
    input: inputOf({
      service: { ...inputs.service, description: 'Only metrics of this service. Default: of all.' },
      search: { type: 'string', description: 'Only those with these words in their name or description.' },
    }),
    changes: false,
    run: metricNames,
  },
  {
    name: 'metrics',
    description: 'What Prometheus answers to a query in PromQL. Needs the preset prometheus.',
    input: inputOf(
      {
        query: {
          type: 'string',
          description: 'PromQL, such as `sum by (service_name) (rate(http_requests_total[5m]))`.',
        },
        minutes: {
          type: 'number',
          minimum: 1,
          maximum: 1440,
          description: 'The values of the last minutes. Default: the value now.',
        },
      },
      ['query'],
    ),
    changes: false,
    run: metrics,
  },
  {
    name: 'kept_logs',
    description:
      'The lines that VictoriaLogs keeps, oldest first: those of containers, also of pods that are gone, and those ' +
      'that programs sent with OpenTelemetry. Needs the preset logging.',
    input: inputOf(
      {
        query: {
          type: 'string',
          description:
            'LogsQL, such as `{service.name="api"} error` or `trace_id:="0af7651916cd43dd8448eb211c80319c"`.',
        },
        minutes: { ...inputs.minutes, description: 'Only lines of the last minutes. Default: 60.', maximum: 1440 },
        tail: { ...inputs.tail, description: 'The most lines: the newest ones. Default: 100.' },
      },
      ['query'],
    ),
    changes: false,
    run: keptLogs,
  },
]

async function traces(ctx: CliContext, { service, failed, trace }: ToolInput): Promise<object> {
  const project = await projectWith('jaeger', ctx)
  if (trace === undefined) {
    const query = { service: String(service ?? ''), failed: failed === true }
    return untrusted(await readTraces(project, query, { now: ctx.clock(), signal: ctx.signal }))
  }
  const id = String(trace)
  const found = isTraceId(id) ? await readTrace(project, id, ctx.signal) : undefined
  if (found === undefined) {
    throw new DevkError('USAGE', `Jaeger has no trace "${id}"`, {
      hint: 'It keeps the newest 5,000. List them without trace.',
    })
  }
  return untrusted({ trace: found })
}

async function metricNames(ctx: CliContext, { service, search }: ToolInput): Promise<object> {
  const project = await projectWith('prometheus', ctx)
  const found = await readMetrics(project, String(service ?? ''), { now: ctx.clock(), signal: ctx.signal })
  const metrics = matching(found.metrics, String(search ?? ''))
  return untrusted({ metrics: metrics.map(({ name, type, help }) => ({ name, type, help })), more: found.more })
}

async function metrics(ctx: CliContext, { query, minutes }: ToolInput): Promise<object> {
  const project = await projectWith('prometheus', ctx)
  const asked = { query: String(query), minutes: minutes === undefined ? undefined : Number(minutes) }
  return untrusted({ series: await queryMetrics(project, asked, { now: ctx.clock(), signal: ctx.signal }) })
}

async function keptLogs(ctx: CliContext, { query, minutes, tail }: ToolInput): Promise<object> {
  const project = await projectWith('logging', ctx)
  const question = { query: String(query), minutes: Number(minutes ?? 60), limit: Number(tail ?? 100) }
  return untrusted({ lines: await readKeptLogs(project, question, { now: ctx.clock(), signal: ctx.signal }) })
}

/** The stack, if it has the preset. Throws NOT_READY with the way to add it, CLUSTER_MISSING and KUBE_API. */
async function projectWith(preset: keyof typeof lacking, ctx: CliContext): Promise<OpenProject> {
  const project = await openProject(ctx)
  if (project.record.presets.some(({ name }) => name === preset)) return project
  const { text, hint } = lacking[preset]
  throw new DevkError('NOT_READY', text, { hint })
}
