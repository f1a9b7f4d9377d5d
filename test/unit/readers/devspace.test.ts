import { expect, test } from 'vitest'
import { readDevspace } from '../../../src/readers/devspace/devspace.ts'
import { repository } from './repository.ts'

const read = (text: string, more: Record<string, string> = {}) =>
  readDevspace(repository({ 'devspace.yaml': text, ...more }))
const plain = ({ place: _, ...rest }: { place: unknown }) => rest

test('version 6: images, deployments and development', () => {
  const { services, deploys, open } = read(`version: v2beta1
name: shop
vars:
  IMAGE: acme/api
  TAG: { command: git describe }
images:
  api: { image: '\${IMAGE}', dockerfile: ./docker/Dockerfile, context: ./api, target: dev, buildArgs: { A: b, T: '\${TAG}' } }
deployments:
  api: { helm: { chart: { name: ./chart }, values: { replicas: 1, image: '\${IMAGE}', t: '\${TAG}' }, valuesFiles: [v.yaml] } }
  more: { kubectl: { manifests: [k8s/], kustomize: false } }
  overlay: { kubectl: { manifests: [overlays/dev], kustomize: true } }
  db: { helm: { chart: { name: postgresql, repo: 'https://charts.example.com', version: 1.0.0 } } }
  old: { helm: { values: { containers: [{ image: x }] } } }
dev:
  api:
    imageSelector: \${IMAGE}
    command: [npm, run, dev]
    ports: [{ port: '8080:80' }, { port: 9229 }]
    sync:
      - { path: ./api/src:/app/src, excludePaths: [node_modules/] }
      - { path: ./api }
profiles: [{ name: production }]
`)
  expect(services.map(plain)).toEqual([
    {
      ...{ image: 'acme/api', name: 'api' },
      build: { context: 'api', dockerfile: 'docker/Dockerfile', target: 'dev', args: { A: 'b' } },
    },
    {
      ...{ image: 'acme/api', command: ['npm', 'run', 'dev'], ports: ['8080:80', '9229'] },
      sync: [
        { from: 'api/src', to: '/app/src', exclude: ['node_modules/'], only: [] },
        { from: 'api', to: '.', exclude: [], only: [] },
      ],
    },
  ])
  expect(deploys.map(plain)).toEqual([
    {
      manifests: ['k8s'],
      kustomize: ['overlays/dev'],
      helm: [
        { name: 'api', chart: 'chart', values: ['v.yaml'], set: { replicas: 1, image: 'acme/api' } },
        { name: 'db', chart: 'postgresql', repo: 'https://charts.example.com', version: '1.0.0', values: [], set: {} },
      ],
    },
  ])
  expect(open.map(({ place, message }) => [place.line, message.split('.')[0]])).toEqual([
    [13, 'old: the component chart of DevSpace has no counterpart'],
    [22, 'Profiles of DevSpace that are left out: production'],
  ])
})

test('versions 4 and 5: lists, and images by their names', () => {
  const { services, deploys } = read(`version: v1beta11
images:
  app: { image: acme/app, context: ./, build: { docker: { options: { target: dev } } } }
deployments:
  - { name: app, kubectl: { manifests: [k8s/app.yaml] } }
dev:
  ports:
    - { imageSelector: acme/app, forward: [{ port: 3000 }, { port: 4000, remotePort: 40 }] }
  sync:
    - { imageName: app, localSubPath: ./src, containerPath: /app/src, excludePaths: [tmp] }
    - { labelSelector: { app.kubernetes.io/name: web }, localSubPath: web }
`)
  expect(services.map(plain)).toEqual([
    { image: 'acme/app', name: 'app', build: { context: '.', dockerfile: 'Dockerfile', target: 'dev' } },
    { image: 'acme/app', sync: [{ from: 'src', to: '/app/src', exclude: ['tmp'], only: [] }] },
    { name: 'web', sync: [{ from: 'web', to: '.', exclude: [], only: [] }] },
    { image: 'acme/app', ports: ['3000', '4000:40'] },
  ])
  expect(deploys[0]?.manifests).toEqual(['k8s/app.yaml'])
})

test('dependencies of the repository are read once, others are open points; circles of variables end', () => {
  const { services, open } = read(
    `version: v2beta1
vars: { A: '\${B}', B: '\${A}' }
images: { a: { image: '\${A}' } }
dependencies:
  one: { path: ./other }
  two: { git: 'https://example.com/a.git' }
`,
    { 'other/devspace.yaml': 'version: v2beta1\nimages: { other: { image: other } }\n' },
  )
  expect(services.map(({ image }) => image)).toEqual(['other'])
  expect(open.map(({ message }) => message)).toEqual(['It depends on a configuration outside the repository.'])
})

test('what DevSpace does when files have arrived, and the image in which people develop', () => {
  const { services } = read(`version: v2beta1
dev:
  api:
    imageSelector: acme/api
    devImage: acme/tools
    sync:
      - path: ./api:/app
        onUpload: { restartContainer: true, exec: [{ command: make }, { command: npm i, onChange: [package.json] }] }
`)
  const rule = { from: 'api', to: '/app', exclude: [], only: [] }
  expect(services.map(plain)).toEqual([
    { image: 'acme/api', developedIn: 'acme/tools', sync: [{ ...rule, run: ['make'], restart: true }] },
  ])
})
