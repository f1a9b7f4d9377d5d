import { app } from '../repository.ts'
import { compiled, from, type Shape } from './shape.ts'

const node = from(
  'node:22-slim',
  'WORKDIR /app',
  'COPY package.json .',
  'RUN npm i',
  'COPY . .',
  'CMD ["npm", "start"]',
)
const plain =
  '{ "scripts": { "start": "node server.js", "dev": "nodemon server.js" }, "dependencies": { "nodemon": "3" } }'
const go = compiled('golang:1.25', 'go build -o /out .', 'scratch')

/** Repositories whose authors wrote down for a tool how they build, deploy and develop. */
export const tools: readonly Shape[] = [
  {
    about: 'Compose alone: images with names of a registry that a variable holds, and stores of others',
    files: {
      'docker-compose.yml': `services:
  catalogue:
    build: { context: catalogue }
    image: \${REPO:-acme}/rs-catalogue:\${TAG:-latest}
    depends_on: [mongodb]
    ports: ["8081:8080"]
    volumes: ["./catalogue:/app", "/app/node_modules"]
  shipping:
    build: { context: shipping }
    image: \${REPO:-acme}/rs-shipping:\${TAG:-latest}
    ports: ["8082:8080"]
  mongodb:
    image: mongo:7
    ports: ["27017"]
`,
      'catalogue/Dockerfile': node,
      'catalogue/package.json': plain,
      'catalogue/server.js': '',
      'shipping/Dockerfile': go,
      'shipping/go.mod': '',
    },
    built: { 'rs-catalogue': 'catalogue/Dockerfile', 'rs-shipping': 'shipping/Dockerfile' },
    synced: ['rs-catalogue'],
    others: ['Deployment/mongodb'],
  },
  {
    about: 'Compose beside manifests: the names in both differ',
    files: {
      'compose.yaml': `services:
  front: { build: ./front, volumes: ["./front/src:/app/src"], ports: ["3000:3000"], command: npm run dev }
  store: { image: "postgres:17" }
`,
      'front/Dockerfile': node,
      'front/package.json': plain,
      'front/src/a.js': '',
      'manifests/front.yaml': app('front', 'registry.example.com/team/shop-front:3', 3000),
      'manifests/store.yaml': app('store', 'postgres:17', 5432),
    },
    built: { front: 'front/Dockerfile' },
    synced: ['front'],
    others: ['Deployment/store'],
  },
  {
    about: 'Skaffold: artifacts with patterns to sync, profiles and a builder that is not Docker',
    files: {
      'skaffold.yaml': `apiVersion: skaffold/v4beta11
kind: Config
build:
  artifacts:
    - image: node-example
      context: node
      sync: { manual: [{ src: 'src/**/*.js', dest: . }] }
    - image: python-example
      context: python
      sync: { infer: ['**/*.py'] }
    - image: java-example
      context: java
      jib: { project: acme:java }
manifests: { rawYaml: ['*/k8s/**'] }
profiles: [{ name: gcb, build: { googleCloudBuild: {} } }]
`,
      'node/Dockerfile': node,
      'node/package.json': plain,
      'node/src/a.js': '',
      'node/k8s/node.yaml': app('node', 'node-example'),
      'python/Dockerfile': from('python:3.13', 'WORKDIR /app', 'COPY . .', 'CMD ["python", "app.py"]'),
      'python/app.py': '',
      'python/k8s/python.yaml': app('python', 'python-example'),
      'java/pom.xml': '<project/>',
      'java/k8s/java.yaml': app('java', 'java-example'),
    },
    built: { 'node-example': 'node/Dockerfile', 'python-example': 'python/Dockerfile' },
    synced: ['node-example', 'python-example'],
    others: ['Deployment/java'],
    open: [/java-example is built with jib/, /^No Dockerfile seems to build java-example/],
  },
  {
    about: 'Tilt: live_update with a restart, a loop over services and a local build',
    files: {
      Tiltfile: `load('ext://restart_process', 'docker_build_with_restart')
local_resource('compile', 'go build -o build/api ./api', deps=['api'])
docker_build_with_restart('acme/tilt-api', '.', dockerfile='deploy/api.dockerfile', entrypoint=['/app/api'],
  only=['./build'], live_update=[sync('./build', '/app/build')])
docker_build('acme/tilt-web', 'web', live_update=[
  fall_back_on('web/package.json'), sync('web', '/app'), run('npm i', trigger='web/package.json')])
k8s_yaml(['deploy/api.yaml', 'deploy/web.yaml'])
k8s_resource('web', port_forwards='5735:3000', labels=['front'])
`,
      'deploy/api.dockerfile': from('alpine', 'ADD build /app/build', 'ENTRYPOINT /app/build/api'),
      ...{ 'api/main.go': '', 'go.mod': '', 'build/api': '' },
      'web/Dockerfile': node,
      'web/package.json': plain,
      'web/server.js': '',
      'deploy/api.yaml': app('api', 'acme/tilt-api'),
      'deploy/web.yaml': app('web', 'acme/tilt-web', 3000),
    },
    built: { 'tilt-api': 'deploy/api.dockerfile', 'tilt-web': 'web/Dockerfile' },
    synced: ['tilt-api', 'tilt-web'],
    open: [/^Tiltfile:2: local_resource: .* compile\.$/],
  },
  {
    about: 'DevSpace: two images, sync into containers that are chosen by labels',
    files: {
      'devspace.yaml': `version: v2beta1
name: shop
images:
  api: { image: acme/ds-api, context: api, dockerfile: api/Dockerfile }
  web: { image: acme/ds-web, context: web, dockerfile: web/Dockerfile }
deployments:
  shop: { kubectl: { manifests: [kube] } }
dev:
  api: { imageSelector: acme/ds-api, sync: [{ path: "./api:/app" }], ports: [{ port: "8080" }] }
  web: { labelSelector: { app: web }, sync: [{ path: "web:/app", excludePaths: [node_modules] }] }
`,
      'api/Dockerfile': from('python:3.13', 'WORKDIR /app', 'COPY . .', 'CMD ["python", "main.py"]'),
      'api/main.py': '',
      'web/Dockerfile': node,
      'web/package.json': plain,
      'kube/api.yaml': app('api', 'acme/ds-api'),
      'kube/web.yaml': app('web', 'acme/ds-web'),
    },
    built: { 'ds-api': 'api/Dockerfile', 'ds-web': 'web/Dockerfile' },
    synced: ['ds-api', 'ds-web'],
  },
  {
    about: 'Okteto: builds with variables of its registry, development containers with sync',
    files: {
      'okteto.yml': `build:
  catalog: { context: catalog }
  rent: { context: rent }
deploy:
  - name: all
    command: kubectl apply -f k8s
dev:
  catalog: { command: npm run dev, sync: ["catalog:/app"], forward: ["9229:9229"] }
  rent: { image: okteto/golang:1, command: bash, sync: ["rent:/src"] }
`,
      'catalog/Dockerfile': node,
      'catalog/package.json': plain,
      'catalog/server.js': '',
      'rent/Dockerfile': go,
      'rent/go.mod': '',
      'k8s/catalog.yaml': app('catalog', 'okteto.dev/catalog:dev'),
      'k8s/rent.yaml': app('rent', 'okteto.dev/rent:dev'),
      'k8s/kafka.yaml': app('kafka', 'bitnami/kafka:3', 9092),
    },
    built: { catalog: 'catalog/Dockerfile', rent: 'rent/Dockerfile' },
    synced: ['catalog'],
    others: ['Deployment/kafka'],
    open: [/^rent: rent is synced into okteto\/golang:1, which takes the place of the image/],
  },
  {
    about: 'devcontainer.json for the editor, with a Dockerfile of its own, beside manifests',
    files: {
      '.devcontainer/devcontainer.json': '{ "build": { "dockerfile": "Dockerfile" }, "forwardPorts": [8080] }',
      '.devcontainer/Dockerfile': from('mcr.microsoft.com/devcontainers/go:1'),
      Dockerfile: go,
      ...{ 'go.mod': '', 'main.go': '' },
      'k8s/app.yaml': app('app', 'acme/weather'),
    },
    built: { weather: 'Dockerfile' },
  },
  {
    about: 'Procfile beside a Dockerfile: a web process and a worker of one image',
    files: {
      Dockerfile: from('python:3.13', 'WORKDIR /app', 'COPY . .', 'EXPOSE 8000', 'CMD ["gunicorn", "site:app"]'),
      'site.py': '',
      Procfile: 'web: gunicorn site:app --bind 0.0.0.0:8000\nworker: python worker.py\n',
    },
    built: { shop: 'Dockerfile', worker: 'Dockerfile' },
    synced: ['shop'],
  },
  {
    about: 'Dockerfiles alone, in folders of services',
    files: {
      'services/cart/Dockerfile': from('node:22', 'WORKDIR /app', 'COPY . .', 'EXPOSE 7070', 'CMD ["node", "cart.js"]'),
      'services/cart/cart.js': '',
      'services/mail/Dockerfile': `${go}EXPOSE 9090\n`,
      'services/mail/go.mod': '',
      'tools/lint/Dockerfile': from('alpine'),
    },
    built: { cart: 'services/cart/Dockerfile', mail: 'services/mail/Dockerfile' },
    synced: ['cart'],
  },
]
