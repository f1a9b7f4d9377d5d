import { DevkError } from '../errors.ts'
import { type Kube, type KubeObject, nameOf } from '../kube/api.ts'
import { appliedByDevk } from '../kube/managed.ts'
import { annotations } from '../lib/keys.ts'
import { containersOf } from '../manifests/workload.ts'
import { type Plan, updateOf } from '../stack/plan.ts'
import type { Revision } from './revisions.ts'

/**
 * The revision with the number `to`, or the one before the current revision. Pure. Throws COMMAND_FAILED if there is
 * none before, and USAGE for a number that the cluster does not keep.
 */
export function chooseRevision(name: string, revisions: readonly Revision[], to: number | undefined): Revision {
  const numbers = revisions.map(({ number }) => number)
  const found = to === undefined ? revisions.filter(({ current }) => !current).at(-1) : revisions.find(byNumber(to))
  if (found !== undefined) return found
  if (to === undefined) {
    throw new DevkError('COMMAND_FAILED', `${name} has no revision before ${numbers.at(-1) ?? 'the first'}`, {
      hint: 'The cluster keeps a revision for each change of the pod template. Run devk history to see them.',
    })
  }
  throw new DevkError('USAGE', `${name} has no revision ${to}`, {
    hint: `Choose one of ${numbers.join(', ')}. The workload's revisionHistoryLimit says how many the cluster keeps.`,
  })
}

function byNumber(to: number): (revision: Revision) => boolean {
  return ({ number }) => number === to
}

/**
 * The plan that deploys a revision: the workload as devk applied it, with the template of the revision and with
 * annotations that record the rollback. The hash label stays, so that `up` leaves the rollback until the sources
 * change. Pure.
 * Throws OBJECT_FOREIGN for a workload that devk did not apply, and COMMAND_FAILED for a Rollout whose template is in
 * another object.
 */
export function planRollback(workload: KubeObject, from: number, { number, template }: Revision): Plan {
  const applied = appliedByDevk(workload)
  if (applied === undefined) {
    throw new DevkError('OBJECT_FOREIGN', `${nameOf(workload)} was not deployed by devk`, {
      hint: 'Use kubectl rollout undo. devk changes only what it has deployed itself.',
    })
  }
  const { workloadRef } = applied.spec as { workloadRef?: { kind?: string; name?: string } }
  if (workloadRef !== undefined) {
    const other = `${workloadRef.kind} ${workloadRef.name}`
    throw new DevkError('COMMAND_FAILED', `${nameOf(workload)} has its pod template in ${other}`, {
      hint: `Revert the change of ${other} in the sources and run devk up.`,
    })
  }
  const notes = { [annotations.rolledBackTo]: String(number), [annotations.rolledBackFrom]: String(from) }
  const metadata = { ...applied.metadata, annotations: { ...applied.metadata.annotations, ...notes } }
  const changed = { ...applied, metadata, spec: { ...(applied.spec as object), template } }
  return { actions: [updateOf(changed, workload.metadata.uid)] }
}

/**
 * Throws COMMAND_FAILED if the revision's pods cannot start because a ConfigMap or Secret no longer exists. Kustomize
 * generates a new name for each content, and `up` deletes the object with the old name.
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
      const found = await kube.get({ apiVersion: 'v1', kind, namespace, name }, signal)
      return found === undefined ? [`${kind} ${namespace}/${name} no longer exists`] : []
    }),
  )
  const lines = missing.flat()
  if (lines.length === 0) return
  throw new DevkError('COMMAND_FAILED', `Revision ${revision.number} of ${nameOf(workload)} cannot start any more`, {
    details: [...lines, 'Nothing was changed.'],
    hint: 'Revert the change in the sources and run devk up.',
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
