import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { DevkError } from '../errors.ts'
import { type AgentBuild, builtAgent } from './build.ts'

/** The agent's program for one architecture. */
export interface AgentBinary {
  /** In hexadecimal digits. */
  readonly sha256: string
  /** Reads the program. */
  read(): Promise<Buffer>
}

/** What finding or building the agent takes. */
export interface AgentSource extends AgentBuild {
  /** Folder of devk itself. */
  readonly packageRoot: string
}

/** Path of the agent for an architecture below `dist/` of the published package. */
export function packagedAgent(arch: string): string {
  return `agent/linux-${arch}.gz`
}

/**
 * The agent for nodes of an architecture (Go's name of it: `amd64`, `arm64`). The published package contains the program. A checkout
 * contains its source, and devk builds it once for each state of the source. Throws NODE_AGENT when there is no program.
 */
export async function agentBinary(source: AgentSource, arch: string, signal: AbortSignal): Promise<AgentBinary> {
  const read = (await isFolder(join(source.packageRoot, 'agent')))
    ? await fromCheckout(source, arch, signal)
    : fromPackage(source.packageRoot, arch)
  return {
    sha256: createHash('sha256')
      .update(await read())
      .digest('hex'),
    read,
  }
}

async function fromCheckout(source: AgentSource, arch: string, signal: AbortSignal): Promise<AgentBinary['read']> {
  const file = await builtAgent(source, join(source.packageRoot, 'agent'), arch, signal)
  return () => readFile(file)
}

function fromPackage(packageRoot: string, arch: string): AgentBinary['read'] {
  return async () => {
    const packed = await readFile(join(packageRoot, 'dist', packagedAgent(arch))).catch((cause: unknown) => {
      throw new DevkError('NODE_AGENT', `This devk has no agent for nodes of architecture ${arch}`, { cause })
    })
    return promisify(gunzip)(packed)
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}
