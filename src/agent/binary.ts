import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { DevkError } from '../errors.ts'
import { isFolder } from '../lib/paths.ts'
import { type AgentBuild, builtAgent } from './build.ts'

/** The agent's program for one architecture. */
export interface AgentBinary {
  /** In hexadecimal digits. */
  readonly sha256: string
  /** Reads the program. */
  read(): Promise<Buffer>
}

/** Where the agent is, and what building it requires. */
export interface AgentSource extends AgentBuild {
  /** The folder of devk's package or checkout. */
  readonly packageRoot: string
}

/** Path of the agent for an architecture, below `dist/` of the published package. */
export function packagedAgent(arch: string): string {
  return `agent/linux-${arch}.gz`
}

/**
 * Finds the agent for nodes of an architecture, in Go's terms (`amd64`, `arm64`). The published package contains the
 * program. A checkout contains its source, which devk builds once for each state of the source. Throws NODE_AGENT if
 * there is no program.
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
      throw new DevkError(
        'NODE_AGENT',
        `This version of devk contains no agent for nodes with the architecture ${arch}`,
        { cause },
      )
    })
    return promisify(gunzip)(packed)
  }
}
