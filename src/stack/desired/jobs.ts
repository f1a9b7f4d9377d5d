import type { Job } from '../../config/schema.ts'
import { DevkError } from '../../errors.ts'
import { groupKindOf, type KubeObject } from '../../kube/api.ts'
import { labels, sharedServicePrefix } from '../../lib/keys.ts'
import { withVariables } from '../../manifests/variables.ts'
import { type Container, type PodTemplate, podTemplate } from '../../manifests/workload.ts'

/** What a Job object is made from, besides the job's configuration. */
export interface JobInput {
  readonly project: string
  readonly namespace: string
  /** Name of the Job object. */
  readonly objectName: string
  /** The workload of the job's service, and the container whose environment the job uses. */
  readonly service: { readonly workload: KubeObject; readonly container: string } | undefined
  /** How often the Job is retried after a failed pod. */
  readonly retries: number
}

/**
 * The Job object of a configured job: the job's command with image, environment, volumes and service account of its
 * service, or with an image of its own. Pure. Throws CONFIG_INVALID for a job without an image.
 */
export function jobObject(name: string, job: Job, input: JobInput): KubeObject {
  const own = { [labels.project]: input.project, [labels.job]: name }
  const { containers, ...pod } = podOf(name, job, input.service)
  const [base] = containers
  const env = withVariables(base?.env ?? [], job.env)
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
 * A Job object that runs a Job or CronJob of the manifests once, like `kubectl create job --from`. It keeps the pod's
 * labels, which network policies may select, and has no retries, so that its exit code is that of a single run. Pure.
 */
export function oneOffJob(
  name: string,
  workload: KubeObject,
  input: Pick<JobInput, 'project' | 'objectName'>,
): KubeObject {
  const own = { [labels.project]: input.project, [labels.job]: name }
  const { metadata, spec } = structuredClone(podTemplate(workload)) as PodTemplate
  const kept = Object.entries(metadata?.labels ?? {}).filter(([key]) => !givenByController.test(key))
  const others = Object.fromEntries(
    kept.filter(([key]) => key !== labels.service && !key.startsWith(sharedServicePrefix)),
  )
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

/**
 * A Job without ttlSecondsAfterFinished: the finished Job stays, so that the next `up` sees that its work is done and
 * does not run it again. Other objects as they are. Pure.
 */
export function lasting(object: KubeObject): KubeObject {
  if (groupKindOf(object) !== 'batch/Job') return object
  const { ttlSecondsAfterFinished: _, ...spec } = (object.spec ?? {}) as Record<string, unknown>
  return { ...object, spec }
}

/** Labels that the Job controller sets to find its own pods. */
const givenByController = /^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/

/** Fields of a service's pod that a job uses. Probes, ports and hooks are not among them. */
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
    throw new DevkError('CONFIG_INVALID', `jobs.${name} has no image`, {
      hint: 'Set `image`, or set `service` to the name of a service that has a workload.',
    })
  }
  const own = job.image === undefined ? {} : { image, imagePullPolicy: 'IfNotPresent' }
  return { ...(template === undefined ? {} : pick(template.spec, podFields)), containers: [{ ...container, ...own }] }
}

function pick<T extends object>(from: T, fields: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(from).filter(([field]) => fields.includes(field))) as Partial<T>
}
