import { defineConfig } from 'devk'

const build = { context: 'app' }

export default defineConfig({
  name: 'ingress',
  presets: ['ingress'],
  cluster: { ports: ['31080:80', '31443:443'] },
  deploy: { manifests: 'k8s' },
  services: {
    main: { build, workload: 'Deployment/main', url: 'http://one.localhost:31080/' },
    canary: { build, workload: 'Deployment/canary' },
  },
})
