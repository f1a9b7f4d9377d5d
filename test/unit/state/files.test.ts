import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeAtomic } from '../../../src/state/files.ts'

test('what a process that was killed while it replaced a file has left is removed by the next one, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'devk-files-'))
  const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(gone, 'exit')
  const id = '0b0e6f0a-7f6b-4c1e-9d3a-5d1f0e2c3b4a'
  const kept = [
    `a.json.${process.pid}-${id}.tmp`,
    `b.json.${gone.pid}-${id}.tmp`,
    `a.json.${gone.pid}.tmp`,
    'a.json.tmp',
  ]
  for (const name of [...kept, `a.json.${gone.pid}-${id}.tmp`]) await writeFile(join(folder, name), '')
  await writeAtomic(join(folder, 'a.json'), '{}')
  expect((await readdir(folder)).sort()).toEqual(['a.json', ...kept].sort())
  await rm(folder, { recursive: true })
})
