import { app, node, type Repository } from './repository.ts'

const web = { 'web/Dockerfile': node(), 'web/server.js': '' }
const chart = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
  'chart/values.yaml': 'image: web\n',
  'chart/values-local.yaml': '',
  'chart/templates/web.yaml': app('web', '{{ .Values.image }}'),
}

/** Repositories whose authors wrote down for another tool how to build, deploy and develop them. */
export const declaring: readonly Repository[] = [
  {
    about: 'skaffold.yaml says which Dockerfile builds an image, against all names, and what is deployed',
    files: {
      'skaffold.yaml': `apiVersion: skaffold/v4beta13
build:
  artifacts:
    - image: web
      context: .
      docker: { dockerfile: images/Dockerfile.second, target: dev, buildArgs: { A: b } }
      sync: { manual: [{ src: 'src/**/*.js', dest: . }] }
manifests: { rawYaml: ['./k8s/w**.yaml'] }
portForward: [{ resourceType: service, resourceName: web, port: 80, localPort: 9000 }]
`,
      'images/Dockerfile.first': node('src src'),
      'images/Dockerfile.second': `${node('src src')}FROM node AS dev\nWORKDIR /srv\n`,
      ...{ 'src/a.js': '', 'k8s/web.yaml': app('web'), 'k8s/other.yaml': app('other', 'redis') },
    },
    deploy: { manifests: 'k8s/web.yaml' },
    config: {
      services: {
        web: {
          build: { context: '.', dockerfile: 'images/Dockerfile.second', target: 'dev', args: { A: 'b' } },
          sync: [{ from: 'src', to: '/srv/src' }],
          rebuild: ['src/**', '!src/**/*.js'],
          ports: ['9000:80'],
        },
      },
    },
    notes: [/^No workload of the manifests runs an image that images\/Dockerfile.first builds\.$/],
  },
  {
    about: 'a Tiltfile deploys the kustomization that it names; what it computes is an open point',
    files: {
      ...web,
      Tiltfile:
        "k8s_yaml(kustomize('deploy/two'))\ndocker_build('web', 'web', live_update=[sync('web', '/app')])\nk8s_yaml(x)\n",
      'deploy/one/kustomization.yaml': 'resources: [web.yaml]\n',
      'deploy/one/web.yaml': app('web'),
      'deploy/two/kustomization.yaml': 'resources: [web.yaml]\n',
      'deploy/two/web.yaml': app('web'),
    },
    deploy: { kustomize: 'deploy/two' },
    config: { services: { web: { build: { context: 'web' }, sync: [{ from: 'web', to: '/app' }], ports: ['8080'] } } },
    notes: [/^Without a kubectl that devk can use/, /^Tiltfile:3: k8s_yaml: what it deploys is computed/],
  },
  {
    about: 'a release of a chart keeps its name, values files and values',
    files: {
      ...web,
      ...chart,
      'skaffold.yaml': `apiVersion: skaffold/v2beta29
build: { artifacts: [{ image: acme/web, context: web }] }
deploy:
  helm:
    releases:
      - name: shop
        chartPath: chart
        valuesFiles: [chart/values-local.yaml]
        artifactOverrides: { image: acme/web }
        setValues: { replicas: 2 }
profiles: [{ name: gcb }]
`,
    },
    deploy: {
      helm: [
        {
          name: 'shop',
          chart: 'chart',
          values: ['chart/values-local.yaml'],
          set: { image: 'acme/web', replicas: 2 },
        },
      ],
    },
    services: { web: 'web/Dockerfile' },
    notes: [/^Without helm/],
  },
  {
    about: 'a flag counts more than a file',
    flags: { image: ['web=other/Dockerfile'], manifests: ['k8s/web.yaml'] },
    files: {
      ...{
        ...web,
        'other/Dockerfile': node(),
        'other/a.js': '',
        'k8s/web.yaml': app('web'),
        'k8s/two.yaml': app('two'),
      },
      Tiltfile: "docker_build('web', 'web')\nk8s_yaml('k8s/two.yaml')\n",
    },
    deploy: { manifests: 'k8s/web.yaml' },
    services: { web: 'other/Dockerfile' },
    notes: [/^No workload of the manifests runs an image that web\/Dockerfile builds/],
  },
  {
    about: 'a Dockerfile outside of its context',
    files: {
      ...{ 'docker/Dockerfile': node('src src'), 'app/src/a.js': '', 'k8s/web.yaml': app('web') },
      Tiltfile: "docker_build('web', 'app', dockerfile='docker/Dockerfile')\n",
    },
    config: { services: { web: { build: { context: 'app', dockerfile: '../docker/Dockerfile' }, ports: ['8080'] } } },
  },
  {
    about: 'what a file deploys and the repository does not have is an open point',
    files: {
      ...{ ...web, 'k8s/web.yaml': app('web'), 'k8s/other.yaml': app('other', 'redis') },
      'okteto.yml': `build: { web: web }
deploy:
  - kubectl apply -f k8s/web.yaml
  - kubectl apply -k overlays/gone
  - helm upgrade --install db bitnami/postgresql
`,
      Tiltfile: "helm_remote('redis', repo_url='https://charts.example.com')\n",
    },
    deploy: { manifests: 'k8s/web.yaml' },
    services: { web: 'web/Dockerfile' },
    notes: [
      /^Tiltfile:1 deploys a chart that is fetched\. To deploy it: deploy\.helm: \[\{ name: 'redis', chart: 'redis', repo: /,
      /^okteto\.yml:2 deploys overlays\/gone, which has no kustomization\.$/,
      /^okteto\.yml:2 deploys the chart bitnami\/postgresql, which is not here\.$/,
    ],
  },
  {
    about: 'Compose beside manifests says how one develops',
    files: {
      ...{ ...web, 'k8s/web.yaml': app('web', 'acme/shop-web'), 'k8s/db.yaml': app('db', 'postgres:17', 5432) },
      'compose.yaml': `services:
  web:
    build: { context: web, target: dev }
    command: npm run dev
    volumes: [./web:/app, /app/node_modules]
    ports: ["3000:8080"]
    depends_on: [db]
  db: { image: postgres, ports: ["5432:5432"] }
`,
    },
    config: {
      services: {
        web: {
          ...{ image: 'shop-web', build: { context: 'web', target: 'dev' }, ports: ['3000:8080'] },
          ...{ args: ['npm', 'run', 'dev'], dependsOn: ['db'] },
          sync: [{ from: 'web', to: '/app', exclude: ['node_modules'] }],
        },
        db: { workload: 'Deployment/db', ports: ['5432'] },
      },
    },
  },
  {
    about: 'two tools that contradict each other: the first one counts, and a note names both',
    files: {
      ...{ ...web, 'k8s/web.yaml': app('web'), 'k8s/db.yaml': app('db', 'postgres:17', 5432) },
      'skaffold.yaml': `apiVersion: skaffold/v1
build: { artifacts: [{ image: web, context: web }] }
deploy: { kubectl: { manifests: [k8s/*.yaml] } }
`,
      Tiltfile: "docker_build('web', 'web', target='dev')\nk8s_yaml('k8s/web.yaml')\n",
    },
    deploy: { manifests: 'k8s' },
    services: { web: 'web/Dockerfile', db: 'Deployment/db' },
    notes: [
      /^skaffold\.yaml:3 and Tiltfile:2 deploy different things; devk uses the first\.$/,
      /^web: skaffold\.yaml:2 and Tiltfile:1 differ in build; devk uses the first\.$/,
    ],
  },
  {
    about: 'files of tools that cannot be read are open points, with what the others say',
    files: {
      ...{ ...web, 'k8s/web.yaml': app('web') },
      'skaffold.yaml': 'apiVersion: [\n',
      'compose.yaml': 'services: { web: { build: "$UNSET" } }\n',
      Tiltfile: 'k8s_yaml((((\n',
    },
    deploy: { manifests: 'k8s' },
    services: { web: 'web/Dockerfile' },
    notes: [/^skaffold\.yaml:\d: devk cannot read it/, /^Tiltfile:\d: devk cannot read what stands here/],
  },
  {
    about: 'a Compose file that builds another stage says how that one is synced',
    files: {
      'web/Dockerfile': 'FROM node:24 AS dev\nWORKDIR /app\nCOPY src ./src\nFROM dev\nCMD ["node", "src/a.js"]\n',
      'web/src/a.js': '',
      'k8s/web.yaml': app('web'),
      'compose.yaml':
        'services:\n  web:\n    build: { context: web, target: dev }\n    command: npx nodemon src/a.js\n' +
        '    volumes: ["./web/src:/app/src"]\n',
    },
    live: {
      built: 'web/Dockerfile#dev',
      sync: [{ from: 'web/src', to: '/app/src' }],
      args: ['npx', 'nodemon', 'src/a.js'],
    },
  },
]
