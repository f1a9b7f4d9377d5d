import { defineConfig } from 'devk'

export default defineConfig({
  name: 'release',
  cluster: { ports: ['30190:30090', '30191:30091'] },
  deploy: { kustomize: 'k8s/overlays/dev' },
  scale: { replicas: 2, requests: 0.01, storage: '1Gi', hosts: { 'example.com': 'localhost' } },
  services: {
    web: { build: { context: 'app' }, workload: 'Deployment/web' },
    blue: { build: { context: 'app' }, workload: 'Deployment/gate-blue' },
    green: { build: { context: 'app' }, workload: 'Deployment/gate-green' },
    store: { build: { context: 'app' }, workload: 'StatefulSet/store' },
  },
})
