/** What inert commands touch on this machine: Node records each file, process and worker outside of what devk needs. */
import { delimiter, dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { devkIn } from '../e2e/support/devk.ts'
import { inertCommands } from './support/commands.ts'
import { type Hostile, hostileRepository } from './support/hostile.ts'

// A checkout builds itself when that is due, which is not what is tested here.
beforeAll(async () => {
  const devk = await devkIn(import.meta.dirname)
  await devk.run(['--help'])
  await devk.dispose()
}, 60_000)

/** What devk may ask for besides: whether a configuration is in a folder above, and which folders of PATH exist. */
function isLookup(what: string, { folder, path }: Hostile): boolean {
  const file = what.replace(/^FileSystemRead /, '')
  const found = /^(\.git|platform\.config\.\w+)$/.exec(file.slice(dirname(file).length).replace(/^\//, ''))
  if (found !== null && folder.startsWith(join(dirname(file), '/'))) return true
  return path.split(delimiter).includes(file)
}

const run = async (words: string) => {
  const hostile = await hostileRepository()
  const done = await hostile.runAudited(...words.split(' '))
  expect(done.exitCode, done.stderr).not.toBe(70)
  return { outside: done.recorded.filter((what) => !isLookup(what, hostile)), marks: await hostile.marks(), hostile }
}

test.each(inertCommands.filter((words) => words !== 'trust'))(
  'devk %s touches only the repository and its own folders, and writes only to these',
  async (words) => {
    const { outside, marks, hostile } = await run(words)
    expect([outside, marks, hostile.connections()]).toEqual([[], [], 0])
  },
)

test('devk trust besides looks for what installs certificates on this machine', async () => {
  const { outside, marks } = await run('trust')
  const programs = /^FileSystemRead .*\/(update-ca-certificates|update-ca-trust|trust|security|certutil)$/
  expect([outside.filter((what) => !programs.test(what)), marks]).toEqual([[], []])
})

test('what a command does that is not inert is recorded', async () => {
  const { outside } = await run('doctor')
  expect(outside).toEqual(
    expect.arrayContaining([
      'PROCESSWRAP',
      expect.stringMatching(/^ChildProcess /),
      expect.stringMatching(/^FileSystemRead \/proc\//),
    ]),
  )
})
