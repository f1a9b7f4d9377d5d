import { expect, test } from 'vitest'
import { readOkteto } from '../../../src/readers/okteto/okteto.ts'
import { repository } from './repository.ts'

const read = (text: string) => readOkteto(repository({ 'okteto.yml': text }))
const plain = ({ place: _, ...rest }: { place: unknown }) => rest

test('builds, development containers and literal commands', () => {
  const { services, deploys, open } = read(`build:
  web: { context: web, dockerfile: web/Dockerfile }
  web-dev: { context: web, target: dev }
  api: { context: api, dockerfile: Dockerfile.api, image: acme/api, args: { A: b } }
deploy:
  - name: charts
    command: helm repo add bitnami https://charts.example.com
  - helm upgrade --install web charts/web -n x --set image=\${OKTETO_BUILD_WEB_IMAGE},a=b -f charts/dev.yaml
  - helm upgrade --install db bitnami/postgresql --version 1
  - kubectl apply -f k8s/api.yaml
  - kubectl apply -k overlays/dev
  - ./deploy.sh
dev:
  web:
    image: \${OKTETO_BUILD_WEB_DEV_IMAGE}
    command: yarn start
    sync: [web:/app]
    forward: [8080:80, 5432:db:5432, 9229:9229]
  api: { command: bash, sync: [api:/src] }
`)
  expect(services.map(plain)).toEqual([
    {
      name: 'web',
      build: { context: 'web', dockerfile: 'web/Dockerfile', target: 'dev' },
      sync: [{ from: 'web', to: '/app', exclude: [], only: [] }],
      ports: ['8080:80', '9229'],
      command: ['yarn', 'start'],
    },
    { name: 'api', sync: [{ from: 'api', to: '/src', exclude: [], only: [] }] },
    { name: 'api', image: 'acme/api', build: { context: 'api', dockerfile: 'api/Dockerfile.api', args: { A: 'b' } } },
  ])
  expect(deploys.map(plain)).toEqual([
    {
      manifests: ['k8s/api.yaml'],
      kustomize: ['overlays/dev'],
      helm: [
        { name: 'web', chart: 'charts/web', values: ['charts/dev.yaml'], set: { image: 'web', a: 'b' } },
        { name: 'db', chart: 'bitnami/postgresql', values: [], set: {} },
      ],
    },
  ])
  expect(open.map(({ place, message }) => [place.line, message])).toEqual([
    [12, 'deploy runs a command that devk does not: ./deploy.sh'],
  ])
})

test('the first version described one container', () => {
  expect(read('name: api\nimage: okteto/node\nsync: [".:/app"]\nforward: ["3000:3000"]\n').services.map(plain)).toEqual(
    [
      {
        name: 'api',
        sync: [{ from: '.', to: '/app', exclude: [], only: [] }],
        ports: ['3000'],
        developedIn: 'okteto/node',
      },
    ],
  )
})
