import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hasClusterNames, hostAddress, withClusterNames } from '../../../src/presets/corefile.ts'

/** The Corefile of kubeadm, with a zone that somebody added. */
const corefile = `corp.example:53 {
    forward . 10.1.1.1
}
.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    forward . /etc/resolv.conf
    cache 30
    reload
}
`
const wanted = { hosts: ['api.example.com', '*.shop.example.com', 'web.localhost'], service: 'edge', namespace: 'in' }
const rules = (text: string | undefined) =>
  [...(text ?? '').matchAll(/rewrite stop name regex (\S+) (\S+) answer auto/g)].map(([, from = '', to = '']) => ({
    from: new RegExp(from),
    to,
  }))

test('host names lead to the ingress, and localhost does not', () => {
  const made = rules(withClusterNames(corefile, { ingress: wanted }))
  expect(new Set(made.map(({ to }) => to))).toEqual(new Set(['edge.in.svc.cluster.local.']))
  const leads = (name: string) => made.some(({ from }) => from.test(name))
  const names = ['web.localhost.', 'a.b.localhost.', 'api.example.com.', 'x.shop.example.com.']
  expect(names.filter((name) => !leads(name))).toEqual([])
  const others = ['localhost.', 'notlocalhost.', 'shop.example.com.', 'apixexample.com.', 'api.example.com.svc.']
  expect(others.filter(leads)).toEqual([])
})

test('the block comes first in the server block of the cluster, and nothing else changes', () => {
  const made = withClusterNames(corefile, { ingress: wanted }) ?? ''
  const lines = made.split('\n')
  const at = lines.indexOf('.:53 {')
  expect(lines[at + 1]).toBe('    # devk begin: hosts of the ingress')
  expect(withClusterNames(made, { ingress: null })).toBe(corefile)
  expect(withClusterNames(made, { ingress: wanted })).toBe(made)
})

test('new hosts replace the earlier ones', () => {
  const before = withClusterNames(corefile, { ingress: wanted }) ?? ''
  const after = withClusterNames(before, { ingress: { ...wanted, hosts: [] } })
  expect(rules(after)).toHaveLength(1)
  expect(withClusterNames(after ?? '', { ingress: null })).toBe(corefile)
})

test('the domain of the cluster is read from the Corefile', () => {
  const other = corefile.replace('cluster.local', 'k8s.example.')
  expect(rules(withClusterNames(other, { ingress: wanted }))[0]?.to).toBe('edge.in.svc.k8s.example.')
})

test('a Corefile without the domain of the cluster is not changed', () => {
  expect(withClusterNames('.:53 {\n    forward . /etc/resolv.conf\n}\n', { ingress: wanted })).toBe(undefined)
})

test('the name of this machine is a zone of its own, and stays as it is when the hosts of the ingress change', () => {
  const host = withClusterNames(corefile, { host: true }) ?? ''
  expect(host).toBe(`# devk begin: this machine
host.devk.internal:53 {
    errors
    hosts {
        169.254.68.75 host.devk.internal
    }
}
# devk end
${corefile}`)
  const both = withClusterNames(host, { ingress: wanted }) ?? ''
  expect(withClusterNames(both, { host: true, ingress: wanted })).toBe(both)
  expect(withClusterNames(both, { ingress: null })).toBe(host)
  expect(withClusterNames(both, { host: null })).toBe(withClusterNames(corefile, { ingress: wanted }))
  expect(withClusterNames(both, { host: null, ingress: null })).toBe(corefile)
  expect([corefile, host, both].map(hasClusterNames)).toEqual([false, true, true])
  expect(withClusterNames('.:53 {\n    forward . /etc/resolv.conf\n}\n', { host: true })).toBe(undefined)
})

test('the agent on the nodes has the address that the name resolves to', () => {
  const main = readFileSync(new URL('../../../agent/main.go', import.meta.url), 'utf8')
  const bytes = /hostAddress = netip\.AddrFrom4\(\[4\]byte\{([\d, ]+)\}\)/.exec(main)?.[1]
  expect(bytes?.split(', ').join('.')).toBe(hostAddress)
})
