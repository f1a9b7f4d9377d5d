import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf } from '../kube/api.ts'
import { appliedByDevk } from '../kube/managed.ts'
import { annotations } from '../lib/keys.ts'
import { containersOf } from '../manifests/workload.ts'
import type { Revision } from './revisions.ts'

/**
 * The revision to go back to: `to`, or the one before the current. Throws COMMAND_FAILED when there is none before, and USAGE
 * for a number that the cluster does not keep.
 */
export function chooseRevision(name: string, revisions: readonly Revision[], to: number | undefined): Revision {
  const numbers = revisions.map(({ number }) => number)
  const found = to === undefined ? revisions.filter(({ current }) => !current).at(-1) : revisions.find(byNumber(to))
  if (found !== undefined) return found
  if (to === undefined) {
    throw new DevkError('COMMAND_FAILED', `${name} has no revision before ${numbers.at(-1) ?? 'the first'}`, {
      hint: 'The cluster keeps one for each change of the pod template; devk history shows them.',
    })
  }
  throw new DevkError('USAGE', `${name} has no revision ${to}`, {
    hint: `The cluster keeps ${numbers.join(', ')} (revisionHistoryLimit says how many).`,
  })
}

function byNumber(to: number): (revision: Revision) => boolean {
  return ({ number }) => number === to
}

/**
 * The workload as devk applied it, but with the revision's template, and with annotations that say so. Its hash label stays: for
 * `up` it is what the sources ask for until they change. Pure. Throws OBJECT_FOREIGN for one that devk did not apply, and
 * COMMAND_FAILED for a Rollout that takes its template from elsewhere.
 */
export function rolledBack(workload: KubeObject, from: number, { number, template }: Revision): KubeObject {
  const applied = appliedByDevk(workload)
  if (applied === undefined) {
    throw new DevkError('OBJECT_FOREIGN', `${nameOf(workload)} was not deployed by devk`, {
      hint: 'kubectl rollout undo takes it back; devk leaves it alone.',
    })
  }
  const { workloadRef } = applied.spec as { workloadRef?: { kind?: string; name?: string } }
  if (workloadRef !== undefined) {
    const other = `${workloadRef.kind} ${workloadRef.name}`
    throw new DevkError('COMMAND_FAILED', `${nameOf(workload)} takes its pods from ${other}`, {
      hint: `Take the change of ${other} back in the sources and run devk up.`,
    })
  }
  const note = { [annotations.rolledBackTo]: String(number), [annotations.rolledBackFrom]: String(from) }
  // With the UID the server refuses the change when another object has taken the name.
  const { uid = '' } = workload.metadata
  const metadata = { ...applied.metadata, uid, annotations: { ...applied.metadata.annotations, ...note } }
  return { ...applied, metadata, spec: { ...(applied.spec as object), template } }
}

/**
 * Throws COMMAND_FAILED when the revision's pods could not start, because a ConfigMap or Secret that they need is gone since.
 * Kustomize names a generated one by its content, and `up` removes the old one.
 */
export async function requireInputs(
  kube: Kube,
  workload: KubeObject,
  revision: Revision,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = 'default' } = workload.metadata
  const sources = inputsOf(revision)
  const missing = await Promise.all(
    sources.map(async ({ kind, name }) => {
      const there = await kube.get({ apiVersion: 'v1', kind, namespace, name }, signal)
      return there === undefined ? [`${kind} ${namespace}/${name} is no more`] : []
    }),
  )
  const lines = missing.flat()
  if (lines.length === 0) return
  throw new DevkError('COMMAND_FAILED', `Revision ${revision.number} of ${nameOf(workload)} could not start any more`, {
    details: [...lines, 'Nothing was changed.'],
    hint: 'Take the change back in the sources and run devk up.',
  })
}

type Named = { readonly name?: string; readonly optional?: boolean } | undefined
type Env = { readonly valueFrom?: { readonly configMapKeyRef?: Named; readonly secretKeyRef?: Named } }
type From = { readonly configMapRef?: Named; readonly secretRef?: Named }
type Volume = {
  readonly configMap?: Named
  readonly secret?: { readonly secretName?: string; readonly optional?: boolean }
}

function inputsOf({ template }: Revision): { kind: 'ConfigMap' | 'Secret'; name: string }[] {
  const containers = containersOf(template)
  const env = containers.flatMap((container) => (container.env ?? []) as Env[])
  const from = containers.flatMap((container) => (container.envFrom ?? []) as From[])
  const volumes = (template.spec.volumes ?? []) as Volume[]
  const maps = [
    ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef),
    ...from.map(({ configMapRef }) => configMapRef),
    ...volumes.map(({ configMap }) => configMap),
  ]
  const secrets = [
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef),
    ...from.map(({ secretRef }) => secretRef),
    ...volumes.map(({ secret }) => secret && { ...secret, name: secret.secretName ?? '' }),
  ]
  const names = (refs: readonly Named[]) =>
    new Set(refs.flatMap((ref) => (ref?.name && ref.optional !== true ? [ref.name] : [])))
  return [
    ...[...names(maps)].map((name) => ({ kind: 'ConfigMap' as const, name })),
    ...[...names(secrets)].map((name) => ({ kind: 'Secret' as const, name })),
  ]
}
