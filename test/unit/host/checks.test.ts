import { expect, test } from 'vitest'
import type { EngineInfo } from '../../../src/engine/image-api.ts'
import { findings } from '../../../src/host/checks.ts'
import type { HostFacts } from '../../../src/host/facts.ts'
import { healthy, withKernel } from './facts.ts'

const gib = 1024 ** 3
const of = (facts: HostFacts, id: string) => findings(facts).find((finding) => finding.id === id)

test('a healthy machine has nothing to fix', () => {
  expect(findings(healthy).map(({ level }) => level)).toEqual(findings(healthy).map(() => 'ok'))
  expect(findings(healthy).some(({ why, fix }) => why !== undefined || fix !== undefined)).toBe(false)
})

test('a finding has a reason and a fix', () => {
  const bad: HostFacts = {
    ...withKernel({
      cgroup: { version: 1, unmounted: ['hugetlb'] },
      inotifyInstances: 128,
      openFiles: 1024,
      missingCapabilities: ['CAP_SYS_ADMIN'],
    }),
    engine: { state: 'denied', socket: '/run/docker.sock', group: 'docker' },
    disk: { folder: '/', freeBytes: 2 * gib },
    memory: { totalBytes: 2 * gib, availableBytes: gib },
    kubectl: { state: 'wrapper', detail: 'v1.32.4-dispatcher' },
    registry: 'unreachable',
    proxy: { variables: ['HTTPS_PROXY=http://proxy:3128'], loopbackExempt: false, certificates: undefined },
    ports: [{ port: 30080, owner: 'nginx (pid 4121)' }],
  }
  for (const finding of findings(bad)) {
    expect(finding.level, finding.id).not.toBe('ok')
    expect(finding.why, finding.id).toBeTruthy()
    expect(finding.fix?.explain, finding.id).toBeTruthy()
  }
})

test('a second node does not start with unmounted controllers of cgroup v1', () => {
  const facts = withKernel({ cgroup: { version: 1, unmounted: ['hugetlb', 'net_cls,net_prio'] } })
  const path = '/sys/fs/cgroup/net_cls,net_prio'
  expect(of(facts, 'cgroups')).toMatchObject({
    level: 'fail',
    detail: 'v1, hugetlb and net_cls,net_prio are not mounted',
    fix: {
      by: 'commands',
      commands: [
        ['mkdir', '-p', '/sys/fs/cgroup/hugetlb'],
        ['mount', '-t', 'cgroup', '-o', 'hugetlb', 'cgroup', '/sys/fs/cgroup/hugetlb'],
        ['mkdir', '-p', path],
        ['mount', '-t', 'cgroup', '-o', 'net_cls,net_prio', 'cgroup', path],
      ],
    },
  })
  expect(of(withKernel({ cgroup: { version: 1, unmounted: [] } }), 'cgroups')).toMatchObject({ level: 'ok' })
})

test('low inotify limits are raised, and sufficient ones are kept', () => {
  expect(of(withKernel({ inotifyInstances: 128 }), 'inotify')).toMatchObject({
    level: 'warn',
    detail: '128 instances',
    fix: { commands: [['sysctl', '-w', 'fs.inotify.max_user_instances=1024']] },
  })
  const both = of(withKernel({ inotifyInstances: 128, inotifyWatches: 8192 }), 'inotify')
  expect(both?.fix?.commands).toHaveLength(2)
  const unlimited = withKernel({ inotifyInstances: Number.POSITIVE_INFINITY, inotifyWatches: Number.POSITIVE_INFINITY })
  expect(of(unlimited, 'inotify')).toMatchObject({ level: 'ok' })
})

test.each([
  [1_048_576, 'ok'],
  [20_000, 'ok'],
  [8192, 'warn'],
  [1024, 'fail'],
])('a limit of %i open files is %s', (openFiles, level) => {
  expect(of(withKernel({ openFiles }), 'open-files')?.level).toBe(level)
})

test.each([
  [[], undefined],
  [['CAP_SYS_RESOURCE'], 'warn'],
  [['CAP_SYS_ADMIN', 'CAP_SYS_RESOURCE'], 'fail'],
])('the missing capabilities %j are %s', (missingCapabilities, level) => {
  expect(of(withKernel({ missingCapabilities }), 'capabilities')?.level).toBe(level)
})

