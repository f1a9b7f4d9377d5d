import { app, container, node, type Repository } from './repository.ts'

const web = { 'web/Dockerfile': node(), 'web/server.js': '' }
const object = (apiVersion: string, kind: string, rest = '') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: x }\n${rest}`

/** Repositories in which there is something to choose, and things that the cluster lacks. */
export const deploying: readonly Repository[] = [
  {
    about: 'files of tools are no manifests',
    files: {
      ...web,
      'k8s/web.yaml': app('web'),
      'skaffold.yaml': object('skaffold/v4beta14', 'Config'),
      'cluster.yaml': object('eksctl.io/v1alpha5', 'ClusterConfig'),
      'kind.yaml': object('kind.x-k8s.io/v1alpha4', 'Cluster'),
      'catalog-info.yaml': object('backstage.io/v1alpha1', 'Component'),
      'argocd/app.yaml': object('argoproj.io/v1alpha1', 'Application'),
      'compose.yaml': 'services: {}\n',
      '.github/workflows/a.yaml': app('ci'),
    },
    deploy: { manifests: 'k8s' },
  },
  {
    about: 'tests and documentation are not deployed; alone, they are',
    files: { ...web, 'k8s/web.yaml': app('web'), 'docs/a.yaml': app('docs'), 'tests/e2e/b.yaml': app('test') },
    deploy: { manifests: 'k8s' },
  },
  {
    about: 'a folder of examples alone',
    files: { 'examples/web/k.yaml': app('web', 'redis') },
    deploy: { manifests: 'examples/web' },
  },
  {
    about: 'Lists and JSON are manifests, package.json is not',
    files: {
      'k8s/all.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
      }),
      'package.json': '{}',
    },
    deploy: { manifests: 'k8s' },
  },
  {
    about: 'of a folder with other YAML, the manifests are named',
    files: { ...web, 'k8s/web.yaml': app('web'), 'k8s/values.yaml': 'replicas: 1\n', 'k8s/settings.json': '{}' },
    deploy: { manifests: 'k8s/web.yaml' },
  },
  {
    about: 'variants of the same objects are a choice: the one with the most, and none of its options',
    files: {
      ...web,
      'k8s/shop.yaml': `${app('web')}---\n${app('ratings', 'redis')}`,
      'k8s/shop-ratings.yaml': app('ratings', 'redis'),
      'k8s/shop-mysql.yaml': app('mysql', 'mysql'),
      'k8s/gateway.yaml': app('gateway', 'traefik'),
    },
    deploy: { manifests: ['k8s/shop.yaml', 'k8s/gateway.yaml'] },
    notes: [
      /^k8s\/shop-mysql\.yaml, k8s\/shop-ratings\.yaml would deploy .* k8s\/shop\.yaml was chosen; --manifests chooses another\.$/,
    ],
  },
  {
    about: 'manifests for daily work come before those for production',
    files: { ...web, 'deploy/prod/web.yaml': app('web'), 'deploy/local/web.yaml': app('web') },
    deploy: { manifests: 'deploy/local' },
    notes: [/^deploy\/prod\/web\.yaml would deploy Deployment web too\./],
  },
  {
    about: 'a kustomization that runs nothing does not win over manifests',
    files: {
      ...web,
      'k8s/web.yaml': app('web'),
      'iac/dev/kustomization.yaml': 'resources: [c.yaml]\n',
      'iac/dev/c.yaml': object('v1', 'ConfigMap'),
    },
    deploy: { manifests: 'k8s' },
    notes: [/^Without a kubectl/],
  },
  {
    about: 'several kustomizations of different services go together',
    files: {
      ...Object.fromEntries(
        ['api', 'web'].flatMap((name) => [
          [`${name}/Dockerfile`, node()],
          [`${name}/k8s/base/kustomization.yaml`, 'resources: [a.yaml]\n'],
          [`${name}/k8s/base/a.yaml`, app(name)],
          [`${name}/k8s/production/kustomization.yaml`, 'resources: [../base]\n'],
          [`${name}/k8s/dev/kustomization.yaml`, 'resources: [../base]\n'],
        ]),
      ),
    },
    deploy: { kustomize: ['api/k8s/dev', 'web/k8s/dev'] },
    notes: [/^Without a kubectl/],
  },
  {
    about: 'charts: no libraries and no parts of others; names from Chart.yaml; images that a script fills in',
    files: {
      'api/chart/Chart.yaml': 'name: app\n',
      'api/chart/values.yaml': 'image: ""\n',
      'api/chart/templates/a.yaml': container('api', 'image: {{ .Values.image }}'),
      'api/Dockerfile': node(),
      'web/chart/Chart.yaml': 'name: app\n',
      'web/chart/templates/a.yaml': app('web'),
      'web/chart/charts/db/Chart.yaml': 'name: db\n',
      ...{ 'web/Dockerfile': node(), 'lib/Chart.yaml': 'name: lib\ntype: library\n' },
    },
    deploy: {
      helm: [
        { name: 'api', chart: 'api/chart', set: { image: 'api' } },
        { name: 'web', chart: 'web/chart' },
      ],
    },
    services: { api: 'api/Dockerfile', web: 'web/Dockerfile' },
    notes: [/^Without helm/],
  },
  {
    about: 'kinds of presets, and kinds that nothing defines',
    files: {
      ...web,
      'k8s/web.yaml': app('web'),
      'k8s/more.yaml': [
        object('monitoring.coreos.com/v1', 'ServiceMonitor'),
        object('cert-manager.io/v1', 'Certificate'),
        object('gateway.networking.k8s.io/v1', 'HTTPRoute'),
        object('autoscaling/v2', 'HorizontalPodAutoscaler'),
        object('dapr.io/v1alpha1', 'Component'),
        object('acme.io/v1', 'Foo'),
        object(
          'apiextensions.k8s.io/v1',
          'CustomResourceDefinition',
          'spec: { group: acme.io, names: { kind: Foo } }\n',
        ),
      ].join('---\n'),
    },
    config: { presets: ['prometheus', 'tls', 'ingress', 'metrics-server'] },
    notes: [/^The cluster will not know Component \(dapr\.io\)/],
  },
  {
    about: 'the URL of an Ingress, under a name that leads to this machine',
    files: {
      ...web,
      'k8s/web.yaml': `${app('web')}---\n${object(
        'networking.k8s.io/v1',
        'Ingress',
        'spec: { rules: [{ host: shop.example.com, http: { paths: [{ path: /, backend: { service: { name: web } } }] } }] }\n',
      )}`,
    },
    config: {
      scale: { hosts: { 'shop.example.com': 'shop.localhost' } },
      services: { web: { build: { context: 'web' }, url: 'http://shop.localhost' } },
    },
  },
  {
    about: 'ports of workloads without a Service, and all ports of a LoadBalancer',
    files: {
      ...web,
      'k8s/web.yaml': container('web', 'image: web', 'ports: [{ containerPort: 8000 }]'),
      'k8s/lb.yaml': object('v1', 'Service', 'spec: { type: LoadBalancer, ports: [{ port: 80 }, { port: 443 }] }\n'),
    },
    config: {
      cluster: { loadBalancers: { x: ['8080:80', '8443:443'] } },
      services: { web: { build: { context: 'web' }, ports: ['8000'] } },
    },
  },
  {
    about: 'ConfigMaps and Secrets that nothing defines; a Secret that a controller would make comes from .env',
    files: {
      ...web,
      '.env.example': 'URL=x\n',
      'k8s/web.yaml': container(
        'web',
        'image: web',
        'envFrom: [{ configMapRef: { name: gone } }, { secretRef: { name: made } }, { secretRef: { name: lost } }]',
        'env: [{ name: K, valueFrom: { secretKeyRef: { name: lost, key: K } } }]',
      ),
      'k8s/secret.yaml': object(
        'external-secrets.io/v1',
        'ExternalSecret',
        'spec: { target: { name: made }, data: [{ secretKey: URL }] }\n',
      ),
    },
    config: { secrets: { made: { fromEnvFile: '.env', orElse: '.env.example', keys: ['URL'] } } },
    notes: [
      /^The cluster will not know ExternalSecret/,
      /^No manifest defines the ConfigMap gone/,
      /^No manifest defines the Secret lost with K/,
    ],
  },
]
