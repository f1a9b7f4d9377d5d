import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { endOrphans } from '../../../src/exec/orphans.ts'
import { fakeRunner } from '../../fakes/runner.ts'

const sleeper = (...args: string[]) =>
  spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)', '--', ...args])

for (const platform of ['linux', 'darwin'] as const) {
  test(`on ${platform} a program with all the arguments is ended, and one with some of them is not`, async () => {
    const mark = `/tmp/${randomUUID()}`
    const [orphan, other] = [sleeper('create', '--kubeconfig', mark), sleeper('create', '--kubeconfig', `${mark}x`)]
    await Promise.all([orphan, other].map(({ stdout }) => once(stdout, 'data')))
    const line = ({ pid }: { pid?: number | undefined }, file: string) => `  ${pid} node create --kubeconfig ${file}`
    let listed = 0
    const runner = {
      ...fakeRunner({}),
      run: async () => {
        listed += 1
        const stdout = [...(listed === 1 ? [line(orphan, mark)] : []), line(other, `${mark}x`)].join('\n')
        return { exitCode: 0, stdout, stderr: '' }
      },
    }
    const ended = once(orphan, 'close')
    expect(await endOrphans(runner, platform, ['create', '--kubeconfig', mark])).toBe(1)
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(other.exitCode ?? other.signalCode).toBeNull()
    other.kill()
  })
}
