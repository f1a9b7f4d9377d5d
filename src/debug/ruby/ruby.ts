import { DevkError } from '../../errors.ts'
import { annotations } from '../../lib/keys.ts'
import { listOf } from '../../lib/record.ts'
import { untilFound } from '../../lib/wait.ts'
import { type PodTemplate, podTemplate } from '../../manifests/workload.ts'
import type { Debugger, Opened } from '../debugger.ts'
import { isHeld } from '../hold.ts'
import { firstReport, type Place, type RunProgram, reportIn } from '../in-container.ts'
import { innermost } from '../processes.ts'
import { prependVariable } from '../variables.ts'
import { hookFile, hookFolder, hookScript, listScript, oldestGem, rubyPort } from './scripts.ts'

const programs = ['ruby', '/usr/local/bin/ruby', '/usr/bin/ruby']
/** What `findRuby` looks for, for messages. */
export const rubySought = `Ruby: a process of ${programs.join(', ')}`

const volume = 'devk-debug'
const variable = 'RUBYOPT'
const option = `-r${hookFolder}/${hookFile}`
const patience = { timeoutMs: 60_000, intervalMs: 250 }

/** A Ruby process of a container. */
export interface RubyProcess {
  readonly pid: number
  readonly parent: number
  readonly argv: readonly string[]
  readonly cwd: string
  /** Whether it opens its debugger when devk asks for it. */
  readonly waits: boolean
  /** Its ports. */
  readonly listens: readonly number[]
}

interface RubyReport {
  readonly version: string
  /** The RUBYOPT of the container. */
  readonly options: string
  /** The version of the newest gem `debug`. */
  readonly gem: string | null
  /** Whether devk cannot use this gem. */
  readonly old: boolean
  readonly processes: readonly RubyProcess[]
}

/** The Ruby of a container in which a process of it runs. */
export interface FoundRuby extends Omit<RubyReport, 'processes'> {
  /** A name or a path. */
  readonly program: string
}

/** Finds the Ruby of a container in which a process of it runs; undefined if there is none. Throws KUBE_API. */
export async function findRuby(run: RunProgram, place: Place, signal: AbortSignal): Promise<FoundRuby | undefined> {
  const first = await firstReport(programs, (program) => ask(run, place, [program], signal))
  if (first === undefined) return undefined
  const { processes, ...found } = first.report
  return processes.length > 0 ? { ...found, program: first.program } : undefined
}

/**
 * The process that runs the service: one that listens, or else one of all, which starts no other of them. So it is the
 * first worker of a server with several, and not the program that starts them. Pure.
 */
export function serviceProcess(processes: readonly RubyProcess[]): RubyProcess | undefined {
  const listening = processes.filter(({ listens }) => listens.some((port) => port !== rubyPort))
  return innermost(listening.length > 0 ? listening : processes, processes)
}

/**
 * Debugs Ruby: each Ruby process of the pods of the session loads a file of devk, which opens the debugger of the gem
 * `debug` when devk asks for it. The file is an annotation of the pods, so that nothing has to be written in the
 * container.
 */
export function rubyDebugger(found: FoundRuby): Debugger {
  return {
    runtime: 'ruby',
    defaultPort: rubyPort,
    why: 'with a file that opens the debugger of Ruby, and without the probes that would restart a stopped program',
    isPrepared(workload, container) {
      const template = podTemplate(workload)
      const main = template?.spec.containers.find(({ name }) => name === container)
      const set = main?.env?.find(({ name }) => name === variable)?.value ?? ''
      const isSame = template?.metadata?.annotations?.[annotations.rubyDebugger] === hookScript
      return isHeld(workload, container) && isSame && set.startsWith(option)
    },
    prepare: (template, container) => addHook(template, container, found.options),
    async before() {
      if (!found.old) return
      const has = found.gem === null ? 'has no gem debug' : `has only the gem debug ${found.gem}`
      throw new DevkError('DEBUG_UNAVAILABLE', `The container ${has}, and devk needs ${oldestGem} or newer`, {
        details: [`Its Ruby: ${found.version}`, 'Nothing was changed.'],
        hint: `Use an image of Ruby 3.3 or newer, or add "gem 'debug', '>= ${oldestGem}'" to the Gemfile.`,
      })
    },
    async open(run, place, signal) {
      const { program } = found
      const look = async () => {
        const before = await ask(run, place, [program], signal)
        const open = before && openedIn(before)
        const process = before && serviceProcess(before.processes)
        if (open !== undefined || process?.waits !== true) return open
        const after = await ask(run, place, [program, String(process.pid)], signal)
        return after && openedIn(after)
      }
      const late = () =>
        new DevkError('DEBUG_UNAVAILABLE', `Ruby does not open its debugger in container ${place.container}`, {
          hint: `devk logs may show why. Ruby that starts without ${variable}, or handles SIGURG, cannot be debugged.`,
        })
      return untilFound(look, { ...patience, late, signal })
    },
    // It ends with the pods of the session.
    close: async () => {},
  }
}

/** The debugger that is open: of several processes that have its port, the others were started by the first one. */
function openedIn({ version, processes }: RubyReport): Opened | undefined {
  const [first] = processes.filter(({ listens }) => listens.includes(rubyPort)).sort((a, b) => a.pid - b.pid)
  if (first === undefined) return undefined
  const text = `Ruby ${version}, process ${first.pid}: ${first.argv.join(' ')}`
  return { port: rubyPort, own: false, text, cwd: first.cwd }
}

function addHook(template: PodTemplate, container: string, ofContainer: string): void {
  const { spec, metadata } = template
  const main = spec.containers.find(({ name }) => name === container)
  if (main === undefined) return
  template.metadata = {
    ...metadata,
    annotations: { ...metadata?.annotations, [annotations.rubyDebugger]: hookScript },
  }
  const fieldRef = { fieldPath: `metadata.annotations['${annotations.rubyDebugger}']` }
  const downwardAPI = { items: [{ path: hookFile, fieldRef }] }
  spec.volumes = [...listOf(spec.volumes), { name: volume, downwardAPI }]
  main.volumeMounts = [...listOf(main.volumeMounts), { name: volume, mountPath: hookFolder, readOnly: true }]
  // A session before this one may have left its option there.
  const ofImage = ofContainer.replace(option, '').trim()
  prependVariable(main, { variable, value: option, between: ' ', ofImage })
}

async function ask(run: RunProgram, place: Place, [program = '', ...args]: readonly string[], signal: AbortSignal) {
  // The program that asks is not to load what RUBYOPT names.
  const ran = await run(place, [program, '--disable=rubyopt', '-e', listScript, ...args], signal)
  return ran && (reportIn(ran.output) as RubyReport | undefined)
}
