import { app, node, type Repository } from './repository.ts'

const go = (...lines: readonly string[]) => `FROM golang:1.24\nWORKDIR /src\n${lines.join('\n')}\nCMD ["/app"]\n`
const several = (...names: readonly (readonly [string, string])[]) =>
  names.map(([name, image]) => app(name, image)).join('---\n')

/** Repositories whose Dockerfiles and images have to be matched, and build contexts found. */
export const matching: readonly Repository[] = [
  {
    about: 'the folder above src names the image',
    files: {
      'services/cart/src/Dockerfile': node(),
      'services/cart/src/Dockerfile.debug': node(),
      'services/cart/src/a.js': '',
      'k.yaml': app('cart'),
    },
    services: { cart: 'services/cart/src/Dockerfile' },
  },
  {
    about: 'words at dashes, underscores and camelCase, short forms, and words that every image may have',
    files: {
      ...Object.fromEntries(
        ['vote', 'cartService', 'backend', 'frontend', 'product-page'].map((name) => [`${name}/Dockerfile`, node()]),
      ),
      'k.yaml': several(
        ['v', 'acme/examplevotingapp_vote'],
        ['c', 'acme/cart:2'],
        ['b', 'acme/shop-be'],
        ['f', 'acme/web-front-end'],
        ['p', 'acme/demo-productpage-v1'],
      ),
    },
    services: {
      'examplevotingapp-vote': 'vote/Dockerfile',
      cart: 'cartService/Dockerfile',
      'shop-be': 'backend/Dockerfile',
      'web-front-end': 'frontend/Dockerfile',
      'demo-productpage-v1': 'product-page/Dockerfile',
    },
    config: {},
    name: 'project',
  },
  {
    about: 'names of files',
    files: {
      'docker/api.Dockerfile': node('api /app'),
      'docker/Dockerfile.worker': node('worker /app'),
      'docker/web/Containerfile': node('web /app'),
      ...{ 'api/a.js': '', 'worker/a.js': '', 'web/a.js': '' },
      'k.yaml': several(['a', 'api'], ['b', 'acme/worker'], ['c', 'ghcr.io/acme/web:1']),
    },
    services: { api: 'docker/api.Dockerfile', worker: 'docker/Dockerfile.worker', web: 'docker/web/Containerfile' },
  },
  {
    about: 'Dockerfile.dev and Dockerfile.prod are of the same image, and no separate ones',
    files: {
      'Dockerfile.dev': node(),
      Dockerfile: node(),
      'Dockerfile.prod': node(),
      'a.js': '',
      'k.yaml': app('web', 'ghcr.io/acme/shop'),
    },
    services: { shop: 'Dockerfile' },
  },
  {
    about: 'the only Dockerfile builds the only image that nobody else publishes',
    files: {
      Dockerfile: node(),
      'a.js': '',
      'k.yaml': several(
        ['db', 'postgres:17'],
        ['x', 'registry.example:5000/team/portal:1'],
        ['graphs', 'grafana/grafana'],
      ),
    },
    services: { portal: 'Dockerfile', db: 'Deployment/db', graphs: 'Deployment/graphs' },
  },
  {
    about: 'an image of somebody else is not built from the Dockerfile that is left',
    files: {
      'api/Dockerfile': node(),
      'gadget/Dockerfile': node(),
      'k.yaml': several(['api', 'acme/api'], ['x', 'other/thing:1']),
    },
    services: { api: 'api/Dockerfile', x: 'Deployment/x' },
    notes: [/gadget\/Dockerfile builds\.$/],
  },
  {
    about: 'published images are not replaced',
    files: {
      'redis/Dockerfile': node(),
      'nginx/Dockerfile': node(),
      'k.yaml': several(['redis', 'redis:7'], ['nginx', 'bitnami/nginx']),
    },
    services: { redis: 'Deployment/redis', nginx: 'Deployment/nginx' },
    notes: [
      /^redis\/Dockerfile may build redis, .* --image redis=redis\/Dockerfile\.$/,
      /^nginx\/Dockerfile may build bitnami\/nginx/,
    ],
  },
  {
    about: "an organisation's own image may be called like a published one",
    files: { 'redis/Dockerfile': node(), 'k.yaml': app('redis', 'ghcr.io/acme/redis:1') },
    services: { redis: 'redis/Dockerfile' },
  },
  {
    about: 'a base image of a language would run nothing by itself',
    files: { 'node/Dockerfile': node(), 'k.yaml': app('node') },
    services: { node: 'node/Dockerfile' },
  },
  {
    about: 'stages of one Dockerfile',
    files: {
      Dockerfile: 'FROM node AS base\nFROM base AS development\nFROM base AS api\nFROM base AS worker\n',
      'k.yaml': several(['a', 'acme/shop-api'], ['b', 'acme/shop-worker']),
    },
    services: { api: 'Dockerfile#api', worker: 'Dockerfile#worker' },
    name: 'shop',
  },
  {
    about: 'of Dockerfiles in folders of the same name, the one near the manifests counts',
    files: { 'a/web/Dockerfile': node(), 'b/web/Dockerfile': node(), 'b/k8s/web.yaml': app('web') },
    services: { web: 'b/web/Dockerfile' },
    notes: [/a\/web\/Dockerfile builds\.$/],
  },
  {
    about: 'of Dockerfiles with a stage of the same name, the one that builds other images too counts',
    files: {
      'api-go/Dockerfile': `FROM golang:1.24 AS build\nFROM scratch AS api\nCOPY --from=build /app /app\n`,
      'app/Dockerfile': 'FROM node:22 AS base\nCOPY . .\nFROM base AS worker\nFROM base AS api\n',
      'k8s/all.yaml': several(['api', 'shop/api'], ['worker', 'shop/worker']),
    },
    services: { api: 'app/Dockerfile#api', worker: 'app/Dockerfile#worker' },
    notes: [/api-go\/Dockerfile builds\.$/],
    name: 'shop',
  },
  {
    about: 'contexts: what COPY names, also from a list and with patterns',
    files: {
      'docker/api/Dockerfile': go('COPY go.mod ./', 'COPY ["cmd", "./cmd"]', 'COPY vendor ./vendor'),
      'docker/web/Dockerfile': node('web/package*.json ./', 'web/src ./src'),
      ...{ 'go.mod': '', 'cmd/a.go': '', 'vendor/m.txt': '', 'web/package.json': '{}', 'web/src/a.js': '' },
      'k.yaml': several(['api', 'api'], ['web', 'web']),
    },
    config: { services: { api: { build: { context: '.' } }, web: { build: { context: '.' } } } },
  },
  {
    about: 'contexts: COPY . . takes the folder that has what the commands need',
    files: {
      'apps/api/Dockerfile': `FROM node\nCOPY . .\nRUN npm ci && npm run build -w api\n`,
      'apps/go/Dockerfile': go('COPY . .', 'RUN go build -o /app ./apps/go'),
      'apps/py/Dockerfile': 'FROM python\nCOPY . .\nRUN pip install -r requirements.txt\n',
      ...{ 'package.json': '{"workspaces":["apps/*"]}', 'package-lock.json': '{}', 'apps/api/package.json': '{}' },
      ...{ 'go.mod': '', 'apps/go/main.go': '', 'apps/py/requirements.txt': '', 'requirements.txt': '' },
      'k.yaml': several(['api', 'api'], ['go', 'acme/go'], ['py', 'py']),
    },
    config: {
      services: {
        api: { build: { context: '.' } },
        go: { build: { context: '.' } },
        py: { build: { context: 'apps/py' } },
      },
    },
  },
]
