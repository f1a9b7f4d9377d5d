import { app } from '../repository.ts'
import { compiled, from, type Shape } from './shape.ts'

const node = from('node:22-alpine', 'WORKDIR /usr/src/app', 'COPY package*.json ./', 'RUN npm install', 'COPY . .')
const python = from('python:3.13-slim', 'WORKDIR /app', 'COPY . .')
const go = compiled('golang:1.25', 'go build -o /out .', 'scratch')
const java = compiled('eclipse-temurin:21', './gradlew installDist', 'eclipse-temurin:21-jre')
const several = (...names: readonly (readonly [string, string])[]) =>
  names.map(([name, image]) => app(name, image)).join('---\n')

const boutique = {
  'src/frontend/Dockerfile': go,
  'src/frontend/main.go': '',
  'src/cartservice/src/Dockerfile': from('mcr.microsoft.com/dotnet/sdk:9.0', 'COPY cartservice.csproj .', 'COPY . .'),
  'src/cartservice/src/Dockerfile.debug': from('mcr.microsoft.com/dotnet/sdk:9.0', 'COPY . .'),
  'src/cartservice/src/cartservice.csproj': '',
  'src/currencyservice/Dockerfile': `${node}ENTRYPOINT ["node", "server.js"]\n`,
  'src/currencyservice/package.json': '{}',
  'src/currencyservice/server.js': '',
  'src/emailservice/Dockerfile': `${python}ENTRYPOINT ["python", "email_server.py"]\n`,
  'src/emailservice/email_server.py': '',
  'src/adservice/Dockerfile': java,
  'src/adservice/build.gradle': '',
  'src/loadgenerator/Dockerfile': `${python}ENTRYPOINT locust\n`,
}
const services = ['adservice', 'cartservice', 'currencyservice', 'emailservice', 'frontend']
const built = {
  adservice: 'src/adservice/Dockerfile',
  cartservice: 'src/cartservice/src/Dockerfile',
  currencyservice: 'src/currencyservice/Dockerfile',
  emailservice: 'src/emailservice/Dockerfile',
  frontend: 'src/frontend/Dockerfile',
}
const plain = (folder: string, prefix = '') =>
  Object.fromEntries(services.map((name) => [`${folder}/${name}.yaml`, app(name, `${prefix}${name}`)]))
const release = services.map((name) => app(name, `gcr.io/acme-demo/microservices/${name}:v1`)).join('---\n')

