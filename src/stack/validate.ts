import type { Kube, KubeObject } from '../kube/api.ts'
import { statusOf } from '../kube/client/errors.ts'
import { inParallel } from '../lib/parallel.ts'
import { type ApplyDeps, parallelism } from './apply.ts'
import { obstacle, withoutExclusives } from './exclusive.ts'
import type { Observed } from './observed.ts'
import type { Apply } from './plan.ts'
import { invalid, isInvalid, refusalLine } from './refusal.ts'

/**
 * Has the API server check all objects with a dry run, which changes none of them. An object that depends on another
 * one of the same plan may fail for that reason; it passes here and is checked when it is applied.
 * Throws one MANIFEST_INVALID with every object that the server refuses.
 */
export async function validate(
  writes: readonly Apply[],
  observed: Observed,
  { kube, signal }: Pick<ApplyDeps, 'kube' | 'signal'>,
): Promise<void> {
  const problems: string[] = []
  await inParallel(writes, parallelism, async ({ do: what, wanted }) => {
    try {
      const named = what === 'replace' ? underOtherName(wanted.object) : wanted.object
      // A node port that an object of the project still has is free by the time at which this one is applied.
      const isHeld = observed.ours.some((holder) => obstacle(holder, wanted.object) !== undefined)
      const object = isHeld ? withoutExclusives(named) : named
      await dryRun(kube, object, signal)
    } catch (error) {
      if (isInvalid(error)) problems.push(refusalLine(wanted, error).replaceAll(otherName, ''))
      else if (statusOf(error) === undefined) throw error
    }
  })
  if (problems.length > 0) throw invalid(problems.sort())
}

/** The object as the API server would store it. Changes nothing. Throws KUBE_API. */
export function dryRun(kube: Kube, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  return kube.apply(object, { force: true, dryRun: true, signal })
}

const otherName = '-devk-check'

/**
 * Under its own name the server would compare a replacement with the existing object, and refuse the very change that
 * makes it necessary.
 */
export function underOtherName(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, name: `${object.metadata.name.slice(0, 52)}${otherName}` } }
}
