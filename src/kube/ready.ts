import { groupKindOf, type KubeObject } from './api.ts'
import { type Condition, conditionOf, type Pod } from './pod.ts'

/** `failed` means that waiting does not help: only a change of the object does. */
export type Readiness =
  | { readonly ready: true }
  | { readonly ready: false; readonly reason: string; readonly failed?: true }

const ready: Readiness = { ready: true }
const not = (reason: string): Readiness => ({ ready: false, reason })
const failed = (reason: string): Readiness => ({ ready: false, reason, failed: true })

interface Fields {
  readonly spec: Record<string, unknown>
  readonly status: Record<string, unknown>
}

type Check = (fields: Fields, object: KubeObject) => Readiness

const checks: Readonly<Record<string, Check>> = {
  'apps/Deployment': deployment,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': ({ spec, status }) => replicas(num(spec.replicas, 1), num(status.readyReplicas)),
  'batch/Job': job,
  'argoproj.io/Rollout': argoRollout,
  '/Pod': (_, object) => pod(object as Pod),
  '/PersistentVolumeClaim': claim,
  '/Namespace': ({ status }) => (status.phase === 'Terminating' ? not('is being deleted') : ready),
  'apiextensions.k8s.io/CustomResourceDefinition': (_, object) => definition(object),
  'apiregistration.k8s.io/APIService': (_, object) =>
    byCondition(conditionOf(object, 'Available'), 'not available yet'),
}

/**
 * Whether an object, as the server returned it, is ready, and if not, why. When the `pods` of a workload are given, a
 * pod that still runs another image than the workload specifies counts as not ready.
 */
export function readiness(object: KubeObject, pods: readonly Pod[] = []): Readiness {
  const { spec = {}, status = {}, metadata } = object as KubeObject & Partial<Fields>
  if (metadata.deletionTimestamp !== undefined) return not('is being deleted')
  const observed = status.observedGeneration
  if (typeof observed === 'number' && observed < (metadata.generation ?? 0))
    return not('its controller has not observed the change yet')
  const check = checks[groupKindOf(object)]
  const own = check ? check({ spec, status }, object) : generic(object)
  // While a Rollout waits for promotion, its old pods keep running.
  return own.ready && status.phase !== 'Paused' ? images(spec, pods) : own
}

function deployment({ spec, status }: Fields, object: KubeObject): Readiness {
  if (status.observedGeneration === undefined) return not('its controller has not observed it yet')
  const want = num(spec.replicas, 1)
  const refused = conditionOf(object, 'ReplicaFailure')
  const stuck = conditionOf(object, 'Progressing')
  const counts = rollout(want, num(status.updatedReplicas), num(status.replicas), num(status.availableReplicas))
  if (counts.ready) return ready
  if (refused?.status === 'True') return not(refused.message ?? 'its pods are rejected')
  return stuck?.reason === 'ProgressDeadlineExceeded' ? not(`${counts.reason}, no progress since the deadline`) : counts
}

function rollout(want: number, updated: number, all: number, available: number): Readiness {
  if (updated < want) return not(`${updated}/${want} pods updated`)
  if (all > updated) return not(`${all - updated} old ${all - updated === 1 ? 'pod is' : 'pods are'} still running`)
  return replicas(want, available)
}

function replicas(want: number, have: number): Readiness {
  return have >= want ? ready : not(`${have}/${want} pods ready`)
}

function statefulSet({ spec, status }: Fields): Readiness {
  if (status.observedGeneration === undefined) return not('its controller has not observed it yet')
  const want = num(spec.replicas, 1)
  const strategy = (spec.updateStrategy ?? {}) as { type?: string; rollingUpdate?: { partition?: number } }
  const keep = strategy.type === 'OnDelete' ? want : (strategy.rollingUpdate?.partition ?? 0)
  const current = status.currentRevision === status.updateRevision
  // When a rollout is complete, the server counts its pods as current and omits updatedReplicas.
  const updated = current ? num(status.replicas) : num(status.updatedReplicas)
  if (!current && updated < want - keep) return not(`${updated}/${want - keep} pods updated`)
  return replicas(want, num(status.readyReplicas))
}

