import { DevkError } from '../errors.ts'
import { firstReport, type Place, type RunProgram } from './in-container.ts'
import { mainProcess, type NodeProcess, openInspector, ownInspector, parseReport } from './node-processes.ts'
import { nodeScript } from './node-script.ts'

/** A Node process in a container, and the program that looked for it. */
export interface FoundNode {
  /** The Node of the container: a name or a path. */
  readonly program: string
  readonly version: string
  readonly process: NodeProcess
}

/** Where Node is: on PATH, or where images without a shell have it. */
const programs = ['node', '/nodejs/bin/node', '/usr/local/bin/node', '/usr/bin/node', 'nodejs']

/** What `findNode` looks for, for messages. */
export const nodeSought = `Node: a process of ${programs.join(', ')}`

/** The Node process that runs the service of a container; undefined if there is none. Throws KUBE_API. */
export async function findNode(run: RunProgram, place: Place, signal: AbortSignal): Promise<FoundNode | undefined> {
  const found = await firstReport(programs, (program) => ask(run, place, [program, '-e', nodeScript], signal))
  const process = found && mainProcess(found.report.processes)
  return process && { program: found.program, version: found.report.version, process }
}

/**
 * Opens the inspector of the Node process that runs a service, if it is not open. Returns the process with its port.
 * `own` tells whether the command of the process has opened it. Throws DEBUG_UNAVAILABLE and KUBE_API.
 */
export async function openNode(
  run: RunProgram,
  place: Place,
  signal: AbortSignal,
): Promise<FoundNode & { readonly port: number; readonly own: boolean }> {
  const found = await findNode(run, place, signal)
  if (found === undefined) {
    throw new DevkError('DEBUG_UNAVAILABLE', `No Node process runs in container ${place.container}`, {
      hint: 'devk logs shows why it ended.',
    })
  }
  const open = openInspector(found.process)
  const own = ownInspector(found.process) !== undefined
  if (open !== undefined) return { ...found, port: open, own }
  const { pid } = found.process
  const report = await ask(run, place, [found.program, '-e', nodeScript, String(pid)], signal)
  const process = report?.processes.find((each) => each.pid === pid)
  const port = process && openInspector(process)
  if (process !== undefined && port !== undefined) return { ...found, process, port, own: false }
  throw new DevkError('DEBUG_UNAVAILABLE', `Process ${pid} did not open its inspector after SIGUSR1`, {
    details: [`Its command: ${found.process.argv.join(' ')}`],
    hint: 'Its log says why: the port may be taken in the pod, or Node runs with --disable-sigusr1.',
  })
}

async function ask(run: RunProgram, place: Place, argv: readonly string[], signal: AbortSignal) {
  const ran = await run(place, argv, signal)
  if (ran === undefined) return undefined
  const report = parseReport(ran.output)
  if (report !== undefined) return report
  throw new DevkError('DEBUG_UNAVAILABLE', `${argv[0]} in container ${place.container} failed`, {
    details: ran.output.trim().split('\n').slice(-3),
  })
}
