/** How much memory the file watcher uses on a tree of 50,000 files. Run: node bench/watcher-memory.ts */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { watchTree } from '../src/watch/watch-tree.ts'

const folders = 2500
const filesPerFolder = 20
const seconds = 20

const root = mkdtempSync(join(tmpdir(), 'devk-idle-'))
const done = new AbortController()
const status = (field: string) =>
  Number(readFileSync('/proc/self/status', 'utf8').match(`${field}:\\s+(\\d+)`)?.[1]) / 1024
try {
  for (let folder = 0; folder < folders; folder += 1) {
    const path = join(root, `area-${folder % 50}`, `component-${folder}`)
    mkdirSync(path, { recursive: true })
    for (let file = 0; file < filesPerFolder; file += 1)
      writeFileSync(join(path, `module-${file}.ts`), `// ${folder} ${file}\n`)
  }
  const before = status('VmRSS')
  const start = performance.now()
  let batches = 0
  await watchTree({
    roots: [root],
    ignored: () => false,
    onBatch: () => {
      batches += 1
    },
    onWarning: (warning) => console.error(warning.message),
    now: Date.now,
    signal: done.signal,
  })
  const ready = performance.now() - start
  const cpu = process.cpuUsage()
  await sleep(seconds * 1000)
  const used = process.cpuUsage(cpu)
  const saved = performance.now()
  writeFileSync(join(root, 'area-0', 'component-0', 'module-0.ts'), 'changed')
  while (batches === 0) await sleep(1)
  console.log(`files               ${folders * filesPerFolder} in ${folders} folders`)
  console.log(`ready after         ${ready.toFixed(0)} ms`)
  console.log(`memory before       ${before.toFixed(0)} MiB`)
  console.log(`memory idle         ${status('VmRSS').toFixed(0)} MiB (peak ${status('VmHWM').toFixed(0)})`)
  console.log(
    `processor           ${((used.user + used.system) / 1000).toFixed(0)} ms in ${seconds} s, learning contents included`,
  )
  console.log(`first save seen     ${(performance.now() - saved).toFixed(0)} ms`)
} finally {
  done.abort()
  rmSync(root, { recursive: true, force: true })
}
