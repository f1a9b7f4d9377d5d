import { defineConfig } from 'devk'

const app = (target: string, VERSION = '1.0.0') =>
  ({ context: 'services', target, args: { VERSION }, caCertificates: true }) as const

/** Another environment: in a namespace of its own beside production, under a host of its own, with the cluster's presets. */
const environment = (name: string, port: string) => ({
  name: `marimo-erp-${name}`,
  cluster: { provider: 'existing', project: 'marimo-erp' },
  profile: null,
  deploy: { namespace: `marimo-erp-${name}` },
  services: { gateway: { ports: [port] } },
  scale: { replicas: 1, requests: 0.25, hosts: { 'erp.localhost': `erp-${name}.localhost` } },
})

/** Marimo ERP: production's namespace and one colour of the gateway; other environments and the second colour by profile. */
export default defineConfig({
  name: 'marimo-erp',
  cluster: { provider: 'kind', workers: 2 },
  profile: 'minimal',
  deploy: { manifests: ['k8s', 'k8s/blue-green/api-gateway-blue.yml'], namespace: 'marimo-erp' },
  services: {
    gateway: {
      workload: 'Deployment/api-gateway-blue',
      build: app('api-gateway'),
      ports: ['18080:8080'],
      dependsOn: ['consul'],
    },
    auth: {
      workload: 'Deployment/auth-service',
      build: app('auth-service'),
      dependsOn: ['migrate', 'redis', 'rabbitmq'],
    },
    users: {
      workload: 'Deployment/users-service',
      build: app('users-service'),
      dependsOn: ['migrate', 'rabbitmq'],
    },
    migrate: { workload: 'Job/migrate', build: app('migrate'), dependsOn: ['postgres'] },
    backup: { workload: 'CronJob/postgres-backup' },
    postgres: { workload: 'StatefulSet/postgres' },
    redis: { workload: 'StatefulSet/redis' },
    consul: { workload: 'StatefulSet/consul' },
    rabbitmq: { workload: 'StatefulSet/rabbitmq' },
  },
  secrets: { 'marimo-secrets': { fromEnvFile: '.env', orElse: '.env.example' } },
  profiles: {
    staging: environment('staging', '18081:8080'),
    dev: environment('dev', '18082:8080'),
    // The next release of the gateway beside the current one. `devk switch` moves the traffic.
    green: {
      deploy: { manifests: ['k8s', 'k8s/blue-green'] },
      services: {
        'gateway-green': {
          workload: 'Deployment/api-gateway-green',
          build: app('api-gateway', '1.1.0'),
          dependsOn: ['consul'],
        },
      },
    },
    // The cluster of the record: three control planes, five workers.
    production: { cluster: { controlPlanes: 3, workers: 5 } },
  },
})
