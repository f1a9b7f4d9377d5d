import { bytesOf, milliCpuOf } from '../../lib/quantity.ts'
import type { PodTemplate } from '../../manifests/workload.ts'

/** How much may be used at most; null for no limit. CPU in thousandths, memory in bytes. */
export interface Limits {
  readonly cpu: number | null
  readonly memory: number | null
}

/** No limits. */
export const unlimited: Limits = { cpu: null, memory: null }

/** What all these may use together: unlimited if one of them is. Pure. */
export function sumOfLimits(all: readonly Limits[]): Limits {
  const sum = (of: (limits: Limits) => number | null) => {
    const known = all.flatMap((each) => of(each) ?? [])
    return known.length < all.length || all.length === 0 ? null : known.reduce((a, b) => a + b, 0)
  }
  return { cpu: sum(({ cpu }) => cpu), memory: sum(({ memory }) => memory) }
}

/** What the containers of a pod may use together, with its sidecars. Other init containers have ended. Pure. */
export function podLimits({ spec }: Pick<PodTemplate, 'spec'>): Limits {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return sumOfLimits(
    [...spec.containers, ...sidecars].map(({ resources }) => {
      const { limits = {} } = (resources ?? {}) as { limits?: Record<string, unknown> }
      const of = (value: unknown, read: (text: string) => number) =>
        value === undefined ? null : read(String(value)) || null
      return { cpu: of(limits.cpu, milliCpuOf), memory: of(limits.memory, bytesOf) }
    }),
  )
}
