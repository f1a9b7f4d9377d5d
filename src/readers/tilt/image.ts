import { type BuildFact, type Facts, type OpenPoint, onlyOpen, type ServiceFact, type SyncFact } from '../facts.ts'
import { pathIn } from '../paths.ts'
import { shellLine } from '../words.ts'
import type { Site } from './site.ts'
import { argument, type Call, isComputed, itemsOf, textOf, textsOf, type Value } from './value.ts'

/** What docker_build says about an image. */
export function imageOf(call: Call, at: Site): Facts {
  const place = { file: at.file, line: call.line }
  const image = textOf(argument(call, 'ref', 0))
  const written = textOf(argument(call, 'context', 1))
  const context = written === undefined ? undefined : pathIn(at.folder, written)
  const open: OpenPoint[] = []
  const say = (message: string) => open.push({ place, message })
  if (image === undefined || context === undefined || argument(call, 'dockerfile_contents') !== undefined) {
    const what = image === undefined ? 'The name of an image' : `The build of ${image}`
    say(`${what} is computed, or outside the repository: ${call.name}.`)
    return onlyOpen(open)
  }
  if (call.sometimes) say(`${call.name} of ${image} stands under a condition or in a function.`)
  const { build, left } = buildOf(call, context, at)
  if (left.length > 0) say(`Computed for ${image}: ${left.join(', ')}. Add it under services.`)
  const rules = live(call, image, { at, say })
  const command = entrypointOf(argument(call, 'entrypoint'))
  const fact: ServiceFact = { place, image, build, ...rules, ...(command === undefined ? {} : { command }) }
  return { services: [fact], deploys: [], open }
}

/** A function that somebody wrote around docker_build or custom_build still takes an image and its live_update. */
export function liveImageOf(call: Call, at: Site): Facts {
  const place = { file: at.file, line: call.line }
  const image = textOf(argument(call, 'ref', 0))
  const open: OpenPoint[] = []
  if (image === undefined) return onlyOpen(open)
  const rules = live(call, image, { at, say: (message) => open.push({ place, message }) })
  return { services: [{ place, image, ...rules }], deploys: [], open }
}

/** A command as a line for a shell; undefined where it is computed. */
function lineOf(value: Value | undefined): string | undefined {
  if (value === undefined || isComputed(value)) return undefined
  if (value.kind !== 'list') return textOf(value)
  return shellLine(textsOf(value))
}

/** A text runs in a shell. */
function entrypointOf(value: Value | undefined): string[] | undefined {
  if (value === undefined || isComputed(value)) return undefined
  return value.kind === 'list' ? textsOf(value) : ['sh', '-c', textOf(value) ?? '']
}

function buildOf(call: Call, context: string, at: Site): { build: BuildFact; left: string[] } {
  const [file, target, args] = ['dockerfile', 'target', 'build_args'].map((name) => argument(call, name))
  const own = textOf(file)
  // Other than for docker, the path is relative to the Tiltfile.
  const path = own === undefined ? pathIn(context, 'Dockerfile') : pathIn(at.folder, own)
  const pairs = args?.kind === 'map' ? args.entries : []
  const known = pairs.flatMap(([key, value]) => {
    const [name, text] = [textOf(key), value.kind === 'flag' ? (value.flag ? 'True' : 'False') : textOf(value)]
    return name === undefined || text === undefined ? [] : [[name, text] as const]
  })
  const stage = textOf(target)
  return {
    build: {
      context,
      dockerfile: path ?? `${context}/Dockerfile`,
      ...(stage === undefined ? {} : { target: stage }),
      ...(known.length === 0 ? {} : { args: Object.fromEntries(known) }),
    },
    left: [
      ...(file !== undefined && own === undefined ? ['dockerfile'] : []),
      ...(target !== undefined && stage === undefined ? ['target'] : []),
      ...(args !== undefined && known.length < Math.max(pairs.length, 1) ? ['build_args'] : []),
    ],
  }
}

interface Saying {
  readonly at: Site
  say(message: string): void
}

/** The rules of live_update. Files that trigger a command, which mostly installs packages, make a new image. */
function live(call: Call, image: string, { at, say }: Saying): Pick<ServiceFact, 'sync' | 'rebuild'> {
  const value = argument(call, 'live_update')
  if (value === undefined) return {}
  const steps = itemsOf(value)
  const calls = steps.flatMap((step) => (step.kind === 'call' ? [step.call] : []))
  const restarts = call.name === 'docker_build_with_restart' || calls.some(({ name }) => name === 'restart_container')
  const always = calls.filter((step) => step.name === 'run' && argument(step, 'trigger', 1) === undefined)
  const commands = always.map((step) => lineOf(argument(step, 'cmd', 0)))
  const run = commands.filter((line) => line !== undefined)
  if (run.length < commands.length || isComputed(value) || calls.length < steps.length) {
    say(`The live_update of ${image} is computed. A save makes a new image unless you add sync.`)
    return {}
  }
  const after = { ...(run.length === 0 ? {} : { run }), ...(restarts ? { restart: true as const } : {}) }
  const paths = (given: Value | undefined) => textsOf(given).flatMap((text) => pathIn(at.folder, text) ?? [])
  const sync = calls.flatMap((step): SyncFact[] => {
    if (step.name !== 'sync') return []
    const [from] = paths(argument(step, 'local_path', 0))
    const to = textOf(argument(step, 'remote_path', 1))
    return from === undefined || to === undefined ? [] : [{ from, to, exclude: [], only: [], ...after }]
  })
  const rebuild = calls.flatMap((step) => {
    if (step.name === 'run') return paths(argument(step, 'trigger', 1))
    return step.name === 'fall_back_on' ? paths(argument(step, 'files', 0)) : []
  })
  return { ...(sync.length === 0 ? {} : { sync }), ...(rebuild.length === 0 ? {} : { rebuild }) }
}
