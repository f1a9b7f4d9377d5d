import { defineConfig } from 'devk'

const values = { fromEnvFile: '.env', orElse: '.env.example' }

/** Both try until it answers, as they have to in production. */
const database = [{ name: 'postgres', wait: false }]

/** Screenshot_Algo: production's pods on a laptop, from its Kustomize overlay for development; or from production's own, by --overlay. */
export default defineConfig({
  name: 'screenshot-algo',
  // The node port of dev, and the ingress, which is the entry of every overlay.
  cluster: { ports: ['8083:30083', '8093:80'] },
  presets: ['ingress'],
  deploy: { kustomize: 'k8s/overlays/dev' },
  // Reduces the requests of every pod and keeps the rest as in production. dev has its own numbers.
  scale: {
    overlays: ['staging', 'production'],
    requests: { cpu: 0.1, memory: 0.25 },
    hosts: {
      'screenshot-algo.example.com': 'screenshot-algo.localhost',
      'staging.screenshot-algo.example.com': 'screenshot-algo.localhost',
    },
  },
  services: {
    frontend: {
      image: 'screenshot-algo-frontend',
      build: { context: 'frontend' },
      sync: [{ from: 'frontend/index.html', to: '/usr/share/nginx/html/index.html' }],
      url: 'http://screenshot-algo.localhost:8093',
    },
    backend: {
      image: 'screenshot-algo-backend',
      build: { context: 'backend', caCertificates: true },
      dependsOn: database,
    },
    worker: {
      image: 'screenshot-algo-worker',
      build: { context: 'worker', caCertificates: true },
      dependsOn: database,
    },
  },
  // RDS in production, with the same name.
  externals: {
    postgres: {
      image: 'postgres:17',
      port: 5432,
      env: { POSTGRES_USER: 'shots', POSTGRES_DB: 'shots', PGDATA: '/var/lib/postgresql/data/pgdata' },
      secret: { ...values, keys: ['POSTGRES_PASSWORD'] },
      volume: '/var/lib/postgresql/data',
    },
  },
  secrets: { 'screenshot-algo': { ...values, keys: ['DATABASE_URL'] } },
  // The back end as an Argo Rollout, and the controller.
  profiles: {
    'blue-green': { deploy: { kustomize: 'k8s/overlays/blue-green', namespace: 'screenshot-algo' } },
    canary: { deploy: { kustomize: 'k8s/overlays/canary', namespace: 'screenshot-algo' } },
  },
})
