import { DevkError } from '../errors.ts'
import { startForward } from '../forward/forwarder.ts'
import type { Debugger } from './debugger.ts'
import { goSought } from './go/program.ts'
import { isHeld } from './hold.ts'
import type { Place, RunProgram } from './in-container.ts'
import { closeInspector } from './inspector.ts'
import { jvmSought } from './jvm/jvm.ts'
import { findNode, nodeSought, openNode } from './node.ts'
import { inspectorPort } from './node-processes.ts'
import { findPython, pythonDebugger, pythonSought } from './python.ts'
import { findRuby, rubyDebugger, rubySought } from './ruby/ruby.ts'

const node: Debugger = {
  runtime: 'node',
  defaultPort: inspectorPort,
  why: 'without the probes that would restart a stopped program',
  isPrepared: isHeld,
  async open(run, place, signal) {
    const { version, process, port, own } = await openNode(run, place, signal)
    return { port, own, cwd: process.cwd, text: `Node ${version}, process ${process.pid}: ${process.argv.join(' ')}` }
  },
  async close(connect, signal) {
    const forward = await startForward({
      ...{ name: 'debugger', localPort: 0, remotePort: 0, guard: { hosts: [], checksOrigin: true } },
      ...{ now: Date.now, portOwner: async () => undefined, target: () => ({ namespace: '', name: '' }) },
      connect: (_pod, _port, either) => connect(either),
      signal,
    })
    await closeInspector(forward.localPort, signal)
  },
}

/** How the debuggers that come from elsewhere are found. */
export interface DebuggerSources {
  /** Fetches the one for Python. */
  readonly debugpy: (signal: AbortSignal) => Promise<Buffer>
  /** The one that the image of the container needs, for Go or the JVM. */
  readonly ofImage: (signal: AbortSignal) => Promise<Debugger | undefined>
}

/**
 * The debugger for the program of a container. Throws DEBUG_UNAVAILABLE with what was looked for, KUBE_API, and what
 * the sources throw.
 */
export async function debuggerFor(
  run: RunProgram,
  place: Place,
  sources: DebuggerSources,
  signal: AbortSignal,
): Promise<Debugger> {
  if ((await findNode(run, place, signal)) !== undefined) return node
  const python = await findPython(run, place, signal)
  if (python !== undefined) return pythonDebugger(python, sources.debugpy)
  const ruby = await findRuby(run, place, signal)
  if (ruby !== undefined) return rubyDebugger(ruby)
  const other = await sources.ofImage(signal)
  if (other !== undefined) return other
  throw new DevkError('DEBUG_UNAVAILABLE', `Nothing that devk can debug runs in container ${place.container}`, {
    details: [
      `Looked in pod ${place.pod.namespace}/${place.pod.name} for:`,
      nodeSought,
      pythonSought,
      rubySought,
      goSought,
      jvmSought,
      'Nothing was changed.',
    ],
    hint: 'docs/debugging.md says what other runtimes need. --workload chooses another workload of the service.',
  })
}
