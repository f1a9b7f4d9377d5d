import type { Job } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import type { KubeObject } from '../../kube/api.ts'
import { labels } from '../../lib/keys.ts'
import { type Container, type PodTemplate, podTemplate } from '../../manifests/workload.ts'

export interface JobInput {
  readonly project: string
  readonly namespace: string
  /** Name of the Job object. */
  readonly objectName: string
  /** The workload of the job's service and the container whose environment it shares. */
  readonly service: { readonly workload: KubeObject; readonly container: string } | undefined
  /** How often a failed pod is tried again. */
  readonly retries: number
}

/**
 * A Job object: the service's image, environment, volumes and account, with the job's own command; or the job's own image.
 * Throws CONFIG_INVALID for a job that has neither.
 */
export function jobObject(name: string, job: Job, input: JobInput): KubeObject {
  const own = { [labels.project]: input.project, [labels.job]: name }
  const { containers, ...pod } = podOf(name, job, input.service)
  const [base] = containers
  const added = Object.entries(job.env).map(([key, value]) => ({ name: key, value }))
  const env = [...(base?.env ?? []).filter((variable) => !(variable.name in job.env)), ...added]
  const { args: _, ...container } = { ...base, name, command: job.command, env }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: input.objectName, namespace: input.namespace, labels: own },
    spec: {
      backoffLimit: input.retries,
      template: { metadata: { labels: own }, spec: { ...pod, restartPolicy: 'Never', containers: [container] } },
    },
  }
}

/**
 * A Job object that does once more what a Job or CronJob of the manifests does, as `kubectl create job --from` makes one: with its
 * labels, which network policies choose by, and without retries, so that its exit code is that of one run.
 */
export function onceMore(
  name: string,
  workload: KubeObject,
  input: Pick<JobInput, 'project' | 'objectName'>,
): KubeObject {
  const own = { [labels.project]: input.project, [labels.job]: name }
  const { metadata, spec } = structuredClone(podTemplate(workload)) as PodTemplate
  const kept = Object.entries(metadata?.labels ?? {}).filter(([key]) => !givenByController.test(key))
  const { [labels.service]: _, ...others } = Object.fromEntries(kept)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: input.objectName, namespace: workload.metadata.namespace ?? 'default', labels: own },
    spec: {
      backoffLimit: 0,
      template: { metadata: { ...metadata, labels: { ...others, ...own } }, spec: { ...spec, restartPolicy: 'Never' } },
    },
  }
}

/** Labels that tell one Job's pods from another's. */
const givenByController = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/

/** What of a service's pod has a meaning for a job. Probes, ports and hooks have none. */
const podFields = [
  'volumes',
  'serviceAccountName',
  'securityContext',
  'imagePullSecrets',
  'nodeSelector',
  'tolerations',
]
const containerFields = [
  'image',
  'imagePullPolicy',
  'env',
  'envFrom',
  'volumeMounts',
  'securityContext',
  'workingDir',
  'resources',
]

function podOf(
  name: string,
  job: Job,
  service: JobInput['service'],
): { containers: Partial<Container>[]; [field: string]: unknown } {
  const template = service && podTemplate(service.workload)
  const main = template?.spec.containers.find((each) => each.name === service?.container)
  const container = main === undefined ? {} : pick(main, containerFields)
  const image = job.image ?? container.image
  if (image === undefined) {
    throw new DevkError('CONFIG_INVALID', `jobs.${name} has no image to run in`, {
      hint: 'Give it `image`, or `service` with the name of a service that a workload runs.',
    })
  }
  const own = job.image === undefined ? {} : { image, imagePullPolicy: 'IfNotPresent' }
  return { ...(template === undefined ? {} : pick(template.spec, podFields)), containers: [{ ...container, ...own }] }
}

function pick<T extends object>(from: T, fields: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(from).filter(([field]) => fields.includes(field))) as Partial<T>
}
