import { DevkError } from '../../errors.ts'
import { untilFound } from '../../lib/wait.ts'
import { podTemplate } from '../../manifests/workload.ts'
import type { Debugger, Opened } from '../debugger.ts'
import { isHeld } from '../hold.ts'
import type { Place, RunProgram } from '../in-container.ts'
import { addDelve, delveContainer, delvePort, delveProgram } from './pods.ts'
import type { GoCommand } from './program.ts'
import { type GoReport, isPlain, parseGoReport } from './report.ts'

const patience = { timeoutMs: 60_000, intervalMs: 250 }
/** The flags of the compiler that debuggers want. */
const plainFlags = "-gcflags='all=-N -l'"

/**
 * Debugs Go: the pods of the session have Delve in a volume, and start the program with it. `image` brings the image
 * with Delve to the nodes and returns its name.
 */
export function goDebugger(command: GoCommand, image: (signal: AbortSignal) => Promise<string>): Debugger {
  let reference = ''
  return {
    runtime: 'go',
    defaultPort: delvePort,
    why: 'with Delve, and without the probes that would restart a stopped program',
    isPrepared(workload, container) {
      const names = podTemplate(workload)?.spec.initContainers?.map(({ name }) => name) ?? []
      return isHeld(workload, container) && names.includes(delveContainer)
    },
    prepare: (template, container) => addDelve(template, container, { image: reference, command }),
    async before(signal) {
      reference = await image(signal)
    },
    async open(run, place, signal) {
      const late = () =>
        new DevkError('DEBUG_UNAVAILABLE', `Delve does not run in container ${place.container}`, {
          hint: 'devk logs says why, in a line that begins with devk:',
        })
      return opened(await untilFound(() => look(run, place, signal), { ...patience, late, signal }))
    },
    // It ends with the pods of the session.
    close: async () => {},
  }
}

async function look(run: RunProgram, place: Place, signal: AbortSignal): Promise<GoReport | undefined> {
  const ran = await run(place, [delveProgram, 'look'], signal)
  return ran === undefined ? undefined : parseGoReport(ran.output)
}

function opened(report: GoReport): Opened {
  const { pid, argv, cwd, go, symbols, main } = report
  const program = argv.join(' ')
  if (!symbols) {
    throw new DevkError('DEBUG_UNAVAILABLE', `${argv[0]} has no debug information: it was linked with -s or -w`, {
      hint: `Build it without -ldflags '-s -w', and with ${plainFlags}. docs/debugging.md has an example.`,
    })
  }
  const note = `The compiler has optimised ${argv[0]}: some lines and variables are missing. Build with ${plainFlags}.`
  const text = `${go.replace(/^go/, 'Go ')}, process ${pid}: ${program}`
  return { port: delvePort, own: false, cwd, text, main, notes: isPlain(report) ? [] : [note] }
}
