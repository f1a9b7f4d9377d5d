import type { CliContext } from '../../context.ts'
import type { BeforeCluster } from '../../platform/platform.ts'
import { type PrepareOptions, prepare } from '../prepare.ts'
import type { EarlyWork } from './early.ts'
import { bringOntoEngine } from './supply.ts'
import { bringsToNodes, imagesFor } from './supplying.ts'

/**
 * The images that a new cluster will need. Without a registry that has run before there are none, since the names of
 * built images contain its port.
 */
export function imagesBeforeCluster(
  ctx: CliContext,
  stack: Pick<PrepareOptions, 'config' | 'manifests' | 'only'>,
  { supply, registry }: BeforeCluster,
): EarlyWork {
  return {
    async wanted(signal) {
      const prefix = (await registry)?.host
      if (prefix === undefined) return []
      const options = { ...stack, kube: undefined, prefix, loads: bringsToNodes(supply) }
      const { works, prepared } = await prepare(ctx, options, signal)
      return imagesFor(works, prepared, { remote: false }).filter(({ request }) => request?.noCache !== true)
    },
    make: (work, onLine, signal) => bringOntoEngine(work, { supply }, onLine, signal),
  }
}