/** Demonstrations of shops and banks, with many services, many languages and many ways to deploy them. */
export const markets: readonly Shape[] = [
  {
    about: 'a shop: manifests per service for skaffold.yaml, a release in one file, a kustomization and a chart beside',
    files: {
      ...boutique,
      ...plain('kubernetes-manifests'),
      'kubernetes-manifests/redis.yaml': app('redis-cart', 'redis:alpine', 6379),
      'kubernetes-manifests/kustomization.yaml': `resources: [${services.map((name) => `${name}.yaml`).join(', ')}]\n`,
      'release/kubernetes-manifests.yaml': release,
      'kustomize/kustomization.yaml': 'resources: [base]\n',
      'kustomize/base/kustomization.yaml': 'resources: [all.yaml]\n',
      'kustomize/base/all.yaml': release,
      'helm-chart/Chart.yaml': 'apiVersion: v2\nname: onlineshop\nversion: 0.1.0\n',
      'helm-chart/values.yaml': 'images: { repository: gcr.io/acme-demo }\n',
      'helm-chart/templates/all.yaml': app('frontend', '{{ .Values.images.repository }}/frontend:1'),
      'skaffold.yaml': `apiVersion: skaffold/v3
kind: Config
metadata: { name: app }
build:
  platforms: ["linux/amd64"]
  artifacts:
${services.map((name) => `  - { image: ${name}, context: src/${name}${name === 'cartservice' ? '/src' : ''} }\n`).join('')}
  tagPolicy: { gitCommit: {} }
manifests: { kustomize: { paths: [kubernetes-manifests] } }
deploy: { kubectl: {} }
---
apiVersion: skaffold/v3
kind: Config
metadata: { name: loadgenerator }
requires: [{ configs: [app] }]
build: { artifacts: [{ image: loadgenerator, context: src/loadgenerator }] }
`,
    },
    built,
    synced: ['currencyservice'],
    open: [/loadgenerator/],
  },
  {
    about: 'a shop without a file of a tool: manifests per service, and a release of the same in one file',
    files: {
      ...boutique,
      ...plain('kubernetes-manifests'),
      'kubernetes-manifests/loadgenerator.yaml': app('loadgenerator'),
      'kubernetes-manifests/redis.yaml': app('redis-cart', 'redis:alpine', 6379),
      'release/kubernetes-manifests.yaml': release,
    },
    built: { ...built, loadgenerator: 'src/loadgenerator/Dockerfile' },
    synced: ['currencyservice'],
    others: ['Deployment/redis-cart'],
    open: [/^release\/kubernetes-manifests\.yaml would deploy Deployment \w+ too\./],
  },
  {
    about: 'a shop of reviews: versions of images under the name of the project, variants of the same objects',
    files: {
      'samples/bookinfo/src/productpage/Dockerfile': `${python}CMD ["python", "productpage.py", "9080"]\n`,
      'samples/bookinfo/src/productpage/productpage.py': '',
      'samples/bookinfo/src/details/Dockerfile': from(
        'ruby:3.4',
        'COPY . /opt',
        'CMD ["ruby", "/opt/details.rb", "9080"]',
      ),
      'samples/bookinfo/src/reviews/reviews-wlpcfg/Dockerfile': from('open-liberty:full', 'COPY servers/app /opt'),
      'samples/bookinfo/src/reviews/reviews-wlpcfg/servers/app/server.xml': '',
      'samples/bookinfo/src/ratings/Dockerfile': `${node}CMD ["node", "ratings.js", "9080"]\n`,
      'samples/bookinfo/src/ratings/package.json': '{}',
      'samples/bookinfo/src/ratings/ratings.js': '',
      'samples/bookinfo/src/mysql/Dockerfile': from('mysql:8', 'COPY mysqldb-init.sql /'),
      'samples/bookinfo/src/mysql/mysqldb-init.sql': '',
      'samples/bookinfo/platform/kube/bookinfo.yaml': several(
        ['details-v1', 'docker.io/istio/examples-bookinfo-details-v1:1.20.1'],
        ['ratings-v1', 'docker.io/istio/examples-bookinfo-ratings-v1:1.20.1'],
        ['reviews-v1', 'docker.io/istio/examples-bookinfo-reviews-v1:1.20.1'],
        ['reviews-v2', 'docker.io/istio/examples-bookinfo-reviews-v2:1.20.1'],
        ['productpage-v1', 'docker.io/istio/examples-bookinfo-productpage-v1:1.20.1'],
      ),
      'samples/bookinfo/platform/kube/bookinfo-ratings-v2-mysql.yaml': app(
        'ratings-v2-mysql',
        'docker.io/istio/examples-bookinfo-ratings-v2:1.20.1',
      ),
      'samples/bookinfo/platform/kube/bookinfo-ratings.yaml': app(
        'ratings-v1',
        'docker.io/istio/examples-bookinfo-ratings-v1:1.20.1',
      ),
      'samples/bookinfo/platform/kube/bookinfo-mysql.yaml': app(
        'mysqldb-v1',
        'docker.io/istio/examples-bookinfo-mysqldb:1.20.1',
      ),
      'samples/bookinfo/networking/gateway.yaml':
        'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: bookinfo }\n',
    },
    built: {
      'examples-bookinfo-details-v1': 'samples/bookinfo/src/details/Dockerfile',
      'examples-bookinfo-ratings-v1': 'samples/bookinfo/src/ratings/Dockerfile',
      'examples-bookinfo-reviews-v1': 'samples/bookinfo/src/reviews/reviews-wlpcfg/Dockerfile',
      'examples-bookinfo-reviews-v2': 'samples/bookinfo/src/reviews/reviews-wlpcfg/Dockerfile',
      'examples-bookinfo-productpage-v1': 'samples/bookinfo/src/productpage/Dockerfile',
    },
    synced: ['examples-bookinfo-ratings-v1'],
    open: [/bookinfo-ratings/, /mysql/, /Gateway/],
  },
  {
    about: 'a vote: Compose with stages for development, manifests with published names, a seed beside',
    files: {
      'docker-compose.yml': `services:
  vote:
    build: { context: ./vote, target: dev }
    depends_on: { redis: { condition: service_healthy } }
    volumes: ["./vote:/usr/local/app"]
    ports: ["8080:80"]
  result:
    build: ./result
    entrypoint: nodemon --inspect=0.0.0.0 server.js
    volumes: ["./result:/usr/local/app"]
    ports: ["8081:80", "127.0.0.1:9229:9229"]
  worker: { build: { context: ./worker } }
  redis: { image: "redis:alpine", volumes: ["./healthchecks:/healthchecks"] }
  db: { image: "postgres:15-alpine", volumes: ["db-data:/var/lib/postgresql/data", "./healthchecks:/healthchecks"] }
  seed: { build: ./seed-data, profiles: [seed] }
volumes: { db-data: {} }
`,
      'vote/Dockerfile': `FROM python:3.13-slim AS base
WORKDIR /usr/local/app
COPY requirements.txt ./requirements.txt
RUN pip install -r requirements.txt
FROM base AS dev
RUN pip install watchdog
ENV FLASK_ENV=development
CMD ["python", "app.py"]
FROM base AS final
COPY . .
CMD ["gunicorn", "app:app", "-b", "0.0.0.0:80"]
`,
      'vote/app.py': '',
      'vote/requirements.txt': 'Flask\n',
      'result/Dockerfile': from(
        'node:22-slim',
        'WORKDIR /usr/local/app',
        'RUN npm install -g nodemon',
        'COPY package*.json ./',
        'RUN npm ci',
        'COPY . .',
        'CMD ["node", "server.js"]',
      ),
      'result/package.json': '{}',
      'result/server.js': '',
      'worker/Dockerfile': compiled(
        'mcr.microsoft.com/dotnet/sdk:8.0',
        'dotnet publish -o /out',
        'mcr.microsoft.com/dotnet/runtime:8.0',
      ),
      'worker/Worker.csproj': '',
      'seed-data/Dockerfile': python,
      'seed-data/make-data.py': '',
      'healthchecks/redis.sh': '',
      'k8s-specifications/vote-deployment.yaml': app('vote', 'dockersamples/examplevotingapp_vote', 80),
      'k8s-specifications/result-deployment.yaml': app('result', 'dockersamples/examplevotingapp_result', 80),
      'k8s-specifications/worker-deployment.yaml': app('worker', 'dockersamples/examplevotingapp_worker', 80),
      'k8s-specifications/db-deployment.yaml': app('db', 'postgres:15-alpine', 5432),
      'k8s-specifications/redis-deployment.yaml': app('redis', 'redis:alpine', 6379),
    },
    built: {
      'examplevotingapp-vote': 'vote/Dockerfile#dev',
      'examplevotingapp-result': 'result/Dockerfile',
      'examplevotingapp-worker': 'worker/Dockerfile',
    },
    synced: ['examplevotingapp-vote', 'examplevotingapp-result'],
    others: ['Deployment/db', 'Deployment/redis'],
    open: [/seed-data/],
  },
]
