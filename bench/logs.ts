/**
 * `devk logs -f` of ten pods that write 2,000 numbered lines a second each, until each log was rotated three times: whether each line comes
 * once and in order, how long after it was written, and how much memory devk needs.
 * Needs a Docker engine; stop other work for exact numbers. Run: node bench/logs.ts
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { devkIn, repository } from '../test/e2e/support/devk.ts'
import { percentile } from './lib/stats.ts'

const name = 'bench-logs'
const pods = 10
const linesPerSecond = 2000
/** The kubelet rotates a log of 10 MiB; a line has 120 bytes in the file, so that this is three rotations and a half. */
const seconds = 160
const lines = linesPerSecond * seconds

/** Writes numbered lines with their time, at an even pace, and then sleeps. */
const writer = `
const began = Date.now()
let n = 0
const turn = () => {
  const due = Math.min(${lines}, Math.floor((Date.now() - began) * ${linesPerSecond / 1000}))
  let text = ''
  for (; n < due; n++) text += ('n=' + n + ' t=' + Date.now() + ' ').padEnd(80, 'x') + '\\n'
  process.stdout.write(text)
  if (n < ${lines}) setTimeout(turn, 10)
  else setInterval(() => {}, 1 << 30)
}
turn()`

const labels = { app: 'writer' }
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'writer' },
  spec: {
    replicas: pods,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image: 'node:22-slim', command: ['node', '-e', writer] }],
      },
    },
  },
}

/** What a reader has got of the lines. */
class Received {
  readonly #next = new Map<string, number>()
  readonly lags: number[] = []
  lost = 0
  doubled = 0

  take(line: string): void {
    const [, pod = '', number, time] = line.match(/(writer-[a-z0-9]+-[a-z0-9]+).* n=(\d+) t=(\d+)/) ?? []
    if (number === undefined) return
    const next = this.#next.get(pod) ?? 0
    const at = Number(number)
    if (at < next) this.doubled += 1
    else this.lost += at - next
    this.#next.set(pod, Math.max(next, at + 1))
    this.lags.push(Date.now() - Number(time))
  }

  get done(): boolean {
    return this.#next.size === pods && [...this.#next.values()].every((next) => next === lines)
  }

  print(reader: string, { pid }: ChildProcessWithoutNullStreams): void {
    const peak = Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)?.[1]) / 1024
    const lag = [0.5, 0.99].map((p) => `${percentile(this.lags, p)} ms`)
    const counted = `${this.lags.length} lines, ${this.lost} lost, ${this.doubled} doubled`
    console.log(
      `${reader.padEnd(10)} ${counted}; lag p50 ${lag[0]}, p99 ${lag[1]}; memory at most ${peak.toFixed(0)} MiB`,
    )
  }
}

const folder = await mkdtemp(join(tmpdir(), 'devk-bench-logs-'))
const devk = await devkIn(folder)
try {
  await writeFile(join(folder, 'platform.config.json'), JSON.stringify({ name, deploy: { manifests: 'pods.json' } }))
  await writeFile(join(folder, 'pods.json'), JSON.stringify(deployment))
  const { exitCode, stderr } = await devk.run(['up', '--detach', '--yes'])
  if (exitCode !== 0) throw new Error(stderr)
  const began = Date.now()
  const child = spawn(join(repository, 'bin/devk'), ['logs', '-f', '--json', 'writer'], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: devk.stateHome, XDG_DATA_HOME: devk.stateHome, NO_COLOR: '1' },
  })
  const received = new Received()
  createInterface({ input: child.stdout }).on('line', (line) => received.take(line))
  child.stderr.on('data', (text) => process.stderr.write(text))
  while (!received.done && Date.now() - began < (seconds + 60) * 1000) await sleep(500)
  received.print('devk', child)
  child.kill('SIGINT')
  await once(child, 'close')
} finally {
  await devk.run(['down'])
  await devk.dispose()
  await rm(folder, { recursive: true, force: true })
}
