import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/api.ts'
import { appliedByDevk } from '../../../src/kube/managed.ts'

const fieldsV1 = {
  'f:metadata': { 'f:labels': { 'f:app': {} }, 'f:finalizers': { 'v:"mine"': {} } },
  'f:spec': {
    'f:selector': {},
    'f:empty': { '.': {} },
    'f:template': {
      'f:spec': {
        'f:containers': {
          'k:{"name":"web"}': {
            '.': {},
            'f:name': {},
            'f:image': {},
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
          },
        },
      },
    },
  },
}

const live: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    namespace: 'shop',
    uid: 'u',
    labels: { app: 'web', added: 'by someone' },
    finalizers: ['theirs', 'mine'],
    managedFields: [
      { manager: 'kube-controller-manager', operation: 'Update', subresource: 'status', fieldsV1: {} },
      { manager: 'devk', operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      { manager: 'devk', operation: 'Apply', fieldsV1 },
    ],
  },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    empty: { filled: 'by a default' },
    template: {
      spec: {
        dnsPolicy: 'ClusterFirst',
        containers: [
          { name: 'sidecar', image: 'injected' },
          { name: 'web', image: 'web:1', tty: false, ports: [{ containerPort: 80, protocol: 'TCP', name: 'x' }] },
        ],
      },
    },
  },
  status: { replicas: 3 },
}

test('only fields that devk applied are returned', () => {
  expect(appliedByDevk(live)).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' }, finalizers: ['mine'] },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      empty: {},
      template: {
        spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }] },
      },
    },
  })
})

test('an object that devk never applied gives undefined', () => {
  const { managedFields: _, ...metadata } = live.metadata
  expect(appliedByDevk({ ...live, metadata })).toBeUndefined()
})
