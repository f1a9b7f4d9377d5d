import { expect, test } from 'vitest'
import { withClusterHosts } from '../../../src/presets/corefile.ts'

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
  const made = rules(withClusterHosts(corefile, wanted))
  expect(new Set(made.map(({ to }) => to))).toEqual(new Set(['edge.in.svc.cluster.local.']))
  const leads = (name: string) => made.some(({ from }) => from.test(name))
  const names = ['web.localhost.', 'a.b.localhost.', 'api.example.com.', 'x.shop.example.com.']
  expect(names.filter((name) => !leads(name))).toEqual([])
  const others = ['localhost.', 'notlocalhost.', 'shop.example.com.', 'apixexample.com.', 'api.example.com.svc.']
  expect(others.filter(leads)).toEqual([])
})

test('the block comes first in the server block of the cluster, and nothing else changes', () => {
  const made = withClusterHosts(corefile, wanted) ?? ''
  const lines = made.split('\n')
  const at = lines.indexOf('.:53 {')
  expect(lines[at + 1]).toBe('    # devk begin: hosts of the ingress')
  expect(withClusterHosts(made, undefined)).toBe(corefile)
  expect(withClusterHosts(made, wanted)).toBe(made)
})

test('new hosts replace the earlier ones', () => {
  const before = withClusterHosts(corefile, wanted) ?? ''
  const after = withClusterHosts(before, { ...wanted, hosts: [] })
  expect(rules(after)).toHaveLength(1)
  expect(withClusterHosts(after ?? '', undefined)).toBe(corefile)
})

test('the domain of the cluster is read from the Corefile', () => {
  const other = corefile.replace('cluster.local', 'k8s.example.')
  expect(rules(withClusterHosts(other, wanted))[0]?.to).toBe('edge.in.svc.k8s.example.')
})

test('a Corefile without the domain of the cluster is not changed', () => {
  expect(withClusterHosts('.:53 {\n    forward . /etc/resolv.conf\n}\n', wanted)).toBe(undefined)
})
