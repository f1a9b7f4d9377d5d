import { nodeServer, pythonServer, type Running, redis, workload } from './running.ts'

/** Repositories whose authors develop with another tool. */
export const declared: readonly Running[] = [
  {
    about: 'Skaffold: two modules, a base image that an artifact requires, manual sync',
    files: {
      'skaffold.yaml': `apiVersion: skaffold/v4beta6
kind: Config
requires:
  - path: ./web
  - path: ./api
`,
      'web/skaffold.yaml': `apiVersion: skaffold/v4beta6
kind: Config
metadata: { name: web }
build:
  artifacts:
    - image: base
      context: ../base
    - image: web-app
      context: .
      requires: [{ image: base, alias: BASE }]
      sync: { manual: [{ src: "*.py", dest: . }] }
manifests: { rawYaml: [k8s/*] }
portForward:
  - { resourceType: deployment, resourceName: web, port: 8080, localPort: 9001 }
`,
      'api/skaffold.yaml': `apiVersion: skaffold/v4beta6
kind: Config
metadata: { name: api }
build: { artifacts: [{ image: api-app }] }
manifests: { rawYaml: [k8s/*] }
`,
      'base/Dockerfile': 'FROM python:3.12-slim\nENV PYTHONUNBUFFERED=1\nWORKDIR /app\n',
      'web/Dockerfile': 'ARG BASE\nFROM $BASE\nCOPY . .\nCMD ["python", "app.py"]\n',
      'web/app.py': pythonServer(8080, 'one', ['API']),
      'web/k8s/web.yaml': workload('web', 'web-app', 8080, { env: { API: 'http://api:8000' } }),
      'api/Dockerfile': 'FROM node:22-slim\nWORKDIR /srv\nCOPY . .\nCMD ["node", "server.js"]\n',
      'api/server.js': nodeServer(8000, 'api'),
      'api/k8s/api.yaml': workload('api', 'api-app', 8000),
    },
    answers: { 'http://localhost:9001': /^one api$/ },
    save: { file: 'api/server.js', from: "'api'", to: "'new'", url: 'http://localhost:9001', answer: /^one new$/ },
  },
  {
    about: 'Tilt: web pages of nginx with live_update, a back end and a cache, with objects of a helper function',
    files: {
      Tiltfile: `# -*- mode: Python -*-
allow_k8s_contexts('kind-kind')
docker_build('example-html-image', 'html', live_update=[sync('html/pages', '/usr/share/nginx/html')])
docker_build('example-counter', '.', dockerfile='counter/Dockerfile', only=['counter'])
k8s_yaml(['deploy/html.yaml', 'deploy/counter.yaml', 'deploy/cache.yaml'])
k8s_resource('html', port_forwards=8000)
k8s_resource('counter', port_forwards=[port_forward(9999, 3000)], resource_deps=['cache'])
`,
      'html/Dockerfile':
        'FROM nginx:alpine\nCOPY pages /usr/share/nginx/html\nCOPY nginx.conf /etc/nginx/conf.d/default.conf\n',
      'html/nginx.conf': 'server { listen 8000; root /usr/share/nginx/html; }\n',
      'html/pages/index.html': '<h1>one</h1>\n',
      'counter/Dockerfile': 'FROM node:22-alpine\nWORKDIR /app\nADD counter .\nENTRYPOINT ["node", "server.js"]\n',
      'counter/server.js': nodeServer(3000, 'counter', { CACHE: redis }),
      'deploy/html.yaml': workload('html', 'example-html-image', 8000),
      'deploy/counter.yaml': workload('counter', 'example-counter', 3000, { env: { CACHE: 'cache' } }),
      'deploy/cache.yaml': workload('cache', 'redis:7', 6379),
    },
    answers: { 'http://localhost:8000': /one/, 'http://localhost:9999': /^counter CACHE=\+PONG$/ },
    save: {
      ...{ file: 'html/pages/index.html', from: 'one', to: 'two' },
      ...{ url: 'http://localhost:8000', answer: /two/ },
    },
  },
  {
    about: 'DevSpace: images with tags and a registry, a development server in place of the command',
    files: {
      'devspace.yaml': `version: v2beta1
name: quickstart
vars: { IMAGE: ghcr.io/acme/quickstart }
images:
  app: { image: "\${IMAGE}", dockerfile: ./Dockerfile, context: ./ }
deployments:
  app: { kubectl: { manifests: [manifests] } }
dev:
  app:
    imageSelector: ghcr.io/acme/quickstart
    command: ["node", "--watch", "index.js"]
    sync: [{ path: ./:/app, excludePaths: [.git/, node_modules/, manifests/] }]
    ports: [{ port: "3100:3000" }]
`,
      Dockerfile: 'FROM node:22-alpine\nWORKDIR /app\nCOPY . .\nEXPOSE 3000\nCMD ["node", "index.js"]\n',
      'index.js': nodeServer(3000, 'one'),
      'manifests/app.yaml': workload('app', 'ghcr.io/acme/quickstart', 3000),
    },
    answers: { 'http://localhost:3100': /^one$/ },
    save: { file: 'index.js', from: "'one'", to: "'two'", url: 'http://localhost:3100', answer: /^two$/ },
  },
]
