import { setTimeout as sleep } from 'node:timers/promises'
import type { CliContext } from '../context.ts'
import { colors } from '../lib/colors.ts'
import { duration } from '../lib/text.ts'
import type { ConvergeHooks } from './bring-up/converge.ts'
import type { PresetHooks } from './presets/install.ts'
import { terminalProgress } from './progress.ts'

/** What `up` shows while it works. */
export interface Progress {
  /** One line that ends in a note and the time it took; `say` shows what it does now. */
  step<T>(title: string, run: (say: (line: string) => void) => Promise<{ value: T; note: string }>): Promise<T>
  /** Around the convergence: its images and objects are shown through `hooks`, the presets beside it through `presets`. */
  stack<T>(run: () => Promise<T>, presets: readonly string[]): Promise<T>
  readonly presets: PresetHooks
  readonly hooks: ConvergeHooks
}

/** On a terminal lines that are redrawn, else plain ones with a time stamp; nothing with --json. */
export function progressOf(ctx: CliContext): Progress {
  return ctx.isTTY && !ctx.json ? terminalProgress(ctx) : plainProgress(ctx)
}

/** A step that is shown only when it takes more than a second: of what is there already, as a rule, nothing needs to be told. */
export async function stepIfSlow(
  progress: Pick<Progress, 'step'>,
  title: string,
  note: string,
  run: (say: (line: string) => void) => Promise<void>,
): Promise<void> {
  let tell = (_line: string) => {}
  const done = run((line) => tell(line))
  const isQuick = await Promise.race([done.then(() => true), sleep(1000, false, { ref: false })])
  if (isQuick) return
  await progress.step(title, async (say) => {
    tell = say
    return { value: await done, note }
  })
}

function plainProgress(ctx: CliContext): Progress {
  const paint = colors(ctx.color)
  const print = (text: string) => {
    if (ctx.json) return
    ctx.stderr.write(`${paint.dim(new Date(ctx.clock()).toTimeString().slice(0, 8))} ${text}\n`)
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
    stack: (run) => run(),
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
        if (event.type === 'waiting') print(`  ${event.unit ?? 'stack'} ${event.name}: ${event.reason}`)
        if (event.type === 'ready') print(`${paint.green('✔')} ${event.name}`)
      },
    },
  }
}
