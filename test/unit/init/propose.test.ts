import { expect, test } from 'vitest'
import { type Matches, matchImages } from '../../../src/init/match/match.ts'
import { propose } from '../../../src/init/propose/propose.ts'
import type { Live } from '../../../src/init/sync/live.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import type { Found, FoundDockerfile } from '../../../src/scan/found.ts'

const dockerfile = (folder: string): FoundDockerfile => ({
  ...{ file: `${folder}/Dockerfile`, context: folder, stages: [], text: '', variants: [], packageName: undefined },
})
const nothing: Found = {
  ...{ files: [], dockerfiles: [], kustomizations: [], charts: [], manifests: [], others: [] },
  ...{ envExample: undefined, env: false, variables: [], notes: [] },
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
const unsynced = ({ built }: Matches): Map<string, Live> =>
  new Map(
    [...built].map(([image, match]) => [image, { match, rules: undefined, reload: undefined, reason: undefined }]),
  )
const used = (reference: string) => ({ reference, place: 'k8s', hasCommand: false })

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
  const dockerfiles = ['web', 'admin', 'api', 'gadget'].map((folder) => dockerfile(folder))
  const found = { ...nothing, dockerfiles, envExample: '.env.example', variables: ['TOKEN', 'KEY'] }
  const matches = matchImages(
    ['shop-web:1', 'shop-admin:1', 'acme/api:1'].map(used),
    { dockerfiles, given: new Map() },
    'shop',
  )
  const source = { fromEnvFile: '.env', orElse: '.env.example' }
  expect(
    propose(found, {
      name: 'shop',
      deploy: { manifests: 'k8s' },
      objects,
      matches,
      lives: unsynced(matches),
      bases: new Map(),
    }),
  ).toEqual({
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
      'No workload of the manifests runs an image that gadget/Dockerfile builds.',
      'The Service mail points to mail.example.com. Add externals: { mail: … } to run it in the cluster.',
    ],
    remarks: [],
    reasons: {},
  })
})

test('two images with the same last name are told apart by their whole names', () => {
  const dockerfiles = ['a/web', 'b/web'].map((folder) => dockerfile(folder))
  const objects = ['a/web', 'b/web'].map((image) => workload('Deployment', image.replace('/', '-'), image))
  const images = ['a', 'b'].map((org) => ({ ...used(`${org}/web`), place: `${org}/k8s` }))
  const matches = matchImages(images, { dockerfiles, given: new Map() }, 'shop')
  const { config } = propose(
    { ...nothing, dockerfiles },
    { name: 'shop', deploy: {}, objects, matches, lives: unsynced(matches), bases: new Map() },
  )
  expect(config.services).toEqual({
    web: { image: 'a/web', build: { context: 'a/web' } },
    'web-2': { image: 'b/web', build: { context: 'b/web' } },
  })
})
