// Records docs/pictures/up.svg: node scripts/recording.ts CHECKOUT SVG runs `bin/devk up --yes` of a checkout on a terminal, saves a file of the
// Todo example when the stack is up, and leaves. The stack stays; `bin/devk down` of the checkout removes it.
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Chunk, framesOf, paced } from './recording/frames.ts'
import { svgOf } from './recording/svg.ts'

const [checkout, svg] = process.argv.slice(2)
if (checkout === undefined || svg === undefined) throw new Error('usage: node scripts/recording.ts CHECKOUT SVG')
const size = { columns: 96, rows: 22 }
const prompt = '\u001b[32m$\u001b[0m '
const command = `stty cols ${size.columns} rows ${size.rows}; ./bin/devk up --yes`
const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
  cwd: checkout,
  env: { ...process.env, CI: undefined, TERM: 'xterm-256color', NO_COLOR: undefined },
  stdio: ['pipe', 'pipe', 'inherit'],
})
const chunks: Chunk[] = [{ at: 0, data: `${prompt}./bin/devk up --yes\r\n` }]
const began = performance.now()
let shown = ''
let changed = Promise.withResolvers<void>()
child.stdout.setEncoding('utf8').on('data', (data: string) => {
  chunks.push({ at: performance.now() - began, data })
  shown += data
  changed.resolve()
  changed = Promise.withResolvers()
})
const ended = new Promise<never>((_, reject) => {
  child.once('exit', (code) => reject(new Error(`devk up ended with exit code ${code}:\n${shown.slice(-2000)}`)))
})
ended.catch(() => {})

/** Waits until the program has written something that matches, after `from` characters. */
async function written(pattern: RegExp, from: number): Promise<void> {
  while (!pattern.test(shown.slice(from))) await Promise.race([changed.promise, ended])
}

await written(/Ready in .* \d+ services/, 0)
const up = performance.now() - began
await sleep(6000)
const file = join(checkout, 'examples/todo/backend/app/main.py')
const source = await readFile(file, 'utf8')
const before = shown.length
await writeFile(file, `${source}\n# A save.\n`)
await written(/synced 1 file/, before)
await sleep(4000)
await writeFile(file, source)
child.stdin.write('q')
await ended.catch(() => {})
const frames = await framesOf(chunks, size, 500)
const ms = paced(frames, { fastUntil: up, factor: Math.max(1, up / 15_000), longest: 2500, end: 4000 })
await writeFile(svg, svgOf('devk up in a terminal', frames, ms, size))
