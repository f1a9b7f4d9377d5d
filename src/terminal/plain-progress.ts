import type { CliContext } from '../context.ts'
import { nameOf } from '../kube/api.ts'
import { colors } from '../lib/colors.ts'
import { duration } from '../lib/text.ts'
import type { Progress } from './progress.ts'

/** Progress without a terminal: one line with a timestamp for each event, on stderr. Writes nothing for --json. */
export function plainProgress(ctx: CliContext): Progress {
  const paint = colors(ctx.color)
  const print = (text: string) => {
    if (ctx.json) return
    ctx.stderr.write(`${paint.dim(new Date(ctx.clock()).toTimeString().slice(0, 8))} ${text}\n`)
  }
  const printed = new Set<string>()
  /** Counts change and probes of several pods fail in turn; the same reason is one line for each object. */
  const isNew = (name: string, reason: string) => {
    const key = `${name}: ${reason.replace(/\b[a-z0-9-]*\d[a-z0-9-]*\b/g, '#')}`
    if (printed.has(key)) return false
    printed.add(key)
    return true
  }
  const step: Progress['step'] = async (title, run) => {
    const began = performance.now()
    let last = ''
    const say = (line: string) => {
      if (line !== last) print(`  ${title.padEnd(10)} ${line}`)
      last = line
    }
    const { value, note } = await run(say)
    print(`${paint.green('✔')} ${title.padEnd(10)} ${note}   ${duration(performance.now() - began)}`)
    return value
  }
  return {
    step,
    async stack(work, _presets, handOver) {
      await Promise.race([work, handOver])
    },
    presets: {
      say: (preset, line) => print(`  ${'Preset'.padEnd(10)} ${preset} ${line}`),
      done: ({ name, version, state, reason }) => {
        const mark = state === 'ready' ? paint.green('✔') : paint.yellow('!')
        print(`${mark} ${'Preset'.padEnd(10)} ${name} ${state === 'ready' ? version : `${state}: ${reason}`}`)
      },
    },
    hooks: {
      image: (owner, run, note) =>
        step('Image', async (say) => {
          const value = await run((line) => ctx.verbose && say(`${owner} ${line}`))
          return { value, note: `${owner} ${note(value)}` }
        }),
      onEvent: (event) => {
        if (event.type === 'waiting' && isNew(event.name, event.reason))
          print(`  ${event.unit ?? 'stack'} ${event.name}: ${event.reason}`)
        if (event.type === 'applied' && event.action === 'delete')
          print(`${paint.yellow('-')} ${nameOf(event.ref)} deleted`)
        if (event.type === 'ready') print(`${paint.green('✔')} ${event.name}`)
      },
    },
  }
}
