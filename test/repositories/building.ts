import { app, container, node, type Repository } from './repository.ts'

const none = { 'k8s/web.yaml': app('web') }

/** Repositories whose images are built from other images of theirs, or whose names do not say which is which. */
export const building: readonly Repository[] = [
  {
    about: 'an image after FROM that the repository builds is a service without a workload',
    files: {
      ...none,
      'base/Dockerfile': 'FROM node:24\nWORKDIR /srv\nCOPY tools /tools\nENTRYPOINT ["node"]\n',
      ...{ 'base/tools/x.js': '', 'web/a.js': '' },
      'web/Dockerfile': 'ARG TAG=1.2\nFROM acme/base:$TAG\nCOPY . .\nCMD ["a.js"]\n',
    },
    services: { base: 'base/Dockerfile', web: 'web/Dockerfile' },
    config: {
      services: {
        base: { image: 'acme/base', build: { context: 'base' } },
        web: { build: { context: 'web' }, sync: [{ from: 'web', to: '/srv' }], command: ['node', '--watch', 'a.js'] },
      },
    },
  },
  {
    about: 'a base image without an organisation keeps its version, and may have a base itself',
    files: {
      ...none,
      'docker/base.Dockerfile': 'FROM os-base AS os\nRUN x\n',
      'docker/os-base.Dockerfile': 'FROM debian\n',
      'web/Dockerfile': 'FROM base:2\n',
    },
    services: { base: 'docker/base.Dockerfile', 'os-base': 'docker/os-base.Dockerfile', web: 'web/Dockerfile' },
    config: { services: { base: { image: 'base:2', build: { context: 'docker', dockerfile: 'base.Dockerfile' } } } },
  },
  {
    about: 'an image after FROM that others publish is not replaced by one of the same name',
    files: { ...none, 'python/Dockerfile': node(), 'web/Dockerfile': 'FROM python:3.12\n' },
    services: { web: 'web/Dockerfile' },
    notes: [/^No workload of the manifests runs an image that python\/Dockerfile builds\.$/],
  },
  {
    about: 'Dockerfiles that start from each other do not end in a circle',
    files: {
      ...none,
      'a/Dockerfile': 'FROM acme/b\n',
      'b/Dockerfile': 'FROM acme/a\n',
      'web/Dockerfile': 'FROM acme/a\n',
    },
    services: { a: 'a/Dockerfile', b: 'b/Dockerfile', web: 'web/Dockerfile' },
  },
  {
    about: 'an artifact of Skaffold that another one requires, and the port of a workload that has another name',
    files: {
      'skaffold.yaml': `apiVersion: skaffold/v4beta6
build:
  artifacts:
    - { image: common, context: lib }
    - { image: thing, context: web, requires: [{ image: common, alias: BASE }], sync: { manual: [{ src: '**/*.py', dest: . }] } }
manifests: { rawYaml: [k8s/*] }
portForward: [{ resourceType: service, resourceName: web, port: 80, localPort: 9000 }]
`,
      'lib/Dockerfile': 'FROM python:3.12\nWORKDIR /app\n',
      'web/Dockerfile': 'ARG BASE\nFROM $BASE\nCOPY . .\nCMD ["python", "a.py"]\n',
      ...{ 'web/a.py': '', 'k8s/web.yaml': app('web', 'thing') },
    },
    services: { common: 'lib/Dockerfile', thing: 'web/Dockerfile' },
    config: {
      services: {
        thing: {
          build: { context: 'web', args: { BASE: 'common' } },
          ...{ sync: [{ from: 'web', to: '/app' }], rebuild: ['**', '!**/*.py'], ports: ['9000:80'] },
        },
      },
    },
  },
  {
    about: 'arguments of the manifests are the command where the image has no entry point',
    files: {
      ...{ 'web/Dockerfile': 'FROM node:24\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n', 'web/server.js': '' },
      'k8s/web.yaml': container('web', 'image: web', 'args: [node, server.js]'),
    },
    live: { sync: [{ from: 'web', to: '/app' }], command: ['node'], args: ['--watch', 'server.js'] },
  },
  {
    about: 'a script of a workspace, which the root of the repository starts',
    files: {
      ...{
        'web/Dockerfile': node().replace('"node", "server.js"', '"npm", "-w", "@acme/web", "start"'),
        'k8s/web.yaml': app('web'),
      },
      'package.json': '{ "workspaces": ["packages/*"], "scripts": { "start": "x" } }',
      'packages/web/package.json': '{ "name": "@acme/web", "scripts": { "start": "node server.js" } }',
    },
    flags: { image: ['web=web/Dockerfile'] },
    config: {
      services: {
        web: {
          sync: [{ from: '.', to: '/app', exclude: ['**/node_modules'] }],
          command: ['sh', '-c', "cd 'packages/web' && exec node --watch server.js"],
        },
      },
    },
  },
  {
    about: 'a Job has no port to forward',
    files: {
      'web/Dockerfile': node(),
      'k8s/web.yaml': container('web', 'image: web', 'ports: [{ containerPort: 80 }]')
        .replace('apps/v1', 'batch/v1')
        .replace('Deployment', 'Job'),
    },
    services: { web: 'web/Dockerfile' },
    live: {},
  },
  {
    about: 'versions of one image come from one Dockerfile',
    files: {
      ...{ 'src/reviews/reviews-wlp/Dockerfile': 'FROM x\n', 'src/details/Dockerfile': 'FROM x\n' },
      'k8s/shop.yaml': ['acme/shop-reviews-v1', 'acme/shop-reviews-v2', 'acme/shop-details-v1']
        .map((image) => app(image.slice(10), image))
        .join('---\n'),
    },
    services: {
      'reviews-v1': 'src/reviews/reviews-wlp/Dockerfile',
      'reviews-v2': 'src/reviews/reviews-wlp/Dockerfile',
      'details-v1': 'src/details/Dockerfile',
    },
  },
  {
    about: 'a chart that only lacks helm is chosen if what can be read runs less',
    files: {
      ...{ 'web/Dockerfile': node(), 'api/Dockerfile': node(), 'k8s/load.yaml': app('load', 'redis:7') },
      'k8s/chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\n',
      'k8s/chart/values.yaml': 'repo: acme\n',
      'k8s/chart/templates/web.yaml': `${app('web', '{{ .Values.repo }}/web:1')}---\n${app('api', '{{ .Values.repo }}/api:1')}`,
    },
    deploy: { helm: [{ name: 'shop', chart: 'k8s/chart' }] },
    services: { api: 'api/Dockerfile', web: 'web/Dockerfile' },
    notes: [/^Without helm/, /^k8s\/load\.yaml is not deployed/],
  },
  {
    about: 'a tool deploys a file in the folder of a kustomization beside the kustomization',
    files: {
      'skaffold.yaml': `apiVersion: skaffold/v3
build: { artifacts: [{ image: web, context: web }] }
manifests: { kustomize: { paths: [k8s] } }
---
apiVersion: skaffold/v3
build: { artifacts: [{ image: load, context: load }] }
manifests: { rawYaml: [./k8s/load.yaml] }
`,
      ...{ 'web/Dockerfile': node(), 'load/Dockerfile': node(), 'k8s/kustomization.yaml': 'resources: [web.yaml]\n' },
      ...{ 'k8s/web.yaml': app('web'), 'k8s/load.yaml': app('load') },
    },
    deploy: { kustomize: 'k8s', manifests: 'k8s/load.yaml' },
    services: { load: 'load/Dockerfile', web: 'web/Dockerfile' },
    notes: [/^Without a kubectl that devk can use/],
  },
]
