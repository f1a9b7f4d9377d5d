import { expect, test } from 'vitest'
import { readSkaffold } from '../../../src/readers/skaffold/skaffold.ts'
import { repository } from './repository.ts'

const read = (text: string, more: Record<string, string> = {}) =>
  readSkaffold(repository({ 'skaffold.yaml': text, ...more }))

test('artifacts give image, context, Dockerfile, target and arguments, with their lines', () => {
  const facts = read(`apiVersion: skaffold/v4beta13
kind: Config
build:
  artifacts:
    - image: acme/api
      context: services/api
      docker: { dockerfile: build/Dockerfile, target: dev, buildArgs: { A: '1', B: '{{.TAG}}' } }
      requires: [{ image: acme/base, alias: BASE }]
    - image: acme/base
`)
  expect(facts.services).toEqual([
    {
      place: { file: 'skaffold.yaml', line: 5 },
      image: 'acme/api',
      build: {
        context: 'services/api',
        dockerfile: 'services/api/build/Dockerfile',
        target: 'dev',
        args: { BASE: 'acme/base', A: '1' },
      },
    },
    {
      place: { file: 'skaffold.yaml', line: 9 },
      image: 'acme/base',
      build: { context: '.', dockerfile: 'Dockerfile' },
    },
  ])
  expect(facts.open).toEqual([
    {
      place: { file: 'skaffold.yaml', line: 5 },
      message: 'Build arguments of acme/api that Skaffold computes: B. Add them to build.args.',
    },
  ])
})

test('the first versions had other names for the same things', () => {
  const { services } = read(`apiVersion: skaffold/v1alpha1
kind: Config
build:
  artifacts:
  - imageName: gcr.io/x/web
    workspace: web
    dockerfilePath: Dockerfile.dev
    sync: { 'src/**/*.js': /app/src }
`)
  expect(services[0]).toMatchObject({
    image: 'gcr.io/x/web',
    build: { context: 'web', dockerfile: 'web/Dockerfile.dev' },
    sync: [{ from: 'web/src', to: '/app/src', only: ['web/src/**/*.js'] }],
  })
})

test.each([
  ['{ src: "src/**/*.py", dest: . }', { from: 'api/src', to: 'src', only: ['api/src/**/*.py'] }],
  ['{ src: "src/**/*.py", dest: ., strip: src/ }', { from: 'api/src', to: '.', only: ['api/src/**/*.py'] }],
  ['{ src: "static/**", dest: /srv }', { from: 'api/static', to: '/srv/static', only: [] }],
  ['{ src: "**/*.js", dest: /app }', { from: 'api', to: '/app', only: ['api/**/*.js'] }],
  ['{ src: "app.py", dest: . }', { from: 'api/app.py', to: 'app.py', only: [] }],
  ['{ src: "a/b/**", dest: /x, strip: a/ }', { from: 'api/a/b', to: '/x/b', only: [] }],
])('a manual sync rule %s', (rule, expected) => {
  const { services } = read(`apiVersion: skaffold/v4beta13
build: { artifacts: [{ image: api, context: api, sync: { manual: [${rule}] } }] }
`)
  expect(services[0]?.sync).toEqual([{ exclude: [], ...expected }])
})

test('inferred and automatic sync follow the Dockerfile', () => {
  const { services } = read(`apiVersion: skaffold/v4beta13
build:
  artifacts:
    - { image: a, context: a, sync: { infer: ['**/*.rb'] } }
    - { image: b, sync: { auto: true } }
`)
  expect(services.map(({ sync }) => sync)).toEqual([
    [{ from: undefined, to: undefined, exclude: [], only: ['a/**/*.rb'] }],
    [{ from: undefined, to: undefined, exclude: [], only: [] }],
  ])
})

test('raw manifests, kustomizations and charts of old and new versions are deployed', () => {
  const files = { 'k8s/a.yaml': '', 'more/b.yaml': '' }
  const current = read(
    `apiVersion: skaffold/v4beta13
manifests:
  rawYaml: [k8s/*.yaml, 'https://example.com/a.yaml', gone/*.yaml]
  kustomize: { paths: [overlays/dev] }
`,
    files,
  )
  expect(current.deploys).toEqual([
    { place: { file: 'skaffold.yaml', line: 2 }, manifests: ['k8s/*.yaml'], kustomize: ['overlays/dev'], helm: [] },
  ])
  expect(current.open.map(({ message }) => message)).toEqual([
    'https://example.com/a.yaml is outside the repository, or computed. Add what it deploys under deploy.',
    'No file matches gone/*.yaml.',
  ])
  const old = read('apiVersion: skaffold/v1\ndeploy: { kubectl: { manifests: [more/b.yaml] } }\n', files)
  expect(old.deploys[0]?.manifests).toEqual(['more/b.yaml'])
  expect(read('apiVersion: skaffold/v1\ndeploy: { kubectl: {} }\n', files).deploys[0]?.manifests).toEqual([
    'k8s/*.yaml',
  ])
  expect(read('apiVersion: skaffold/v2beta1\ndeploy: { kustomize: {} }\n').deploys[0]?.kustomize).toEqual(['.'])
})

