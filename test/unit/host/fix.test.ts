import { expect, test } from 'vitest'
import { findings } from '../../../src/host/checks.ts'
import { applyFixes, type FixDeps } from '../../../src/host/fix.ts'
import { fakeRunner } from '../../fakes/runner.ts'
import { healthy, withKernel } from './facts.ts'

const mkdir = 'mkdir -p /sys/fs/cgroup/hugetlb'
const mount = 'mount -t cgroup -o hugetlb cgroup /sys/fs/cgroup/hugetlb'
const sysctl = 'sysctl -w fs.inotify.max_user_instances=1024'
const found = findings(withKernel({ cgroup: { version: 1, unmounted: ['hugetlb'] }, inotifyInstances: 128 }))

function deps(answers: Parameters<typeof fakeRunner>[0], change: Partial<Omit<FixDeps, 'runner'>> = {}) {
  const runner = fakeRunner(answers)
  const engine = async () => {
    throw new Error('unexpected start of the engine')
  }
  const { signal } = new AbortController()
  return { runner, root: true, agree: async () => true, engine, signal, ...change }
}

test('runs the commands of what is not well, in order', async () => {
  const used = deps({ [mkdir]: '', [mount]: '', [sysctl]: '' })
  const outcomes = await applyFixes(found, used)
  expect(used.runner.calls).toEqual([mkdir, mount, sysctl])
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['done', 'done'])
})

test('one that is refused does not keep the next from being tried', async () => {
  const used = deps({ [mkdir]: '', [mount]: { exitCode: 32, stderr: 'mount: permission denied\n' }, [sysctl]: '' })
  const outcomes = await applyFixes(found, used)
  expect(outcomes[0]).toMatchObject({ outcome: 'refused', detail: 'mount: permission denied' })
  expect(outcomes[1]).toMatchObject({ outcome: 'done' })
})

test('a no runs nothing', async () => {
  const used = deps({}, { agree: async () => false })
  expect((await applyFixes(found, used)).map(({ outcome }) => outcome)).toEqual(['declined', 'declined'])
})

test('without root the commands are told, with sudo', async () => {
  const outcomes = await applyFixes(found, deps({}, { root: false }))
  expect(outcomes[0]).toMatchObject({ outcome: 'by hand', detail: `sudo ${mkdir} && sudo ${mount}` })
})

test('the engine is brought up by devk', async () => {
  let started = 0
  const engine = async () => {
    started += 1
  }
  const silent = findings({ ...healthy, engine: { state: 'silent', installed: undefined } })
  expect(await applyFixes(silent, deps({}, { engine }))).toMatchObject([{ outcome: 'done' }])
  expect(started).toBe(1)
})

test('what only the user can do is told', async () => {
  const denied = findings({ ...healthy, engine: { state: 'denied', socket: '/run/docker.sock', group: 'docker' } })
  expect(await applyFixes(denied, deps({}))).toMatchObject([
    { outcome: 'by hand', detail: expect.stringContaining('usermod') },
  ])
})
