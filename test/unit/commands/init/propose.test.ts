import { expect, test } from 'vitest'
import { chooseDeploy } from '../../../../src/commands/init/deploy.ts'
import { matchImages } from '../../../../src/commands/init/match.ts'
import { propose } from '../../../../src/commands/init/propose.ts'
import type { Found, FoundDockerfile } from '../../../../src/commands/init/scan.ts'
import { configText } from '../../../../src/commands/init/text.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'

const dockerfile = (folder: string, ...stages: string[]): FoundDockerfile => ({
  file: `${folder}/Dockerfile`,
  context: folder,
  stages,
})
const nothing: Found = {
  ...{ dockerfiles: [], kustomizations: [], charts: [], manifests: [] },
  ...{ envExample: undefined, env: false, variables: [] },
}
const workload = (kind: string, name: string, image: string, more: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name },
  spec: { template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image, ...more }] } } },
})
const service = (name: string, spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ...spec },
})

test.each([
  ['its name', 'acme/api:1', [dockerfile('api')], 'api/Dockerfile', undefined],
  ['its name after the project', 'shop-api:1', [dockerfile('web'), dockerfile('api')], 'api/Dockerfile', undefined],
  ['a stage', 'shop/worker:2', [dockerfile('app', 'base', 'api', 'worker')], 'app/Dockerfile', 'worker'],
  ['what is left over', 'studio:latest', [dockerfile('backend')], 'backend/Dockerfile', undefined],
  [
    'the whole repository',
    'shop:1',
    [{ file: 'Dockerfile', context: '.', stages: ['builder'] }],
    'Dockerfile',
    undefined,
  ],
])('an image is matched by %s', (_, image, dockerfiles, file, target) => {
  const [match] = [...matchImages([image, 'postgres:17'], dockerfiles, 'shop').values()]
  expect([match?.dockerfile.file, match?.target]).toEqual([file, target])
})

test('published images are not built, even when one Dockerfile is unused', () => {
  expect(matchImages(['postgres:17', 'hashicorp/consul:1'], [dockerfile('backend')], 'shop').size).toBe(0)
})

test('the overlay for development comes first, then kustomizations that are no base, then charts and plain files', () => {
  const at = (folder: string, isTop = true) => ({ folder, isTop })
  const choose = (found: Partial<Found>) => chooseDeploy({ ...nothing, ...found })
  const overlays = [at('k/base', false), at('k/production'), at('k/staging'), at('k/dev', false), at('k/canary')]
  expect(choose({ kustomizations: overlays })).toEqual({
    deploy: { kustomize: 'k/dev' },
    notes: ['Other overlays, for devk up --overlay NAME: k/production, k/staging, k/canary.'],
  })
  expect(choose({ kustomizations: overlays.slice(0, 2) })?.deploy).toEqual({ kustomize: 'k/base' })
  expect(choose({ charts: ['charts/Shop'], manifests: ['k'] })?.deploy).toEqual({
    helm: [{ name: 'shop', chart: 'charts/Shop' }],
  })
  expect(choose({ manifests: ['k', 'k/more'] })?.deploy).toEqual({ manifests: ['k', 'k/more'] })
  expect(choose({})).toBeUndefined()
})

test('services, ports, URLs, presets, namespace and Secrets come from the manifests', () => {
  const envFrom = [{ secretRef: { name: 'keys' } }]
  const objects: KubeObject[] = [
    workload('Deployment', 'web', 'shop-web:1'),
    workload('Deployment', 'admin', 'shop-admin:1', { ports: [{ containerPort: 8000 }] }),
    workload('Deployment', 'api', 'acme/api:1', { ports: [{ containerPort: 8000 }], envFrom }),
    workload('StatefulSet', 'postgres', 'postgres:17'),
    service('web', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }),
    service('admin', { type: 'LoadBalancer', ports: [{ port: 80 }] }),
    service('api', { ports: [{ port: 80 }] }),
    service('mail', { type: 'ExternalName', externalName: 'mail.example.com' }),
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tokens' }, stringData: { TOKEN: 'change-me' } },
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'web' }, spec: {} },
  ]
  const dockerfiles = ['web', 'admin', 'api', 'tools'].map((folder) => dockerfile(folder))
  const found = { ...nothing, dockerfiles, envExample: '.env.example', variables: ['TOKEN', 'KEY'] }
  const source = { fromEnvFile: '.env', orElse: '.env.example' }
  expect(propose('shop', found, { manifests: 'k8s' }, objects)).toEqual({
    config: {
      name: 'shop',
      cluster: { ports: [30080], loadBalancers: { admin: '8080:80' } },
      presets: ['ingress'],
      deploy: { manifests: 'k8s', namespace: 'shop' },
      services: {
        web: { image: 'shop-web', build: { context: 'web' }, url: 'http://localhost:30080' },
        admin: { image: 'shop-admin', build: { context: 'admin' }, url: 'http://localhost:8080' },
        api: { build: { context: 'api' }, ports: ['8000'] },
        postgres: { workload: 'StatefulSet/postgres' },
      },
      secrets: { tokens: { ...source, keys: ['TOKEN'] }, keys: source },
    },
    notes: [
      'No workload of the manifests runs an image that tools/Dockerfile builds.',
      'The Service mail points to mail.example.com. Add externals: { mail: … } to run it in the cluster.',
    ],
  })
})

test('a Secret with unknown values is left to the author', () => {
  const env = [{ name: 'URL', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } }]
  const { config, notes } = propose('shop', nothing, { manifests: 'k' }, [
    workload('Deployment', 'api', 'api:1', { env }),
  ])
  expect(config.secrets).toBeUndefined()
  expect(notes).toEqual([
    'No manifest defines the Secret db with url. Write its values to .env and add it under secrets.',
  ])
})

test('the configuration is written as a person would write it', () => {
  const long = Array.from({ length: 8 }, (_, i) => `A_RATHER_LONG_NAME_${i}`)
  expect(
    configText({ name: "it's", services: { 'a-b': { ports: ['80'] } }, keys: long }, ['A note.']),
  ).toBe(`import { defineConfig } from 'devk'

// A note.
export default defineConfig({
  name: 'it\\'s',
  services: { 'a-b': { ports: ['80'] } },
  keys: [
${long.map((key) => `    '${key}',`).join('\n')}
  ],
})
`)
})
