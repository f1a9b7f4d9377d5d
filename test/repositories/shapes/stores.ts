import { app } from '../repository.ts'
import { compiled, from, type Shape } from './shape.ts'

const node = from(
  'node:22',
  'EXPOSE 8080',
  'WORKDIR /opt/server',
  'COPY package.json .',
  'RUN npm install',
  'COPY server.js .',
)
const java = compiled('maven:3-eclipse-temurin-21', 'mvn package', 'eclipse-temurin:21-jre')
const robot = (name: string) => app(name, `{{ .Values.image.repo }}/rs-${name}:{{ .Values.image.version }}`)

/** Demonstrations in which most services have one publisher and stores of their own. */
export const stores: readonly Shape[] = [
  {
    about: 'a shop of robots: a chart whose images have one prefix, stores with Dockerfiles of their own',
    files: {
      'docker-compose.yaml': `services:
  catalogue: { build: { context: catalogue }, image: "\${REPO}/rs-catalogue:\${TAG}" }
  mongodb: { build: { context: mongo }, image: "\${REPO}/rs-mongodb:\${TAG}" }
  shipping: { build: { context: shipping }, image: "\${REPO}/rs-shipping:\${TAG}" }
  redis: { image: "redis:6.2-alpine" }
`,
      '.env': 'REPO=robotshop\nTAG=2.1.0\n',
      'catalogue/Dockerfile': `${node}CMD ["node", "server.js"]\n`,
      'catalogue/package.json': '{}',
      'catalogue/server.js': '',
      'mongo/Dockerfile': from('mongo:5', 'COPY *.js /docker-entrypoint-initdb.d/'),
      'mongo/catalogue.js': '',
      'shipping/Dockerfile': java,
      'shipping/pom.xml': '<project/>',
      'load-gen/Dockerfile': from('python:3.13', 'COPY robot-shop.py /load/'),
      'load-gen/robot-shop.py': '',
      'K8s/helm/Chart.yaml': 'apiVersion: v1\nname: robot-shop\nversion: 1.1.0\n',
      'K8s/helm/values.yaml': 'image: { repo: robotshop, version: latest }\n',
      'K8s/helm/templates/catalogue.yaml': robot('catalogue'),
      'K8s/helm/templates/mongodb.yaml': robot('mongodb'),
      'K8s/helm/templates/shipping.yaml': robot('shipping'),
      'K8s/helm/templates/redis.yaml': app('redis', 'redis:6.2-alpine', 6379),
      'OpenShift/README.md': '',
    },
    built: {
      'rs-catalogue': 'catalogue/Dockerfile',
      'rs-mongodb': 'mongo/Dockerfile',
      'rs-shipping': 'shipping/Dockerfile',
    },
    synced: ['rs-catalogue'],
    others: ['Deployment/redis'],
    open: [/load-gen/],
  },
  {
    about: 'a shop of socks: manifests alone, with nothing to build, whole and in parts',
    files: {
      'deploy/kubernetes/complete-demo.yaml': ['carts', 'front-end']
        .map((n) => app(n, `acmeworks/${n}:0.3`))
        .join('---\n'),
      'deploy/kubernetes/manifests/carts-dep.yaml': app('carts', 'acmeworks/carts:0.3'),
      'deploy/kubernetes/manifests/front-end-dep.yaml': app('front-end', 'acmeworks/front-end:0.3'),
      'deploy/kubernetes/helm-chart/Chart.yaml': 'apiVersion: v2\nname: socks\nversion: 0.1.0\n',
      'deploy/kubernetes/helm-chart/values.yaml': 'org: acmeworks\n',
      'deploy/kubernetes/helm-chart/templates/carts.yaml': app('carts', '{{ .Values.org }}/carts:0.3'),
    },
    built: {},
    others: ['Deployment/carts', 'Deployment/front-end'],
    open: [
      /manifests\/carts-dep\.yaml.* would deploy Deployment carts too\. deploy\/kubernetes\/complete-demo\.yaml was/,
    ],
  },
  {
    about: 'a bank: a module of skaffold.yaml for each team, databases with names of their services',
    files: {
      'skaffold.yaml': `apiVersion: skaffold/v4beta4
kind: Config
requires: [{ path: src/accounts/skaffold.yaml }, { path: src/frontend/skaffold.yaml }]
`,
      'src/accounts/skaffold.yaml': `apiVersion: skaffold/v4beta4
kind: Config
metadata: { name: accounts }
build:
  artifacts: [{ image: accounts-db, context: accounts-db }, { image: userservice, context: userservice }]
manifests: { rawYaml: [../../kubernetes-manifests/accounts-db.yaml, ../../kubernetes-manifests/userservice.yaml] }
`,
      'src/frontend/skaffold.yaml': `apiVersion: skaffold/v4beta4
kind: Config
metadata: { name: frontend }
build: { artifacts: [{ image: frontend }] }
manifests: { rawYaml: [../../kubernetes-manifests/frontend.yaml] }
`,
      'src/accounts/accounts-db/Dockerfile': from('postgres:16-alpine', 'COPY initdb/* /docker-entrypoint-initdb.d/'),
      'src/accounts/accounts-db/initdb/0.sql': '',
      'src/accounts/userservice/Dockerfile': from(
        'python:3.13',
        'COPY . .',
        'CMD ["gunicorn", "userservice:create_app()"]',
      ),
      'src/accounts/userservice/userservice.py': '',
      'src/frontend/Dockerfile': from('python:3.13', 'WORKDIR /app', 'COPY . .', 'ENTRYPOINT ["gunicorn", "app:app"]'),
      'src/frontend/app.py': '',
      'kubernetes-manifests/accounts-db.yaml': app('accounts-db', 'accounts-db', 5432),
      'kubernetes-manifests/userservice.yaml': app('userservice'),
      'kubernetes-manifests/frontend.yaml': app('frontend'),
      'kubernetes-manifests/config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: environment }\n',
      'extras/cloudsql/frontend.yaml': app('frontend', 'gcr.io/acme-bank/frontend:v1'),
    },
    built: {
      'accounts-db': 'src/accounts/accounts-db/Dockerfile',
      userservice: 'src/accounts/userservice/Dockerfile',
      frontend: 'src/frontend/Dockerfile',
    },
    synced: ['frontend'],
  },
]
