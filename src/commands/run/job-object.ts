import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { nearest } from '../../lib/text.ts'
import { podTemplate } from '../../manifests/workload.ts'
import type { OpenProject } from '../../project/open.ts'
import { jobObject, oneOffJob } from '../../stack/desired/jobs.ts'

/** Which job to run, and where. */
export interface JobRequest {
  readonly project: OpenProject
  readonly config: LoadedConfig
  /** Name of the job or service. */
  readonly name: string
  /** Name of the Job object to create. */
  readonly objectName: string
}

/**
 * The Job object for `devk run NAME`: a job of the configuration, or a service whose workload is a Job or CronJob. The
 * object gets the name `objectName`. Throws USAGE for an unknown name, NOT_READY if the service is not deployed.
 */
export async function jobToRun(
  { project, config, name, objectName }: JobRequest,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { namespace } = project.record
  const own = { project: config.name, objectName }
  const job = config.jobs[name]
  if (job !== undefined) {
    const service = job.service === undefined ? undefined : await serviceOfJob(project, job.service, signal)
    return jobObject(name, job, { ...own, namespace, service, retries: 0 })
  }
  const runnable = Object.entries(config.services).flatMap(([service, { workload }]) =>
    /^(job|cronjob)\//i.test(workload ?? '') ? [service] : [],
  )
  if (runnable.includes(name)) return oneOffJob(name, await workloadOf(project, name, 'batch/v1', signal), own)
  const known = [...Object.keys(config.jobs), ...runnable]
  const near = nearest(name, known)
  const declared = 'Define it under `jobs` in the configuration, or as a service whose workload is a Job or CronJob.'
  throw new DevkError('USAGE', `The project ${config.name} has no job "${name}"`, {
    hint: near === undefined ? declared : `Did you mean "${near}"?`,
  })
}

async function serviceOfJob(project: OpenProject, service: string, signal: AbortSignal) {
  const workload = await workloadOf(project, service, 'apps/v1', signal)
  const container = podTemplate(workload)?.spec.containers[0]?.name
  if (container !== undefined) return { workload, container }
  throw notDeployed(service)
}

async function workloadOf(
  { kube, record }: OpenProject,
  service: string,
  apiVersion: string,
  signal: AbortSignal,
): Promise<KubeObject> {
  const known = record.services.find(({ name }) => name === service)
  const [kind = '', name = ''] = known?.workload?.split('/') ?? []
  const found = known && (await kube.get({ apiVersion, kind, namespace: known.namespace, name }, signal))
  if (found === undefined) throw notDeployed(service)
  return found
}

function notDeployed(service: string): DevkError {
  return new DevkError('NOT_READY', `The job needs ${service}, which is not deployed`, {
    hint: 'Run devk up first.',
  })
}
