/**
 * What the file watcher needs in a process of its own on a tree of 50,000 files, and how long it takes from the start of a `git switch`
 * that changes 10,000 of them until the last one is told. Run: node bench/watcher.ts
 */
import { execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { watchTree } from '../src/watch/watch-tree.ts'

const folders = 2500
const filesPerFolder = 20
const seconds = 20
const switched = 10_000

/** What the watching process tells: that it has started, or the number of changes in a batch. */
type Told = 'ready' | number

/** Watches in this process, and tells its parent. */
async function watchHere(root: string): Promise<void> {
  const git = join(root, '.git')
  await watchTree({
    roots: [root],
    ignored: (path) => path === git || path.startsWith(`${git}/`),
    onBatch: (changes) => void process.send?.(changes.length satisfies Told),
    onWarning: (warning) => console.error(warning.message),
    now: Date.now,
    signal: new AbortController().signal,
  })
  process.send?.('ready' satisfies Told)
}

async function measure(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'devk-idle-'))
  /** The path of a file by its number. */
  const path = (file: number) => {
    const folder = Math.floor(file / filesPerFolder)
    return join(root, `area-${folder % 50}`, `component-${folder}`, `module-${file % filesPerFolder}.ts`)
  }
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { stdio: 'ignore' })
  const commit = (text: string) => {
    git('add', '-A')
    git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '-m', text)
  }
  const all = folders * filesPerFolder
  for (let folder = 0; folder < folders; folder += 1)
    mkdirSync(dirname(path(folder * filesPerFolder)), { recursive: true })
  for (let file = 0; file < all; file += 1) writeFileSync(path(file), `// main ${file}\n`)
  git('init', '--initial-branch=main')
  commit('main')
  git('switch', '-c', 'other')
  for (let file = 0; file < switched; file += 1) writeFileSync(path(file), `// other ${file}\n`)
  commit('other')
  git('switch', 'main')

  const start = performance.now()
  const watcher = fork(import.meta.filename, [root])
  let batches: number[] = []
  watcher.on('message', (told: Told) => {
    if (typeof told === 'number') batches.push(told)
  })
  const changes = async (count: number) => {
    while (batches.reduce((sum, each) => sum + each, 0) < count) await sleep(1)
  }
  const read = (file: string) => readFileSync(`/proc/${watcher.pid}/${file}`, 'utf8')
  const memory = (field: string) => (Number(read('status').match(`${field}:\\s+(\\d+)`)?.[1]) / 1024).toFixed(0)
  /** Processor time of the watching process, ms; a tick of the kernel's statistics has 10 ms. */
  const processor = () => {
    const [, fields = ''] = read('stat').split(') ')
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number)
    return (user + system) * 10
  }
  try {
    await once(watcher, 'message')
    console.log(`files               ${all} in ${folders} folders`)
    console.log(`ready after         ${(performance.now() - start).toFixed(0)} ms, with the start of its process`)
    await sleep(seconds * 1000)
    const before = processor()
    await sleep(seconds * 1000)
    console.log(`processor           ${processor() - before} ms in ${seconds} s, after it has learned the contents`)
    console.log(`memory              ${memory('VmRSS')} MiB (peak ${memory('VmHWM')})`)
    const saved = performance.now()
    writeFileSync(path(all - 1), 'changed')
    await changes(1)
    console.log(`first save told     after ${(performance.now() - saved).toFixed(0)} ms`)
    git('checkout', '.')
    await changes(2)
    batches = []
    const began = performance.now()
    const ended = once(spawn('git', ['-C', root, 'switch', 'other'], { stdio: 'ignore' }), 'close')
    const took = ended.then(() => performance.now() - began)
    await changes(switched)
    const last = performance.now() - began
    console.log(`switch of ${switched}     told after ${last.toFixed(0)} ms in ${batches.length} batches`)
    console.log(`                    git itself took ${(await took).toFixed(0)} ms`)
  } finally {
    watcher.kill()
    rmSync(root, { recursive: true, force: true })
  }
}

const [watched] = process.argv.slice(2)
await (watched === undefined ? measure() : watchHere(watched))
