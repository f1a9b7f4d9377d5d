import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { debugpyWheel } from '../../../src/debug/debugpy.ts'
import type { Runner } from '../../../src/exec/runner.ts'

const never = new AbortController().signal
const file = 'debugpy-1.8.22-py2.py3-none-any.whl'

async function setup(answer: (line: string, folder: string) => Promise<{ exitCode: number; stderr?: string }>) {
  const cache = await mkdtemp(join(tmpdir(), 'devk-debugpy-'))
  onTestFinished(() => rm(cache, { recursive: true }))
  const lines: string[] = []
  const run: Runner['run'] = async (command, args, options) => {
    const line = [command, ...args].join(' ')
    lines.push(line)
    return { stdout: '', stderr: '', ...(await answer(line, options?.cwd ?? '')) }
  }
  return { cache, lines, deps: { cache, runner: { run } as Runner } }
}

test('a file of the right name and another content is refused and not kept, also when it is in the cache', async () => {
  const { cache, lines, deps } = await setup(async (line, folder) => {
    if (line.includes('download')) await writeFile(join(folder, file), 'something else')
    return { exitCode: 0 }
  })
  await mkdir(join(cache, 'debugpy'))
  await writeFile(join(cache, 'debugpy', file), 'planted')
  await expect(debugpyWheel(deps, never)).rejects.toMatchObject({
    code: 'DEBUG_UNAVAILABLE',
    details: [expect.stringMatching(/^Its SHA-256 is [0-9a-f]{64}, not a9e9d355/)],
  })
  expect(await readdir(join(cache, 'debugpy'))).toEqual([file])
  expect(lines[1]).toMatch(/^python3 -m pip download debugpy==1\.8\.22 --no-deps --only-binary=:all: --platform any/)
})

test('without pip the error says where the file can be put', async () => {
  const { cache, lines, deps } = await setup(async () => ({ exitCode: 127 }))
  await expect(debugpyWheel(deps, never)).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    hint: expect.stringContaining(join(cache, 'debugpy')),
  })
  expect(lines).toEqual(['python3 -m pip --version', 'pip3 --version', 'pip --version'])
})

test('the reason of pip is shown', async () => {
  const { deps } = await setup(async (line) => {
    return line.includes('download') ? { exitCode: 1, stderr: 'ERROR: proxy refused' } : { exitCode: 0 }
  })
  await expect(debugpyWheel(deps, never)).rejects.toMatchObject({ details: ['ERROR: proxy refused'] })
})
