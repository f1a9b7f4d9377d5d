import { Readable } from 'node:stream'
import { DevkError } from '../errors.ts'
import { listOf } from '../lib/record.ts'
import { untilFound } from '../lib/wait.ts'
import { type PodTemplate, podTemplate } from '../manifests/workload.ts'
import type { Debugger } from './debugger.ts'
import { isHeld } from './hold.ts'
import { firstReport, type Place, type RunProgram, reportIn } from './in-container.ts'
import { debugFolder, debugpyPort, listScript, startModule, unpackScript, waitScript } from './python-script.ts'
import { prependVariable } from './variables.ts'

const programs = ['python3', 'python', '/usr/local/bin/python3', '/usr/bin/python3']
/** What `findPython` looks for, for messages. */
export const pythonSought = `Python 3: a process of ${programs.join(', ')}`

/** The init container that receives debugpy. */
export const debugpyContainer = 'devk-debugpy'
const volume = 'devk-debug'
const patience = { timeoutMs: 60_000, intervalMs: 250 }

interface PythonReport {
  readonly version: string
  readonly processes: readonly { readonly pid: number; readonly argv: readonly string[]; readonly cwd: string }[]
  readonly ports: readonly number[]
}

/** The Python of a container in which a process of it runs: a name or a path; undefined if there is none. */
export async function findPython(run: RunProgram, place: Place, signal: AbortSignal): Promise<string | undefined> {
  const found = await firstReport(programs, (program) => ask(run, place, program, signal))
  return found && found.report.processes.length > 0 ? found.program : undefined
}

/**
 * Debugs Python: the pods of the session have debugpy in a volume, and Python starts it before the program. An init
 * container in the image of the service receives it, so that the image needs nothing but its Python.
 */
export function pythonDebugger(program: string, wheel: (signal: AbortSignal) => Promise<Buffer>): Debugger {
  return {
    runtime: 'python',
    defaultPort: debugpyPort,
    why: 'with debugpy, and without the probes that would restart a stopped program',
    isPrepared(workload, container) {
      const template = podTemplate(workload)
      const names = template?.spec.initContainers?.map(({ name }) => name) ?? []
      return isHeld(workload, container) && names.includes(debugpyContainer)
    },
    prepare: (template, container) => addDebugpy(template, container, program),
    async before(signal) {
      await wheel(signal)
    },
    async feed(run, place, signal) {
      const argv = [program, '-c', unpackScript, startModule]
      const ran = await run(
        { ...place, container: debugpyContainer },
        argv,
        signal,
        Readable.from([await wheel(signal)]),
      )
      if (ran?.exitCode === 0) return
      throw new DevkError('DEBUG_UNAVAILABLE', 'debugpy could not be unpacked in the container', {
        details: (ran?.output ?? '').trim().split('\n').slice(-3),
      })
    },
    async open(run, place, signal) {
      const look = async () => {
        const report = await ask(run, place, program, signal)
        const [first] = [...(report?.processes ?? [])].sort((a, b) => a.pid - b.pid)
        if (!report?.ports.includes(debugpyPort) || first === undefined) return undefined
        const text = `Python ${report.version}, process ${first.pid}: ${first.argv.join(' ')}`
        return { port: debugpyPort, own: false, text, cwd: first.cwd }
      }
      const late = () =>
        new DevkError('DEBUG_UNAVAILABLE', `debugpy does not listen in container ${place.container}`, {
          hint: 'devk logs may show why. Python that starts with -I, -E or -S does not load it.',
        })
      return untilFound(look, { ...patience, late, signal })
    },
    // It ends with the pods of the session.
    close: async () => {},
  }
}

function addDebugpy({ spec }: PodTemplate, container: string, program: string): void {
  const main = spec.containers.find(({ name }) => name === container)
  if (main === undefined) return
  const mounts = [{ name: volume, mountPath: debugFolder }]
  const { image, imagePullPolicy, securityContext, resources } = main
  const command = [program, '-c', waitScript]
  const same = { ...(image && { image }), ...(imagePullPolicy && { imagePullPolicy }) }
  const limits = { ...(securityContext ? { securityContext } : {}), ...(resources ? { resources } : {}) }
  const init = { name: debugpyContainer, ...same, ...limits, command, volumeMounts: mounts }
  spec.initContainers = [...(spec.initContainers ?? []), init]
  spec.volumes = [...listOf(spec.volumes), { name: volume, emptyDir: {} }]
  main.volumeMounts = [...listOf(main.volumeMounts), ...mounts]
  prependVariable(main, { variable: 'PYTHONPATH', value: `${debugFolder}/start`, between: ':' })
}

async function ask(run: RunProgram, place: Place, program: string, signal: AbortSignal) {
  const ran = await run(place, [program, '-c', listScript], signal)
  // Python 2 cannot run the script, and is not debugged.
  return ran && (reportIn(ran.output) as PythonReport | undefined)
}
