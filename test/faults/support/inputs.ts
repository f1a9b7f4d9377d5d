import type { KubeObject } from '../../../src/kube/api.ts'

/** A configuration without mistakes that uses most of what there is. */
export const configuration: object = {
  name: 'shop',
  cluster: { provider: 'kind', workers: 1, ports: ['8080:30080'] },
  deploy: { manifests: ['app.yaml'], namespace: 'shop' },
  services: {
    web: { build: { context: '.' }, sync: [{ from: '.', to: '/app' }], ports: ['8081:80'], env: { A: 'b' } },
  },
  externals: { db: { image: 'postgres:17', port: 5432, volume: '/data' } },
  jobs: { seed: { service: 'web', command: ['true'] } },
  secrets: { s: { fromEnvFile: '.env', keys: ['PASSWORD'] } },
  scale: { replicas: 1 },
  profiles: { small: { scale: { replicas: 1 } } },
}

const meta = (name: string) => ({ name, namespace: 'shop' })

/** Manifests without mistakes. */
export const manifests: readonly KubeObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('settings'), data: { A: 'b', url: 'http://web.shop.svc:80' } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...meta('web'), labels: { app: 'web' }, annotations: { note: 'yes' } },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          initContainers: [{ name: 'wait', image: 'busybox:1.37', command: ['true'] }],
          containers: [
            {
              name: 'web',
              image: 'web',
              ports: [{ containerPort: 80 }],
              env: [{ name: 'B', valueFrom: { configMapKeyRef: { name: 'settings', key: 'A' } } }],
              envFrom: [{ secretRef: { name: 's' } }],
              resources: { requests: { cpu: '2', memory: '1Gi' }, limits: { memory: '2Gi' } },
              readinessProbe: { httpGet: { path: '/', port: 80 } },
              volumeMounts: [{ name: 'v', mountPath: '/v' }],
            },
          ],
          volumes: [{ name: 'v', configMap: { name: 'settings' } }],
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('web'),
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 80, nodePort: 30080 }] },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: meta('web'),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 9,
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: meta('web'),
    spec: {
      rules: [
        {
          host: 'shop.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
          },
        },
      ],
    },
  },
]
