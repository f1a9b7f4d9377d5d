import { defineConfig } from 'devk'

/** The Agentic Startup Studio, from its production manifests. */
export default defineConfig({
  name: 'agentic-startup-studio',
  cluster: { loadBalancers: { 'fastapi-service': '8082:80' } },
  presets: ['ingress', 'tls', 'metrics-server'],
  deploy: { manifests: 'k8s' },
  services: {
    backend: {
      image: 'agentic-startup-studio',
      build: { context: 'backend', caCertificates: true },
      command: ['uvicorn', 'app.main:app', '--host', '0.0.0.0', '--port', '8000', '--reload', '--reload-dir', 'app'],
      sync: [{ from: 'backend/app', to: '/app/app', exclude: ['__pycache__'] }],
      url: 'http://localhost:8082',
      // It retries until the database answers, as it must in production.
      dependsOn: [{ name: 'postgres', wait: false }],
    },
  },
  // A managed database in production. The backend reads its URL from its Secret.
  externals: {
    postgres: {
      image: 'postgres:17',
      port: 5432,
      env: { POSTGRES_USER: 'studio', POSTGRES_DB: 'studio', PGDATA: '/var/lib/postgresql/data/pgdata' },
      secret: { fromEnvFile: '.env', orElse: '.env.example', keys: ['POSTGRES_PASSWORD'] },
      volume: '/var/lib/postgresql/data',
    },
  },
  secrets: { 'db-secret': { fromEnvFile: '.env', orElse: '.env.example', keys: ['url'] } },
  profiles: {
    // The other choice of the record for development.
    minikube: { cluster: { provider: 'minikube' } },
    // The shape of production: two zones, one of them with a spot node for work that can wait.
    zones: {
      cluster: {
        workers: [
          { zone: 'zone-a' },
          { zone: 'zone-b' },
          { zone: 'zone-b', labels: { lifecycle: 'spot' }, taints: ['lifecycle=spot:NoSchedule'] },
        ],
      },
    },
  },
})
