import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { podPort } from '../../../../src/stack/desired/forward-ports.ts'

const workload = (ports?: object[]): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    template: {
      metadata: { labels: { app: 'web', tier: 'front' } },
      spec: { containers: [{ name: 'app', ...(ports ? { ports } : {}) }] },
    },
  },
})

const service = (ports: object[], more: { namespace?: string; selector?: object | undefined } = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: more.namespace ?? 'shop' },
  spec: { selector: 'selector' in more ? more.selector : { app: 'web' }, ports },
})

const to3000 = [{ port: 80, targetPort: 3000 }]

test.each([
  ['the Service maps it', workload([{ containerPort: 3000 }]), service(to3000), 3000],
  ['the pods declare no ports', workload(), service(to3000), 3000],
  [
    'the target is a name',
    workload([{ name: 'http', containerPort: 8080 }]),
    service([{ port: 80, targetPort: 'http' }]),
    8080,
  ],
  ['the name is unknown', workload(), service([{ port: 80, targetPort: 'http' }]), 80],
  ['a container declares it', workload([{ containerPort: 80 }, { containerPort: 3000 }]), service(to3000), 80],
  ['the Service has no target', workload(), service([{ port: 80 }]), 80],
  ['the Service has another port', workload(), service([{ port: 81, targetPort: 3000 }]), 80],
  ['the Service selects other pods', workload(), service(to3000, { selector: { app: 'api' } }), 80],
  ['the Service has no selector', workload(), service(to3000, { selector: undefined }), 80],
  ['the Service is in another namespace', workload(), service(to3000, { namespace: 'other' }), 80],
  ['the mapping is UDP', workload(), service([{ ...to3000[0], protocol: 'UDP' }]), 80],
])('a forward to port 80 when %s', (_name, pods, object, expected) => {
  expect(podPort(80, pods, [pods, object])).toBe(expected)
})
