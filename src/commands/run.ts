import type { CommandFunction } from '../cli/context.ts'
import type { RunFlags } from '../cli/flags.ts'
import { loadConfig } from '../config/load.ts'
import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, labels, type ObjectRef, refOf } from '../kube/api.ts'
import { readiness } from '../kube/ready.ts'
import { nearest } from '../lib/text.ts'
import { waitUntil } from '../lib/wait.ts'
import { followLogs } from '../logs/follow.ts'
import { readLogs } from '../logs/read.ts'
import { jobObject } from '../stack/jobs.ts'
import { write, writeJson } from './output.ts'
import { type OpenProject, openProject } from './project.ts'

/** `devk run JOB`: a one-off Job of the configuration, its log on stdout, its exit code as devk's own. */
export const runRun: CommandFunction<RunFlags> = async (ctx, [name = ''], flags) => {
  const project = await openProject(ctx)
  const { signal } = ctx
  const profile = flags.profile ?? project.record.profile
  const config = await loadConfig({ cwd: ctx.cwd, file: ctx.configFile, profile, env: ctx.env, presets: [] })
  const job = config.jobs[name]
  if (job === undefined) {
    const near = nearest(name, Object.keys(config.jobs))
    throw new DevkError('USAGE', `There is no job "${name}" in ${config.name}`, {
      hint: near === undefined ? 'Jobs are declared under `jobs` in the configuration.' : `Did you mean "${near}"?`,
    })
  }
  const objectName = `${name}-${ctx.clock().toString(36)}`
  const service = job.service === undefined ? undefined : await serviceWorkload(project, job.service, signal)
  const { namespace } = project.record
  const object = jobObject(name, job, { project: config.name, namespace, objectName, service, retries: 0 })
  const made = await project.kube.apply(object, { force: false, signal })
  const shown = new AbortController()
  const query = {
    labels: `${labels.project}=${config.name},${labels.job}=${name},batch.kubernetes.io/job-name=${objectName}`,
    serviceOf: () => name,
    signal: AbortSignal.any([signal, shown.signal]),
  }
  try {
    const ended = untilEnded(project.kube, refOf(made), flags.timeout ?? 600_000, signal)
    let lines = 0
    const printing = (async () => {
      for await (const line of followLogs(project, query)) {
        lines += 1
        if (!ctx.json) await write(ctx.stdout, `${line.text}\n`)
      }
    })()
    await ended.finally(() => shown.abort())
    await printing
    let at = 0
    // What the job wrote last may not have come through the stream before it ended.
    for await (const line of readLogs(project, { ...query, signal })) {
      at += 1
      if (at > lines && !ctx.json) await write(ctx.stdout, `${line.text}\n`)
    }
    const exitCode = await exitCodeOf(project.kube, query.labels, signal)
    if (ctx.json) await writeJson(ctx.stdout, { job: name, object: objectName, exitCode })
    return exitCode
  } finally {
    const uid = made.metadata.uid ?? ''
    await project.kube.delete(refOf(made), { uid, propagation: 'Background', signal: AbortSignal.timeout(10_000) })
  }
}

async function serviceWorkload({ kube, record }: OpenProject, service: string, signal: AbortSignal) {
  const known = record.services.find(({ name }) => name === service)
  const [kind = '', name = ''] = known?.workload?.split('/') ?? []
  const workload: KubeObject | undefined =
    known && (await kube.get({ apiVersion: 'apps/v1', kind, namespace: known.namespace, name }, signal))
  const spec = workload?.spec as { template?: { spec?: { containers?: { name: string }[] } } } | undefined
  const container = spec?.template?.spec?.containers?.[0]?.name
  if (workload !== undefined && container !== undefined) return { workload, container }
  throw new DevkError('NOT_READY', `${service} is not deployed, and the job runs in its image`, {
    hint: 'Run devk up first.',
  })
}

function untilEnded(kube: Kube, ref: ObjectRef, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const check = async () => {
    const job = await kube.get(ref, signal)
    if (job === undefined) return undefined
    const state = readiness(job)
    return state.ready || state.failed ? undefined : state.reason
  }
  return waitUntil(check, { what: `Job ${ref.name}`, timeoutMs, signal })
}

async function exitCodeOf(kube: Kube, selector: string, signal: AbortSignal): Promise<number> {
  const [pod] = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: selector, signal })
  const { containerStatuses = [] } = (pod?.status ?? {}) as {
    containerStatuses?: { state?: { terminated?: { exitCode: number } } }[]
  }
  return containerStatuses[0]?.state?.terminated?.exitCode ?? 1
}
