import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { countOf } from '../local/processes.ts'

const source = (file: string) => JSON.stringify(fileURLToPath(new URL(`../../../src/exec/${file}`, import.meta.url)))

test('a group that is owned ends with devk, also when devk exits at once', async () => {
  const mark = `9${process.pid}.1`
  const program = `
import { execaRunner } from ${source('runner.ts')}
import { ownGroup } from ${source('end-group.ts')}
const script = 'trap "" TERM HUP INT; sleep ${mark} & while :; do sleep ${mark}; done'
const { pid } = execaRunner(process.env).spawn('sh', ['-c', script], { leadsGroup: true })
ownGroup(process.platform, pid)
process.stdin.once('data', () => process.exit(1))
`
  const devk = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  const exited = once(devk, 'exit')
  await expect.poll(() => countOf(mark), { timeout: 20_000 }).toBe(2)
  devk.stdin.write('end')
  expect(await exited).toEqual([1, null])
  await expect.poll(() => countOf(mark), { timeout: 20_000 }).toBe(0)
})
