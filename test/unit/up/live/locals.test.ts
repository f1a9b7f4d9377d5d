import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { CliContext } from '../../../../src/context.ts'
import { execaRunner } from '../../../../src/exec/runner.ts'
import type { SessionEvent } from '../../../../src/loop/events.ts'
import type { LocalLine } from '../../../../src/session/state.ts'
import { liveLocals, localPrograms } from '../../../../src/up/live/locals.ts'
import { countOf } from '../../local/processes.ts'
import { configOf } from '../../stack/support.ts'

test('they get where forwards lead to, as containers get it from Kubernetes; what is configured wins', () => {
  const config = configOf({
    services: { 'todo-api': { image: 'x', ports: ['18000:8000', '9000'] }, quiet: { image: 'x' } },
    externals: { db: { image: 'x', port: 5432, forward: 15432 }, cache: { image: 'x', port: 6379 } },
    locals: { web: { command: ['vite', '--open'], env: { MODE: 'dev', DB_SERVICE_HOST: 'db.test' } } },
  })
  const [web] = localPrograms(config, { NODE_OPTIONS: '--trace' })
  expect(web).toMatchObject({ name: 'web', argv: ['vite', '--open'], needs: [], watch: undefined })
  expect(web?.env).toEqual({
    NODE_OPTIONS: '--trace',
    MODE: 'dev',
    TODO_API_SERVICE_HOST: '127.0.0.1',
    TODO_API_SERVICE_PORT: '18000',
    DB_SERVICE_HOST: 'db.test',
    DB_SERVICE_PORT: '15432',
  })
})

test.each([
  [false, true, 'web beside api\n'],
  [false, false, ''],
  [true, true, '{"service":"web","time":"1970-01-01T00:00:00.000Z","text":"beside api"}\n'],
])(
  'they run with the logs, wait for services, see no secret of the shell, and end with devk; json: %s, shown: %s',
  async (json, isShown, printed) => {
    const mark = `8${process.pid}.${json ? 1 : isShown ? 2 : 3}`
    const env = { PATH: process.env.PATH, SECRET_TOKEN: 'no', CARGO_HOME: '/c' }
    const stdout = new PassThrough()
    const ctx = { runner: execaRunner(env), env, color: false, json, clock: () => 0, stdout } as object as CliContext
    const script = `test -z "$SECRET_TOKEN" && test "$CARGO_HOME" = /c && echo beside api; sleep ${mark}; true`
    const locals = { web: { command: ['sh', '-c', script], cwd: '/', dependsOn: ['api'] } }
    const config = configOf({ services: { api: { image: 'x' } }, locals })
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const events: SessionEvent[] = []
    let isReady = false
    let changed = () => {}
    const pods = {
      newestReady: () => (isReady ? ({} as never) : undefined),
      subscribe(onChange: (service: string) => void) {
        changed = () => onChange('api')
        return () => {}
      },
    }
    const report = (event: SessionEvent) => events.push(event)
    const reached: string[] = []
    const fromPods = {
      open: (name: string, ports: readonly number[]) => void reached.push(`open ${name} ${ports.length}`),
      close: (name: string) => void reached.push(`close ${name}`),
    }
    const lines: LocalLine[] = []
    const line = (each: LocalLine) => void lines.push(each)
    const shown = () => isShown
    const done = liveLocals(ctx, { config, pods, watch: true, shown, report, line, fromPods }, stop.signal)
    const base = { type: 'local', service: 'web', output: '', dependsOn: ['api'], urls: [] }
    expect(events).toEqual([{ ...base, state: 'waiting', reason: 'waits for api' }])
    isReady = true
    changed()
    await expect.poll(() => countOf(mark), { timeout: 20_000 }).toBe(1)
    expect(events.at(-1)).toEqual({ ...base, state: 'running', reason: undefined })
    expect(reached).toEqual(['close web', 'open web 0'])
    // Who looks at the session gets also what the terminal does not show.
    const written = { service: 'web', time: '1970-01-01T00:00:00.000Z', text: 'beside api' }
    await expect.poll(() => lines, { timeout: 20_000 }).toEqual([written])
    await expect.poll(() => String(stdout.read() ?? ''), { timeout: 20_000 }).toBe(printed)
    stop.abort()
    await done
    expect(await countOf(mark)).toBe(0)
  },
)
