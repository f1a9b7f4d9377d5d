import { defineConfig } from 'devk'

const values = { fromEnvFile: '.env', orElse: '.env.example' }

/** Screenshot_Algo: production's pods on a laptop, from its Kustomize overlay for development. */
export default defineConfig({
  name: 'screenshot-algo',
  cluster: { ports: ['8083:30083'] },
  presets: ['ingress'],
  deploy: { kustomize: 'k8s/overlays/dev', namespace: 'screenshot-algo' },
  services: {
    frontend: {
      image: 'screenshot-algo-frontend',
      build: { context: 'frontend' },
      sync: [{ from: 'frontend/index.html', to: '/usr/share/nginx/html/index.html' }],
      url: 'http://localhost:8083',
    },
    backend: {
      image: 'screenshot-algo-backend',
      build: { context: 'backend', caCertificates: true },
      dependsOn: ['postgres'],
    },
    worker: {
      image: 'screenshot-algo-worker',
      build: { context: 'worker', caCertificates: true },
      dependsOn: ['postgres'],
    },
  },
  // RDS in production, behind the same name.
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
  // The back end as a Rollout of Argo, and its controller.
  profiles: {
    'blue-green': { deploy: { kustomize: 'k8s/overlays/blue-green' } },
    canary: { deploy: { kustomize: 'k8s/overlays/canary' } },
  },
})
