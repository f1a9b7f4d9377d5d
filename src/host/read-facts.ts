import { readFile, statfs } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import { dirname } from 'node:path'
import type { EngineInfo } from '../engine/image-api.ts'
import type { Runner } from '../exec/runner.ts'
import { engineFact } from './engine-fact.ts'
import type { EngineFact, HostFacts, KernelFacts } from './facts.ts'
import { helmFact } from './helm-check.ts'
import { kubectlFact } from './kubectl.ts'
import { type FindPortOwner, ownerText } from './port-owner.ts'
import { cgroupFacts, memoryField, missingCapabilities, openFilesLimit } from './proc.ts'
import { proxyFacts } from './proxy.ts'

/** Where facts are read from. */
export interface ReadDeps {
  readonly runner: Runner
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  /** Number of the user; -1 on systems without user ids. */
  readonly uid: number
  /** Asks the container engine what it is. */
  readonly engine: () => Promise<EngineInfo>
  /** Whether a container registry answers as one. */
  readonly registry: (signal: AbortSignal) => Promise<boolean>
  /** undefined: they are not known. */
  readonly ports: readonly number[] | undefined
  readonly portOwner: FindPortOwner
  /** What needs helm; undefined for nothing. */
  readonly chart: string | undefined
  readonly signal: AbortSignal
}

/** Reads the facts of the machine, at most for 3 s. Changes nothing. */
export async function readFacts(deps: ReadDeps): Promise<HostFacts> {
  const { runner, env, platform, uid, signal } = deps
  const proxy = proxyFacts(env)
  const asked = proxy.variables.length === 0 ? deps.registry(signal) : undefined
  const [engine, kernel, kubectl, helm, reached, ports] = await Promise.all([
    engineFact(deps.engine, { runner, env, signal }),
    platform === 'linux' ? readKernel(uid) : undefined,
    kubectlFact(runner, signal),
    deps.chart === undefined ? undefined : helmFact(runner, deps.chart, signal),
    asked,
    deps.ports && Promise.all(deps.ports.map(async (port) => ({ port, found: await deps.portOwner(port) }))),
  ])
  return {
    platform,
    root: uid === 0,
    engine,
    kernel,
    disk: await imageDisk(engine),
    memory: await memory(engine),
    kubectl,
    helm,
    registry: reached === undefined ? 'unknown' : reached ? 'reached' : 'unreachable',
    proxy,
    ports: ports?.flatMap(({ port, found }) => (found === undefined ? [] : [{ port, owner: ownerText(found) }])),
  }
}

/** Reads only the limits of the kernel, which is all that `up` needs. `root` is prepended to each path. */
export async function readKernel(uid: number, root = ''): Promise<KernelFacts> {
  const text = (path: string) => readFile(`${root}${path}`, 'utf8').catch(() => '')
  const number = async (path: string) => Number((await text(path)).trim() || Number.POSITIVE_INFINITY)
  const [mounts, controllers, status, limits] = await Promise.all(
    ['/proc/mounts', '/proc/cgroups', '/proc/self/status', '/proc/self/limits'].map(text),
  )
  return {
    release: (await text('/proc/sys/kernel/osrelease')).trim(),
    cgroup: cgroupFacts(mounts ?? '', controllers ?? ''),
    inotifyInstances: await number('/proc/sys/fs/inotify/max_user_instances'),
    inotifyWatches: await number('/proc/sys/fs/inotify/max_user_watches'),
    openFiles: openFilesLimit(limits ?? ''),
    missingCapabilities: uid === 0 ? missingCapabilities(status ?? '') : [],
  }
}

/** Only root may be able to read the folder of the engine. The nearest readable parent is usually on the same disk. */
async function imageDisk(engine: EngineFact): Promise<HostFacts['disk']> {
  if (engine.state === 'remote') return undefined
  let folder = engine.state === 'running' ? engine.rootDir : '/var/lib/docker'
  for (;;) {
    const stats = await statfs(folder).catch(() => undefined)
    if (stats !== undefined) return { folder, freeBytes: stats.bavail * stats.bsize }
    if (dirname(folder) === folder) return undefined
    folder = dirname(folder)
  }
}

async function memory(engine: EngineFact): Promise<HostFacts['memory']> {
  const meminfo = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  return {
    totalBytes: engine.state === 'running' ? engine.memoryBytes : totalmem(),
    availableBytes: memoryField(meminfo, 'MemAvailable') ?? freemem(),
  }
}
