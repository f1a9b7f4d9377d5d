import { defineConfig } from 'devk'

const from = (keys: string[]) => ({ fromEnvFile: '.env', orElse: '.env.example', keys })
const app = (target: string, VERSION = 'v1') =>
  ({ context: 'app', target, args: { VERSION }, caCertificates: true }) as const

/** Both try until these answer, as in production: nothing there starts them in an order. */
const stores = [
  { name: 'postgres', wait: false },
  { name: 'redis', wait: false },
]

/** HustleX: the staging overlay for daily work, production's and a second colour by profile. */
export default defineConfig({
  name: 'hustlex',
  cluster: { provider: 'kind', workers: 1, loadBalancers: { 'hustlex-api': '8083:80' } },
  deploy: { kustomize: 'k8s/overlays/staging' },
  services: {
    api: {
      workload: 'Deployment/hustlex-api',
      build: app('api'),
      // Each save is in the container at once, and Node.js restarts.
      command: ['node', '--watch', 'src/api.js'],
      sync: [{ from: 'app/src', to: '/app/src' }],
      url: 'http://localhost:8083',
      dependsOn: stores,
    },
    worker: {
      workload: 'Deployment/hustlex-worker',
      build: app('worker'),
      command: ['node', '--watch', 'src/worker.js'],
      sync: [{ from: 'app/src', to: '/app/src' }],
      dependsOn: stores,
    },
    postgres: { workload: 'StatefulSet/postgres' },
    redis: { workload: 'Deployment/redis' },
  },
  secrets: {
    'hustlex-secrets': from(['DATABASE_URL', 'TOKEN_SECRET']),
    'postgres-secrets': from(['POSTGRES_USER', 'POSTGRES_PASSWORD', 'POSTGRES_DB']),
  },
  profiles: {
    // Runs what production runs: its overlay, and the command of each image. A save rebuilds the image.
    production: {
      // Its autoscaler needs metrics.
      presets: ['metrics-server'],
      deploy: { kustomize: 'k8s/overlays/production' },
      services: {
        api: { command: ['node', 'src/api.js'], sync: [] },
        worker: { command: ['node', 'src/worker.js'], sync: [] },
      },
    },
    // The API's twin in Go. A save is compiled on this machine, and the program is started again in its container.
    go: {
      services: {
        api: {
          build: {
            context: 'api-go',
            args: { GCFLAGS: 'all=-N -l' },
            local: {
              command: ['go', 'build', '-trimpath', '-gcflags=-N -l', '-o', 'bin/api', '.'],
              env: { GOOS: 'linux', CGO_ENABLED: '0' },
              outputs: [{ from: 'api-go/bin/api', to: '/app/api' }],
            },
          },
          command: ['/app/api'],
          sync: [],
        },
      },
    },
    // The next release beside the current one. `devk switch` moves the traffic.
    v2: {
      deploy: { manifests: 'k8s/blue-green/deployment-v2.yaml' },
      services: {
        'api-v2': { workload: 'Deployment/hustlex-api-v2', build: app('api', 'v2'), dependsOn: stores },
      },
    },
  },
})
