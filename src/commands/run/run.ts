import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext, CommandFunction } from '../../context.ts'
import { type Kube, type KubeObject, type ObjectRef, refOf } from '../../kube/api.ts'
import type { Pod } from '../../kube/pod.ts'
import { readiness } from '../../kube/ready.ts'
import { labels } from '../../lib/keys.ts'
import { waitUntil } from '../../lib/wait.ts'
import { followLogs } from '../../logs/follow.ts'
import { readLogs } from '../../logs/read.ts'
import { podTemplate } from '../../manifests/workload.ts'
import { openProject } from '../../project/open.ts'
import { applyPlan } from '../../stack/apply.ts'
import { creationOf, deletionOf } from '../../stack/plan.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { jobToRun, passingJob, verdictOf } from './job-object.ts'
import { runLocalJob } from './local-job.ts'
import { readForJob } from './read.ts'

/** Flags of `devk run`. */
export interface RunFlags {
  readonly profile?: string
  /** Milliseconds until the job is stopped. */
  readonly timeout?: number
}

/**
 * `devk run JOB [ARGUMENT...]`: runs a job of the configuration, or a Job of the manifests, once, prints its log, and
 * returns its exit code. Throws what `readForJob`, `jobToRun` and `runLocalJob` throw, and NOT_READY if a Job does not
 * end in time.
 */
export const runRun: CommandFunction<RunFlags> = async (ctx, [name = '', ...args], flags) => {
  const config = await readForJob(ctx, name, flags.profile)
  const timeoutMs = flags.timeout ?? 600_000
  const job = config.jobs[name]
  if (job?.local) return runLocalJob(ctx, { name, job, config, args, timeoutMs })
  return runInCluster(ctx, { name, config, args, timeoutMs })
}

interface ClusterJob {
  readonly name: string
  readonly config: LoadedConfig
  readonly args: readonly string[]
  readonly timeoutMs: number
}

async function runInCluster(ctx: CliContext, { name, config, args, timeoutMs }: ClusterJob): Promise<number> {
  const project = await openProject(ctx)
  const { signal } = ctx
  const objectName = `${name}-${ctx.clock().toString(36)}`
  const object = passingJob(await jobToRun({ project, config, name, objectName, args }, signal), timeoutMs)
  const applying = { kube: project.kube, signal, patienceMs: 0 }
  const [made = object] = await applyPlan({ actions: [creationOf(object)] }, applying)
  const shown = new AbortController()
  const query = {
    labels: `${labels.project}=${config.name},${labels.job}=${name},batch.kubernetes.io/job-name=${objectName}`,
    serviceOf: () => name,
    signal: AbortSignal.any([signal, shown.signal]),
  }
  try {
    const ended = untilEnded(project.kube, refOf(made), timeoutMs, signal)
    let lines = 0
    const printing = (async () => {
      for await (const line of followLogs(project, query)) {
        lines += 1
        if (!ctx.json) await writeText(ctx.stdout, `${line.text}\n`)
      }
    })()
    await ended.finally(() => shown.abort())
    await printing
    let at = 0
    // The stream may have ended before the last lines arrived, so they are read from the log.
    for await (const line of readLogs(project, { ...query, signal })) {
      at += 1
      if (at > lines && !ctx.json) await writeText(ctx.stdout, `${line.text}\n`)
    }
    const exitCode = await exitCodeOf(project.kube, made, query.labels, signal)
    if (ctx.json) await writeJson(ctx.stdout, { job: name, object: objectName, exitCode })
    return exitCode
  } finally {
    await applyPlan({ actions: [deletionOf(made)] }, { ...applying, signal: AbortSignal.timeout(10_000) })
  }
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

async function exitCodeOf(kube: Kube, job: KubeObject, selector: string, signal: AbortSignal): Promise<number> {
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { labels: selector, signal })) as Pod[]
  const container = podTemplate(job)?.spec.containers[0]?.name ?? ''
  return verdictOf(await kube.get(refOf(job), signal), pods, container)
}
