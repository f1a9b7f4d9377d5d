import { nodeServer, postgres, pythonServer, type Running, redis, workload } from './running.ts'

const vote = 'http://localhost:31000'

/** Repositories with manifests and Dockerfiles alone. */
export const deployed: readonly Running[] = [
  {
    about: 'manifests: two languages, two stores, a node port and a load balancer, published names of images',
    files: {
      'vote/Dockerfile': `FROM python:3.12-slim AS base
WORKDIR /usr/local/app
FROM base AS dev
CMD ["python", "-u", "app.py"]
FROM base AS final
COPY . .
CMD ["python", "app.py"]
`,
      'vote/app.py': pythonServer(80, 'vote', ['RESULT']),
      'result/Dockerfile': `FROM node:22-slim
WORKDIR /usr/local/app
COPY package*.json ./
COPY . .
ENV PORT=80
EXPOSE 80
CMD ["node", "server.js"]
`,
      'result/package.json': '{ "name": "result", "version": "1.0.0" }',
      'result/server.js': nodeServer(80, 'result', { DB: postgres, CACHE: redis }),
      'k8s-specifications/vote.yaml': workload('vote', 'acmesamples/examplevotingapp_vote', 80, {
        ...{ type: 'NodePort', nodePort: 31000, servicePort: 8080, env: { RESULT: 'http://result:8081' } },
      }),
      'k8s-specifications/result.yaml': workload('result', 'acmesamples/examplevotingapp_result', 80, {
        ...{ type: 'LoadBalancer', servicePort: 8081, env: { DB: 'db', CACHE: 'redis' } },
      }),
      'k8s-specifications/db.yaml': workload('db', 'postgres:15-alpine', 5432, {
        env: { POSTGRES_USER: 'postgres', POSTGRES_PASSWORD: 'postgres' },
      }),
      'k8s-specifications/redis.yaml': workload('redis', 'redis:7-alpine', 6379),
    },
    answers: {
      [vote]: /^vote result DB=N CACHE=\+PONG$/,
      'http://localhost:8081': /^result DB=N CACHE=\+PONG$/,
    },
    save: { file: 'result/server.js', from: "'result'", to: "'new'", url: vote, answer: /^vote new/ },
  },
  {
    about: 'kustomize: a base with overlays, images that the overlay names, a ConfigMap that it generates',
    files: {
      'services/catalog/Dockerfile': 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . /app\nCMD ["python", "main.py"]\n',
      'services/catalog/main.py': pythonServer(8080, 'one'),
      'services/gateway/Dockerfile':
        'FROM python:3.12-slim\nCOPY services/gateway /app\nCMD ["python", "/app/main.py"]\n',
      'services/gateway/main.py': pythonServer(8080, 'gateway', ['CATALOG']),
      'deploy/base/kustomization.yaml': 'resources: [catalog.yaml, gateway.yaml]\n',
      'deploy/base/catalog.yaml': workload('catalog', 'catalog', 8080),
      'deploy/base/gateway.yaml': workload('gateway', 'gateway', 8080).replace(
        'ports: [{ containerPort: 8080 }]',
        'ports: [{ containerPort: 8080 }]\n          envFrom: [{ configMapRef: { name: gateway } }]',
      ),
      'deploy/overlays/dev/kustomization.yaml': `namespace: catalog
resources: [../../base]
images:
  - { name: catalog, newName: registry.example.com/team/shop/catalog, newTag: v3 }
  - { name: gateway, newName: registry.example.com/team/shop/gateway, newTag: v3 }
configMapGenerator:
  - { name: gateway, literals: ["CATALOG=http://catalog:8080"] }
replicas: [{ name: gateway, count: 1 }]
`,
      'deploy/overlays/prod/kustomization.yaml': 'namespace: prod\nresources: [../../base]\n',
    },
    answers: { 'http://localhost:18080': /^gateway one$/ },
    save: {
      ...{ file: 'services/catalog/main.py', from: "'one'", to: "'two'" },
      ...{ url: 'http://localhost:18080', answer: /^gateway two$/ },
    },
  },
  {
    about: 'workspaces of npm, built from the root, with a common base image',
    files: {
      'package.json': JSON.stringify({
        ...{ name: 'monorepo', private: true, workspaces: ['packages/*'] },
        scripts: { start: 'npm -w web start' },
      }),
      'docker/base.Dockerfile': 'FROM node:22-slim\nWORKDIR /repo\nENV GREETING=one\n',
      'packages/lib/package.json': '{ "name": "@acme/lib", "main": "index.js" }',
      'packages/lib/index.js': "module.exports = 'one'\n",
      'packages/web/package.json':
        '{ "name": "web", "scripts": { "start": "node server.js", "dev": "node --watch server.js" } }',
      'packages/web/Dockerfile': `FROM acme/base:latest
COPY package.json ./
COPY packages packages
CMD ["npm", "start", "-w", "web"]
`,
      'packages/web/server.js': nodeServer(3000, 'lib').replace("'lib'", "require('../lib/index.js')"),
      'k8s.yaml': workload('web', 'acme/web:latest', 3000),
    },
    answers: { 'http://localhost:3000': /^one$/ },
    save: { file: 'packages/lib/index.js', from: 'one', to: 'two', url: 'http://localhost:3000', answer: /^two$/ },
  },
]
