import type { LoadedConfig } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { conditionOf, type Pod } from '../../kube/pod.ts'
import { isJobWorkload } from '../../kube/pod-workload.ts'
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
  /** What is added to the command of a job of the configuration. */
  readonly args: readonly string[]
}

/**
 * The Job object for `devk run NAME`: a job of the configuration, or a service whose workload is a Job or CronJob. The
 * object gets the name `objectName`. Throws USAGE for an unknown name, and for arguments to the command of a service;
 * NOT_READY if the service is not deployed.
 */
export async function jobToRun(
  { project, config, name, objectName, args }: JobRequest,
  signal: AbortSignal,
): Promise<KubeObject> {
  const { namespace } = project.record
  const own = { project: config.name, objectName }
  const job = config.jobs[name]
  if (job !== undefined) {
    const service = job.service === undefined ? undefined : await serviceOfJob(project, job.service, signal)
    const withArgs = { ...job, command: [...job.command, ...args] }
    return jobObject(name, withArgs, { ...own, namespace, service, retries: 0 })
  }
  const runnable = Object.entries(config.services).flatMap(([service, { workload }]) =>
    isJobWorkload(workload) ? [service] : [],
  )
  if (runnable.includes(name)) {
    if (args.length === 0) return oneOffJob(name, await workloadOf(project, name, 'batch/v1', signal), own)
    throw new DevkError('USAGE', `${name} is a service, and devk adds arguments only to the command of a job`, {
      hint: 'Define a job under `jobs` in the configuration.',
    })
  }
  const known = [...Object.keys(config.jobs), ...runnable]
  const near = nearest(name, known)
  const declared = 'Define it under `jobs` in the configuration, or as a service whose workload is a Job or CronJob.'
  throw new DevkError('USAGE', `The project ${config.name} has no job "${name}"`, {
    hint: near === undefined ? declared : `Did you mean "${near}"?`,
  })
}

async function serviceOfJob(project: OpenProject, service: string, signal: AbortSignal) {
  const deployed = await workloadOf(project, service, 'apps/v1', signal)
  const workload = await withTemplate(project, deployed, signal)
  const known = project.record.services.find(({ name }) => name === service)?.container
  const containers = podTemplate(workload)?.spec.containers ?? []
  const container = containers.find(({ name }) => name === known) ?? containers[0]
  if (container !== undefined) return { workload, container: container.name }
  throw notDeployed(service)
}

/** A Rollout may have its pod template in another workload. */
async function withTemplate({ kube }: OpenProject, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  const { workloadRef } = (object.spec ?? {}) as { workloadRef?: { apiVersion: string; kind: string; name: string } }
  if (workloadRef === undefined) return object
  return (await kube.get({ ...workloadRef, namespace: object.metadata.namespace }, signal)) ?? object
}

async function workloadOf(
  { kube, record }: OpenProject,
  service: string,
  usual: string,
  signal: AbortSignal,
): Promise<KubeObject> {
  const known = record.services.find(({ name }) => name === service)
  const [kind = '', name = ''] = known?.workload?.split('/') ?? []
  const apiVersion = known?.apiVersion ?? usual
  const found = known && (await kube.get({ apiVersion, kind, namespace: known.namespace, name }, signal))
  if (found === undefined) throw notDeployed(service)
  return found
}

/** A one-off Job that ends by itself when devk is killed: it stops after `timeoutMs`, and is deleted a while later. */
export function passingJob(job: KubeObject, timeoutMs: number): KubeObject {
  // A little later than devk itself gives up.
  const limits = { activeDeadlineSeconds: Math.ceil(timeoutMs / 1000) + 30, ttlSecondsAfterFinished: 600 }
  return { ...job, spec: { ...(job.spec as object), ...limits } }
}

/**
 * The exit code of an ended Job: 0 if the Job itself counts as complete, whatever its other containers did; otherwise
 * that of the container that failed it. Pure.
 */
export function verdictOf(job: KubeObject | undefined, pods: readonly Pod[], container: string): number {
  if (job !== undefined && conditionOf(job, 'Complete')?.status === 'True') return 0
  const ends = pods.flatMap(({ status }) =>
    [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].flatMap(({ name, state }) =>
      state?.terminated?.exitCode ? [{ name, exitCode: state.terminated.exitCode }] : [],
    ),
  )
  return (ends.find(({ name }) => name === container) ?? ends[0])?.exitCode ?? 1
}

function notDeployed(service: string): DevkError {
  return new DevkError('NOT_READY', `The job needs ${service}, which is not deployed`, {
    hint: 'Run devk up first.',
  })
}
