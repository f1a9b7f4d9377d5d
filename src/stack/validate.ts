import type { Kube, KubeObject } from '../kube/api.ts'
import { statusOf } from '../kube/client/errors.ts'
import { inParallel } from '../lib/parallel.ts'
import { type AllocatedRefusal, holderLines, untilFree } from './allocated.ts'
import { type ApplyDeps, parallelism } from './apply.ts'
import { obstacle, withoutExclusives } from './exclusive.ts'
import type { Observed } from './observed.ts'
import type { Apply } from './plan.ts'
import { invalid, isAllocated, isInvalid, refusalLine } from './refusal.ts'

/**
 * Has the API server check all objects with a dry run, which changes none of them. An object that depends on another
 * one of the same plan may fail for that reason; it passes here and is checked when it is applied.
 * Throws one MANIFEST_INVALID with every object that the server refuses, and NOT_READY for a node port or an IP that
 * the server keeps although no Service has it.
 */
export async function validate(
  writes: readonly Apply[],
  observed: Observed,
  deps: Pick<ApplyDeps, 'kube' | 'signal' | 'onEvent'>,
): Promise<void> {
  const { kube, signal } = deps
  const problems: string[] = []
  const allocated: (AllocatedRefusal & { readonly object: KubeObject })[] = []
  await inParallel(writes, parallelism, async ({ do: what, wanted }) => {
    const named = what === 'replace' ? underOtherName(wanted.object) : wanted.object
    // A node port that an object of the project, or the one to be replaced, still has is free when this one is applied.
    const isHeld = observed.ours.some((holder) => obstacle(holder, named) !== undefined)
    const object = isHeld ? withoutExclusives(named) : named
    try {
      await dryRun(kube, object, signal)
    } catch (error) {
      if (isAllocated(error)) allocated.push({ wanted, error, object })
      else if (isInvalid(error)) problems.push(refusalLine(wanted, error).replaceAll(otherName, ''))
      else if (statusOf(error) === undefined) throw error
    }
  })
  problems.push(...(await holderLines(allocated, deps)))
  if (problems.length > 0) throw invalid(problems.sort())
  await Promise.all(allocated.map((refusal) => untilFree(refusal, () => dryRun(kube, refusal.object, signal), deps)))
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
