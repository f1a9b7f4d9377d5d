import { setTimeout as sleep } from 'node:timers/promises'
import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { labels } from '../../lib/keys.ts'
import { unitFinder } from '../../logs/units.ts'
import { openProject } from '../../project/open.ts'
import { requireKnown } from '../../project/selection.ts'
import { bound, captured } from '../actions/captured.ts'
import { findSession } from '../actions/session.ts'
import { runConfigShow } from '../config.ts'
import { type LineSources, presentLines, runningPrograms } from '../logs/sources.ts'
import { flagsOfLastUp } from '../plan/last-up.ts'
import { runPlan } from '../plan/plan.ts'
import { readStatus } from '../status/status.ts'
import { explain } from './explain.ts'
import { inputOf, inputs } from './inputs.ts'
import { telemetryTools } from './telemetry-tools.ts'
import { type Tool, type ToolInput, untrusted } from './tool.ts'

/** The tools that only read. */
export const readingTools: readonly Tool[] = [
  {
    name: 'status',
    description:
      'The state of all services, externals, presets, forwards and nodes, with the reason of what is not ready.',
    input: inputOf({}),
    changes: false,
    run: async (ctx) => readStatus(await openProject(ctx), ctx.signal),
  },
  {
    name: 'explain',
    description:
      'Why a service or external is not ready: reason, pods with events, probes and the last lines of containers, ' +
      'what it needs, its revisions and the last saves.',
    input: inputOf({ service: inputs.service }, ['service']),
    changes: false,
    run: (ctx, { service }) => explain(ctx, String(service)),
  },
  {
    name: 'logs',
    description: 'The log lines of services, externals and programs of this machine, oldest first.',
    input: inputOf({ services: inputs.writers, grep: inputs.grep, tail: inputs.tail, minutes: inputs.minutes }),
    changes: false,
    run: logs,
  },
  {
    name: 'wait',
    description: 'Waits until services are ready, or until one of them has failed or the time is over.',
    input: inputOf({ services: inputs.services, seconds: inputs.seconds }),
    changes: false,
    run: wait,
  },
  {
    name: 'saves',
    description:
      'The saves that the running devk handled: what each led to, how long its steps took, and why one failed.',
    input: inputOf({ service: inputs.service }),
    changes: false,
    async run(ctx, { service }) {
      const found = await findSession(ctx)
      if (found === undefined) return { running: false, hint: 'No devk watches this stack. Run devk dev.' }
      const { saves, ...session } = found.state
      return {
        running: true,
        ...session,
        saves: saves.filter((each) => service === undefined || each.service === service),
      }
    },
  },
  {
    name: 'plan',
    description: 'What devk up would change, object by object, with the profile and overlay of the last one.',
    input: inputOf({}),
    changes: false,
    run: async (ctx) => captured({ ...ctx, json: false }, bound(runPlan, [], await flagsOfLastUp(ctx))),
  },
  {
    name: 'config_validate',
    description: 'Whether the configuration is valid; each mistake with file, line and fix.',
    input: inputOf({}),
    changes: false,
    async run(ctx) {
      const { ok, text, hint } = await captured(ctx, bound(runConfigShow, [], {}))
      return ok ? { valid: true } : { valid: false, text, hint }
    },
  },
  ...telemetryTools,
]

async function logs(ctx: CliContext, { services, grep, tail, minutes }: ToolInput): Promise<object> {
  const { socket, names: programs } = await runningPrograms(ctx)
  const project = await openProject(ctx)
  const known = [...project.record.services.map(({ name }) => name), ...project.record.externals]
  const names = (services as readonly string[] | undefined) ?? [...known, ...programs]
  requireKnown(project.record.name, names, [...known, ...programs])
  const lines: string[] = []
  const limits = {
    tail: (tail as number | undefined) ?? 100,
    since: minutes === undefined ? undefined : new Date(ctx.clock() - Number(minutes) * 60_000).toISOString(),
    grep: patternOf(grep),
    signal: ctx.signal,
  }
  const ofPods = { labels: `${labels.project}=${project.record.name}`, serviceOf: unitFinder({ known, names }) }
  const here = programs.filter((name) => names.includes(name))
  const sources: LineSources = {
    pods: { project, query: { ...limits, ...ofPods } },
    locals: here.length > 0 ? { socket, query: { ...limits, names: here } } : undefined,
  }
  for await (const line of presentLines(sources)) {
    const { time, service, text } = line
    const where = 'pod' in line ? line.pod : 'on this machine'
    lines.push(`${time} ${service} ${where}: ${text.slice(0, 2000)}`)
    if (lines.length > 5000) lines.splice(0, 1000)
  }
  return untrusted({ lines })
}

function patternOf(grep: unknown): RegExp | undefined {
  if (grep === undefined) return undefined
  try {
    return new RegExp(String(grep))
  } catch (error) {
    throw new DevkError('USAGE', `grep: ${(error as Error).message}`, {
      hint: 'Write a regular expression of JavaScript.',
    })
  }
}

async function wait(ctx: CliContext, { services, seconds }: ToolInput): Promise<object> {
  const began = ctx.clock()
  const limit = Number(seconds ?? 120) * 1000
  const project = await openProject(ctx)
  for (;;) {
    const report = await readStatus(project, ctx.signal)
    const all = [...report.services, ...report.externals]
    const known = all.map(({ name }) => name)
    const names = (services as readonly string[] | undefined) ?? known
    requireKnown(report.project, names, known)
    const wanted = all.filter(({ name }) => names.includes(name))
    const ready = wanted.every(({ state }) => state === 'ready')
    const waited = ctx.clock() - began
    const isOver = waited >= limit || wanted.some(({ state }) => state === 'failed')
    if (ready || isOver) {
      const states = wanted.map(({ name, state, reason }) => ({ name, state, reason }))
      return { ready, waited_seconds: Math.round(waited / 1000), services: states }
    }
    await sleep(1000, undefined, { signal: ctx.signal })
  }
}