test.each([
  [64, 'ok'],
  [10, 'warn'],
  [1, 'fail'],
])('%i GiB of free disk are %s', (free, level) => {
  expect(of({ ...healthy, disk: { folder: '/', freeBytes: free * gib } }, 'disk')?.level).toBe(level)
})

test('the disk of a remote engine is not checked', () => {
  expect(of({ ...healthy, disk: undefined }, 'disk')).toBeUndefined()
})

/** The running engine of a healthy machine with other facts. */
function running(facts: Partial<EngineInfo>): HostFacts['engine'] {
  return { ...(healthy.engine as EngineInfo), ...facts, state: 'running' }
}

test('a rootless engine on control groups v2 is fine, and said', () => {
  expect(of({ ...healthy, engine: running({ rootless: true }) }, 'engine')).toMatchObject({
    level: 'ok',
    detail: '26.1.5, linux/amd64, rootless',
  })
})

test('Podman is named when no engine is there', () => {
  const engine = { state: 'silent', installed: undefined, podman: '/run/podman/podman.sock' } as const
  expect(of({ ...healthy, root: false, engine }, 'engine')?.why).toMatch(
    'cannot use Podman, which listens on /run/podman',
  )
})

test.each<[string, HostFacts['engine'], RegExp, string | undefined]>([
  ['too old', running({ version: '20.10.24' }), /20\.10\.24/, 'hand'],
  ['Podman', running({ program: 'Podman', version: '4.3.1' }), /^Podman 4\.3\.1 answers/, 'hand'],
  ['rootless on v1', running({ rootless: true, cgroupVersion: '1' }), /rootless on control groups v1/, 'hand'],
  ['on its own socket', { state: 'elsewhere', program: 'Colima', socket: '/c.sock' }, /Colima listens on \/c/, 'hand'],
  ['no permission', { state: 'denied', socket: '/x.sock', group: 'docker' }, /no permission to use \/x\.sock/, 'hand'],
  ['stuck', { state: 'stuck', reason: 'no answer for 14 s' }, /no answer/, 'hand'],
  ['elsewhere', { state: 'remote', reason: 'no answer from tcp://box:2375' }, /tcp:\/\/box/, 'hand'],
  ['not installed', { state: 'silent', installed: undefined }, /not installed/, 'engine'],
  ['old and not running', { state: 'silent', installed: '20.10.24' }, /20\.10\.24 is installed/, 'engine'],
  ['not running', { state: 'silent', installed: '26.1.5' }, /not running/, 'engine'],
])('the finding for an engine: %s', (_name, engine, detail, by) => {
  const finding = of({ ...healthy, engine }, 'engine')
  expect(finding?.level).toBe('fail')
  expect(finding?.detail).toMatch(detail)
  expect(finding?.fix?.by).toBe(by)
})

test('devk starts an engine only as root on Linux', () => {
  const engine = { state: 'silent', installed: '26.1.5' } as const
  expect(of({ ...healthy, root: false, engine }, 'engine')?.fix).toMatchObject({ by: 'hand' })
  expect(of({ ...healthy, platform: 'darwin', kernel: undefined, engine }, 'engine')?.fix).toMatchObject({ by: 'hand' })
})

test('a proxy is fine when loopback does not use it', () => {
  const proxy = { variables: ['HTTPS_PROXY=http://proxy:3128'], loopbackExempt: true, certificates: '/etc/ca.pem' }
  expect(of({ ...healthy, proxy }, 'proxy')).toMatchObject({
    level: 'ok',
    detail: 'HTTPS_PROXY=http://proxy:3128, certificates from /etc/ca.pem',
  })
  expect(of({ ...healthy, proxy, registry: 'unknown' }, 'registry')?.level).toBe('ok')
})

test.each([
  [undefined, []],
  [{ neededBy: 'the release web', version: '3.19.0' }, ['ok']],
  [{ neededBy: 'the release web', version: '4.0.1' }, ['ok']],
  [{ neededBy: 'the release web', version: undefined }, ['fail']],
  [{ neededBy: 'the preset argo-cd', version: '2.17.0' }, ['fail']],
])('helm is needed for charts only, and not from before version 3: %j', (helm, levels) => {
  const found = findings({ ...healthy, helm }).filter(({ id }) => id === 'helm')
  expect(found.map(({ level }) => level)).toEqual(levels)
  for (const { level, why } of found) if (level === 'fail') expect(why).toContain(helm?.neededBy)
})
