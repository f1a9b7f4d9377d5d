import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { CliContext } from '../cli/context.ts'
import { kindProvider } from '../cluster/kind.ts'
import type { ClusterProvider } from '../cluster/provider.ts'
import { statePaths } from '../state/paths.ts'
import { buildWithKit } from './kit-deps.ts'

export interface Tools {
  readonly provider: ClusterProvider
  readonly kindVersion: string
  /** Path of a real kubectl. */
  readonly kubectl: string
  /** Images that kind runs in front of several control planes. */
  readonly balancerImages: readonly string[]
}

export async function readyTools(ctx: CliContext, say: (line: string) => void): Promise<Tools> {
  const { bin } = statePaths(ctx.env)
  const missing = (await Promise.all(['kind', 'kubectl'].map(async (name) => ((await isThere(join(bin, name))) ? [] : [name])))).flat()
  if (missing.length > 0) await buildWithKit(ctx, missing, say, ctx.signal)
  const provider = await clusterProvider(ctx)
  const kindVersion = await provider.version(ctx.signal)
  return { provider, kindVersion, kubectl: join(bin, 'kubectl'), balancerImages: ['kindest/haproxy:v20230606-42a2262b'] }
}

export async function clusterProvider(ctx: CliContext): Promise<ClusterProvider> {
  const { bin } = statePaths(ctx.env)
  return kindProvider({ runner: ctx.runner, kind: join(bin, 'kind') })
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
