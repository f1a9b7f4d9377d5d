import { Listr, ListrLogger, type ListrTask, ProcessOutput } from 'listr2'
import type { CliContext } from '../context.ts'
import { colors } from '../lib/colors.ts'
import { duration } from '../lib/text.ts'
import { plainProgress } from './plain-progress.ts'
import type { Progress } from './progress.ts'
import { stepLine, together } from './step-line.ts'

/**
 * Progress on a terminal: one line per step, redrawn while the step runs. Each step has its own Listr, because a
 * finished step must not be redrawn. Only presets, images and services share one, as they run at the same time. Draws
 * on stderr; stdout is for results.
 */
export function terminalProgress(ctx: CliContext): Progress {
  const showCursor = () => void ctx.screen.write('\u001b[?25h')
  const show = async (tasks: ListrTask[]) => {
    const list = new Listr(tasks, { concurrent: true, registerSignalListeners: false, ...rendering(ctx) })
    // When devk exits at once, as on a second Ctrl-C, listr2 may leave the cursor hidden.
    process.once('exit', showCursor)
    try {
      await list.run()
    } finally {
      process.off('exit', showCursor)
    }
  }
  const images = new Map<string, { done: boolean; text: string }>()
  const waiting = new Map<string, string>()
  const presets = new Map<string, { done: boolean; text: string }>()
  let redraw = () => {}
  /** Prints what is reported after the lines have ended. */
  let later: Progress | undefined

  return {
    async step(title, run) {
      const result: { value?: Awaited<ReturnType<typeof run>>['value'] } = {}
      const task = line(ctx, title, async (say) => {
        const { value, note } = await run(say)
        result.value = value
        return note
      })
      await show([task])
      return result.value as Awaited<ReturnType<typeof run>>['value']
    },
    async stack(work, names, handOver) {
      for (const name of names) presets.set(name, { done: false, text: '' })
      const shown = Promise.race([work, handOver])
      // The line of the services reports a failure. The other two only end with it.
      const over = shown.then(
        () => {},
        () => {},
      )
      let isReady = false
      work.then(
        () => {
          isReady = true
        },
        () => {},
      )
      const ofPresets = line(ctx, 'Presets', async (say) => {
        redraw = chain(redraw, () => say(together(presets)))
        await over
        return together(presets)
      })
      try {
        await show([
          ...(names.length > 0 ? [ofPresets] : []),
          line(ctx, 'Images', async (say) => {
            redraw = chain(redraw, () => say(together(images)))
            await over
            return images.size === 0 ? 'unchanged' : together(images)
          }),
          line(ctx, 'Services', async (say) => {
            redraw = chain(redraw, () => say(reasons(waiting)))
            await shown
            return isReady ? 'ready' : `applied  waits for ${reasons(waiting)}`
          }),
        ])
      } finally {
        redraw = () => {}
        later = plainProgress(ctx)
      }
    },
    presets: {
      say(name, text) {
        if (later !== undefined) return later.presets.say(name, text)
        presets.set(name, { done: false, text })
        redraw()
      },
      done(outcome) {
        if (later !== undefined) return later.presets.done(outcome)
        const { name, state } = outcome
        presets.set(name, { done: state === 'ready', text: state === 'ready' ? '' : state })
        redraw()
      },
    },
    hooks: {
      async image(owner, run, note) {
        if (later !== undefined) return later.hooks.image(owner, run, note)
        const began = performance.now()
        const update = (done: boolean, text: string) => {
          images.set(owner, { done, text })
          redraw()
        }
        update(false, '')
        const value = await run((text) => update(false, text))
        update(true, `${note(value)} ${duration(performance.now() - began)}`)
        return value
      },
      onEvent(event) {
        if (later !== undefined) return later.hooks.onEvent(event)
        if (event.type === 'waiting') waiting.set(event.name, event.reason)
        if (event.type === 'ready') waiting.delete(event.name)
        redraw()
      },
    },
  }
}

function reasons(waiting: ReadonlyMap<string, string>): string {
  return [...waiting].map(([name, reason]) => `${name}: ${reason}`).join('  ')
}

function chain(first: () => void, second: () => void): () => void {
  return () => {
    first()
    second()
  }
}

/** A task of one line: its title, what it is doing and for how long; when it ends, its note. */
function line(ctx: CliContext, title: string, run: (say: (text: string) => void) => Promise<string>): ListrTask {
  return {
    title: stepLine(title, '', 0, ctx.columns),
    task: async (_, task) => {
      const began = performance.now()
      let now = ''
      const draw = () => {
        task.title = stepLine(title, now, performance.now() - began, ctx.columns)
      }
      const everySecond = setInterval(draw, 1000)
      try {
        now = await run((text) => {
          now = text
          draw()
        })
      } finally {
        clearInterval(everySecond)
        draw()
      }
    },
  }
}

/** Without its own logger, listr2 writes to stdout of the process and decides about colours itself. */
function rendering({ screen, color }: CliContext) {
  const { green, red, cyan } = colors(color)
  const stream = screen as NodeJS.WriteStream
  const logger = new ListrLogger({ useIcons: true, processOutput: new ProcessOutput(stream, stream) })
  return {
    renderer: 'default' as const,
    rendererOptions: {
      logger,
      formatOutput: 'truncate' as const,
      showErrorMessage: false,
      collapseErrors: false,
      icon: { COMPLETED: '✔', FAILED: '✖' },
      color: {
        COMPLETED: (text?: string) => green(text ?? ''),
        FAILED: (text?: string) => red(text ?? ''),
        PENDING: (text?: string) => cyan(text ?? ''),
      },
    },
  }
}
