import { defineConfig } from 'devk'

export default defineConfig({
  name: 'tls',
  presets: ['ingress', 'tls'],
  cluster: { ports: ['31090:80', '31453:443'] },
  deploy: { manifests: 'k8s' },
  services: { web: { build: { context: 'app' }, url: 'https://web.localhost:31453/' } },
})