test('a Helm release keeps its values, and the names of images in its templates', () => {
  const { deploys, open } = read(`apiVersion: skaffold/v4beta13
build: { artifacts: [{ image: shop/web }] }
deploy:
  helm:
    releases:
      - name: web
        chartPath: charts/web
        valuesFiles: [values-dev.yaml]
        setValues: { replicas: 1, nested: { a: b } }
        setValueTemplates:
          image.repository: '{{.IMAGE_REPO_shop_web}}'
          image.tag: '{{.IMAGE_TAG_shop_web}}'
          other: '{{.USER}}'
      - { name: redis, remoteChart: redis, repo: 'https://charts.example.com', version: 1.2.3 }
`)
  expect(deploys[0]?.helm).toEqual([
    {
      name: 'web',
      chart: 'charts/web',
      values: ['values-dev.yaml'],
      set: { replicas: 1, 'nested.a': 'b', 'image.repository': 'shop/web', 'image.tag': 'latest' },
    },
    { name: 'redis', chart: 'redis', repo: 'https://charts.example.com', version: '1.2.3', values: [], set: {} },
  ])
  expect(open.map(({ place, message }) => [place.line, message])).toEqual([
    [6, 'The value other is computed: {{.USER}}. Add it to deploy.helm.'],
  ])
})

test('required modules are read once; what lies outside is an open point', () => {
  const facts = read(
    `apiVersion: skaffold/v4beta13
requires:
  - path: ./api
  - path: api/skaffold.yaml
  - { git: { repo: 'https://example.com/a.git' } }
  - path: ../other
---
apiVersion: skaffold/v4beta13
build: { artifacts: [{ image: second }] }
`,
    { 'api/skaffold.yaml': 'apiVersion: skaffold/v4beta13\nbuild: { artifacts: [{ image: api }] }\n' },
  )
  expect(facts.services.map(({ image, build, place }) => [image, build?.context, place.line])).toEqual([
    ['api', 'api', 2],
    ['second', '.', 9],
  ])
  expect(facts.open.map(({ place, message }) => [place.line, message])).toEqual([
    [5, 'It requires a configuration outside the repository.'],
    [6, 'It requires ../other, which is not in the repository.'],
  ])
})

test('the profile that skaffold dev activates counts; the others are named', () => {
  const { services, open } = read(`apiVersion: skaffold/v4beta13
build: { artifacts: [{ image: web, docker: { target: production } }] }
profiles:
  - name: dev
    activation: [{ command: dev }]
    build: { artifacts: [{ image: web, docker: { target: dev } }] }
    patches: [{ op: remove, path: /x }]
  - name: gcb
    build: { googleCloudBuild: {} }
`)
  expect(services.map(({ build }) => build?.target)).toEqual(['dev'])
  expect(open.map(({ place, message }) => [place.line, message])).toEqual([
    [3, 'Profiles of Skaffold that are left out: gcb. Add what you need under profiles.'],
    [7, 'The patches of the profile dev are left out.'],
  ])
})

test('other builders and contexts outside the repository are open points', () => {
  const { services, open } = read(`apiVersion: skaffold/v4beta13
build:
  artifacts:
    - { image: java, jib: {} }
    - { image: far, context: ../far }
`)
  expect(services).toEqual([])
  expect(open.map(({ message }) => message)).toEqual([
    'The image java is built with jib. Set build.command of its service.',
    'The image far has the context ../far. devk builds from Dockerfiles.',
  ])
})

test('forwards name a workload and its ports', () => {
  const { services } = read(`apiVersion: skaffold/v4beta13
portForward:
  - { resourceType: service, resourceName: web, port: 80, localPort: 9000 }
  - { resourceType: deployment, resourceName: api, port: 8080 }
  - { resourceType: service, resourceName: named, port: http }
`)
  expect(services.map(({ name, ports }) => [name, ports])).toEqual([
    ['web', ['9000:80']],
    ['api', ['8080']],
  ])
})

test('broken YAML is an open point with its line', () => {
  expect(read('apiVersion: skaffold/v1\nbuild: [a\n').open).toMatchObject([
    { place: { file: 'skaffold.yaml' }, message: expect.stringMatching(/^devk cannot read it: .*[^:]$/) },
  ])
})
