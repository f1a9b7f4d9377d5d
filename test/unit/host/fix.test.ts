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

test('the fixes of all findings run in order', async () => {
  const used = deps({ [mkdir]: '', [mount]: '', [sysctl]: '' })
  const outcomes = await applyFixes(found, used)
  expect(used.runner.calls).toEqual([mkdir, mount, sysctl])
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['done', 'done'])
})

test('a fix that fails does not stop the next one', async () => {
  const used = deps({ [mkdir]: '', [mount]: { exitCode: 32, stderr: 'mount: permission denied\n' }, [sysctl]: '' })
  const outcomes = await applyFixes(found, used)
  expect(outcomes[0]).toMatchObject({ outcome: 'refused', detail: 'mount: permission denied' })
  expect(outcomes[1]).toMatchObject({ outcome: 'done' })
})

test('without consent nothing runs', async () => {
  const used = deps({}, { agree: async () => false })
  expect((await applyFixes(found, used)).map(({ outcome }) => outcome)).toEqual(['declined', 'declined'])
})

test('without root the commands are shown with sudo', async () => {
  const outcomes = await applyFixes(found, deps({}, { root: false }))
  expect(outcomes[0]).toMatchObject({ outcome: 'by hand', detail: `sudo ${mkdir} && sudo ${mount}` })
})

test('devk starts the engine itself', async () => {
  let started = 0
  const engine = async () => {
    started += 1
  }
  const silent = findings({ ...healthy, engine: { state: 'silent', installed: undefined } })
  expect(await applyFixes(silent, deps({}, { engine }))).toMatchObject([{ outcome: 'done' }])
  expect(started).toBe(1)
})

test('a fix that only the user can do is shown', async () => {
  const denied = findings({ ...healthy, engine: { state: 'denied', socket: '/run/docker.sock', group: 'docker' } })
  expect(await applyFixes(denied, deps({}))).toMatchObject([
    { outcome: 'by hand', detail: expect.stringContaining('usermod') },
  ])
})
