import type { KubeObject } from '../../../src/kube/api.ts'

const fieldsV1 = {
  'f:metadata': { 'f:labels': { 'f:devk.dev/project': {}, 'f:devk.dev/hash': {} } },
  'f:spec': { 'f:selector': {}, 'f:ports': {} },
}

/** A Service that devk has applied. */
export const service = (spec: object = {}, more: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'api',
    namespace: 'shop',
    uid: 'u1',
    labels: { 'devk.dev/project': 'todo', 'devk.dev/hash': 'h1' },
    managedFields: [{ manager: 'devk', operation: 'Apply', fieldsV1 }],
    ...more,
  },
  spec: {
    clusterIP: '10.96.0.7',
    selector: { app: 'api' },
    ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    ...spec,
  },
})
