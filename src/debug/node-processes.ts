import { reportIn } from './in-container.ts'
import { innermost } from './processes.ts'

/** A Node process of a container. */
export interface NodeProcess {
  readonly pid: number
  readonly parent: number
  readonly argv: readonly string[]
  /** Its NODE_OPTIONS. */
  readonly options: string
  /** A worker of the module `cluster`: its parent listens for it. */
  readonly worker: boolean
  readonly cwd: string
  readonly listens: readonly { readonly port: number; readonly loopback: boolean }[]
}

/** The Node processes of a container. */
export interface NodeReport {
  /** `v22.1.0`, of the program `node` in the container. */
  readonly version: string
  readonly processes: readonly NodeProcess[]
}

/** The port on which Node's inspector listens by default, and how many ports behind it workers use. */
export const inspectorPort = 9229
const workers = 100

/** Reads what the script has printed; undefined if that is something else. Pure. */
export function parseReport(output: string): NodeReport | undefined {
  const value = reportIn(output)
  return Array.isArray(value?.processes) ? (value as unknown as NodeReport) : undefined
}

/**
 * The process that runs the service: a worker of a cluster, or else one that listens, or else one that starts no other
 * Node process, as `npm start` and `node --watch` do. Of several the one with the lowest process ID. Pure.
 */
export function mainProcess(processes: readonly NodeProcess[]): NodeProcess | undefined {
  const listening = processes.filter((each) => servedPorts(each).length > 0)
  const workers = processes.filter(({ worker }) => worker)
  const among = workers.length > 0 ? workers : listening.length > 0 ? listening : processes
  return innermost(among, processes)
}

/** The ports of a process but that of its inspector. */
function servedPorts(node: NodeProcess): number[] {
  const inspector = openInspector(node)
  return node.listens.map(({ port }) => port).filter((port) => port !== inspector)
}

/** The port on which the inspector of a process listens already; undefined if it is closed. Pure. */
export function openInspector(node: NodeProcess): number | undefined {
  const declared = ownInspector(node)
  const isIts = ({ port, loopback }: NodeProcess['listens'][number]) =>
    port === declared || (loopback && port >= inspectorPort && port < inspectorPort + workers)
  return node.listens.find(isIts)?.port
}

/** The port of the inspector that the command of a process asks for; undefined if it asks for none. Pure. */
export function ownInspector({ argv, options }: Pick<NodeProcess, 'argv' | 'options'>): number | undefined {
  for (const word of [...argv, ...options.split(/\s+/)]) {
    const found = /^--inspect(?:-brk|-wait)?(?:=(?:.*:)?(\d+)?.*)?$/.exec(word)
    if (found !== null) return found[1] === undefined ? inspectorPort : Number(found[1])
  }
  return undefined
}
