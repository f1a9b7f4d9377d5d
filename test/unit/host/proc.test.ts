import { expect, test } from 'vitest'
import { cgroupFacts, memoryField, missingCapabilities, openFilesLimit, osRelease } from '../../../src/host/proc.ts'
import { proxyFacts } from '../../../src/host/proxy.ts'

const status = (effective: string, bounding = effective) =>
  `Name:\tnode\nCapPrm:\t${effective}\nCapEff:\t${effective}\nCapBnd:\t${bounding}\n`

test.each([
  ['000001ffffffffff', []],
  ['000001fffeffffff', ['CAP_SYS_RESOURCE']],
  ['00000000a80425fb', ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN', 'CAP_SYS_RESOURCE']],
])('the capability mask %s is read', (mask, missing) => {
  expect(missingCapabilities(status(mask))).toEqual(missing)
})

test('a capability outside the bounding set is missing', () => {
  expect(missingCapabilities(status('000001ffffffffff', '000001fffeffffff'))).toEqual(['CAP_SYS_RESOURCE'])
})

test.each([
  ['Max open files            20000                20000                files', 20_000],
  ['Max open files            1024                 unlimited            files', Number.POSITIVE_INFINITY],
  ['', Number.POSITIVE_INFINITY],
])('the open files limit is read from %j', (line, limit) => {
  expect(openFilesLimit(`Limit                     Soft Limit           Hard Limit           Units\n${line}\n`)).toBe(
    limit,
  )
})

const controllers = [
  '#subsys_name\thierarchy\tnum_cgroups\tenabled',
  ...['cpu', 'cpuacct', 'memory', 'net_cls', 'net_prio', 'hugetlb', 'perf_event'].map((name) => `${name}\t0\t1\t1`),
  'rdma\t0\t1\t0',
].join('\n')

test('cgroup v2 is recognized', () => {
  expect(cgroupFacts('cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0', controllers)).toEqual({
    version: 2,
    unmounted: [],
  })
})

test('enabled controllers of cgroup v1 that are not mounted are found', () => {
  const mounts = [
    'tmpfs /sys/fs/cgroup tmpfs rw 0 0',
    'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0',
    'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0',
    'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0',
  ].join('\n')
  expect(cgroupFacts(mounts, controllers)).toEqual({
    version: 1,
    unmounted: ['net_cls,net_prio', 'hugetlb', 'perf_event'],
  })
})

test('controllers with a mount of their own are mounted', () => {
  const names = ['cpu', 'cpuacct', 'memory', 'net_cls', 'net_prio', 'hugetlb', 'perf_event']
  const mounts = names.map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,relatime,${name} 0 0`).join('\n')
  expect(cgroupFacts(mounts, controllers)).toEqual({ version: 1, unmounted: [] })
})

test('memory and os-release are read', () => {
  expect(memoryField('MemTotal:       24683608 kB\nMemAvailable:    1024 kB\n', 'MemAvailable')).toBe(1_048_576)
  expect(memoryField('', 'MemAvailable')).toBeUndefined()
  expect(osRelease('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n')).toEqual({
    PRETTY_NAME: 'Debian GNU/Linux 12 (bookworm)',
    ID: 'debian',
    VERSION_ID: '12',
  })
})

test('a proxy is shown without its password', () => {
  const env = {
    https_proxy: 'http://me:secret@proxy:3128',
    NO_PROXY: '10.0.0.0/8, localhost',
    SSL_CERT_FILE: '/ca.pem',
  }
  expect(proxyFacts(env)).toEqual({
    variables: ['HTTPS_PROXY=http://proxy:3128'],
    loopbackExempt: true,
    certificates: '/ca.pem',
  })
  expect(proxyFacts({})).toEqual({ variables: [], loopbackExempt: false, certificates: undefined })
})