function daemonSet({ spec, status }: Fields): Readiness {
  if (status.observedGeneration === undefined) return not('its controller has not observed it yet')
  const want = num(status.desiredNumberScheduled)
  const updated = num(status.updatedNumberScheduled)
  const onDelete = (spec.updateStrategy as { type?: string } | undefined)?.type === 'OnDelete'
  if (!onDelete && updated < want) return not(`${updated}/${want} pods updated`)
  return replicas(want, num(status.numberAvailable))
}

function job({ spec, status }: Fields, object: KubeObject): Readiness {
  const end = conditionOf(object, 'Failed')
  if (end?.status === 'True') return failed(`failed: ${end.message ?? end.reason ?? 'no reason given'}`)
  if (conditionOf(object, 'Complete')?.status === 'True' || spec.suspend === true) return ready
  const want = num(spec.completions, 1)
  return not(`${num(status.succeeded)}/${want} completed`)
}

/** Argo Rollouts 1.8. Paused is ready too: the new version runs and waits for promotion. */
function argoRollout({ status }: Fields, object: KubeObject): Readiness {
  // The controller writes the generation as a string.
  if (Number(status.observedGeneration ?? 0) < (object.metadata.generation ?? 0))
    return not('its controller has not observed it yet')
  if (status.phase === 'Healthy' || status.phase === 'Paused') return ready
  const message = typeof status.message === 'string' && status.message !== '' ? status.message : undefined
  return not(message ?? `is ${String(status.phase ?? 'not started').toLowerCase()}`)
}

function pod(object: Pod): Readiness {
  const { phase, message, reason } = object.status ?? {}
  if (phase === 'Succeeded') return ready
  if (phase === 'Failed') return failed(`failed: ${message ?? reason ?? 'a container ended with an error'}`)
  return byCondition(conditionOf(object, 'Ready'), `is ${(phase ?? 'Pending').toLowerCase()}`)
}

function claim({ status }: Fields, object: KubeObject): Readiness {
  if (status.phase === 'Lost') return failed('its volume is lost')
  // Without this annotation the storage class waits for the first consumer: the pod, which has its own reason for not
  // being ready.
  const provisioning = object.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'] !== undefined
  return status.phase === 'Bound' || !provisioning ? ready : not('its volume is being provisioned')
}

function definition(object: KubeObject): Readiness {
  const names = conditionOf(object, 'NamesAccepted')
  if (names?.status === 'False') return failed(names.message ?? 'its names are already in use')
  return byCondition(conditionOf(object, 'Established'), 'not established yet')
}

function byCondition(condition: Condition | undefined, otherwise: string): Readiness {
  return condition?.status === 'True' ? ready : not(condition?.message ?? otherwise)
}

/** Most controllers report the condition Ready. An object without it counts as ready. */
function generic(object: KubeObject): Readiness {
  const condition = conditionOf(object, 'Ready')
  return condition === undefined ? ready : byCondition(condition, 'not ready yet')
}

function images(spec: Record<string, unknown>, pods: readonly Pod[]): Readiness {
  const template = spec.template as { spec?: { containers?: { name: string; image?: string }[] } } | undefined
  for (const { metadata, spec: running } of pods) {
    if (metadata.deletionTimestamp !== undefined) continue
    for (const { name, image } of template?.spec?.containers ?? []) {
      const container = running?.containers?.find((each) => each.name === name)
      if (container !== undefined && container.image !== image)
        return not(`pod ${metadata.name} still runs ${container.image}`)
    }
  }
  return ready
}

function num(value: unknown, otherwise = 0): number {
  return typeof value === 'number' ? value : otherwise
}
