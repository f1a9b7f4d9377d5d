import { expect, test } from 'vitest'
import { dockerEngine } from '../../../src/engine/engine.ts'
import { engineImages } from '../../../src/kit/engine.ts'
import { catalogue } from '../../../src/kit/recipes/catalogue.ts'
import { versions } from '../../../src/kit/recipes/versions.ts'
import { engineLabels } from '../../../src/lib/keys.ts'
import { runner } from './temporary-kit.ts'

/** The arguments that make each image print its version, and what it must print, by the name of its recipe. */
const answers: Readonly<Record<string, { readonly ask: readonly string[]; readonly version: string }>> = {
  haproxy: { ask: ['--entrypoint', 'haproxy', '-v'], version: 'HAProxy version 2.6' },
  'node-image': { ask: ['--entrypoint', 'kubelet', '--version'], version: `v${versions.kubernetes}` },
  kicbase: {
    ask: ['--entrypoint', `/var/lib/minikube/binaries/v${versions.kubernetes}/kubelet`, '--version'],
    version: `v${versions.kubernetes}`,
  },
  registry: { ask: ['--version'], version: `v${versions.registry}` },
  'node-20': { ask: ['--version'], version: `v${versions.node20}` },
  'node-22': { ask: ['--version'], version: `v${versions.node22}` },
  'python-3.11': { ask: ['python', '--version'], version: '3.11' },
  'python-3.13': { ask: ['python', '--version'], version: '3.13' },
  nginx: { ask: ['nginx', '-v'], version: 'nginx/1.26' },
  busybox: { ask: ['busybox', '--help'], version: 'v1.37' },
  postgres: { ask: ['--version'], version: ' 17.' },
  'postgres-15': { ask: ['--version'], version: ' 15.' },
  redis: { ask: ['--version'], version: 'v=7.0' },
  'rabbitmq-3': { ask: ['rabbitmqctl', 'version'], version: '3.10' },
  'rabbitmq-4': { ask: ['rabbitmqctl', 'version'], version: '4.0' },
  'debian-12': { ask: ['cat', '/etc/debian_version'], version: '12.' },
  'debian-13': { ask: ['cat', '/etc/debian_version'], version: '13.' },
  alpine: { ask: ['cat', '/etc/debian_version'], version: '13.' },
  golang: { ask: ['go', 'version'], version: 'go1.24' },
  rust: { ask: ['rustc', '--version'], version: 'rustc 1.85' },
  'java-17': { ask: ['java', '-version'], version: '"17.' },
  'java-21': { ask: ['java', '-version'], version: '"21.' },
  'maven-java-17': { ask: ['mvn', '--version'], version: 'Java version: 17.' },
  'maven-java-21': { ask: ['mvn', '--version'], version: 'Java version: 21.' },
  'ruby-3.1': { ask: ['ruby', '--version'], version: 'ruby 3.1' },
  'ruby-3.3': { ask: ['ruby', '--version'], version: 'ruby 3.3' },
  ...Object.fromEntries(
    ['8.2', '8.4'].flatMap((version) =>
      ['cli', 'apache', 'fpm'].map((kind) => [
        `php-${version}-${kind}`,
        { ask: ['php', '--version'], version: `PHP ${version}` },
      ]),
    ),
  ),
  mariadb: { ask: ['mariadbd', '--version'], version: 'Ver 10.11' },
  memcached: { ask: ['--version'], version: 'memcached 1.6' },
  nats: { ask: ['--version'], version: 'v2.10' },
  httpd: { ask: ['apache2', '-v'], version: 'Apache/2.4' },
  kafka: { ask: ['/opt/kafka/bin/kafka-topics.sh', '--version'], version: versions.kafka },
  zookeeper: { ask: ['zkServer.sh', 'version'], version: `version ${versions.zookeeper}` },
  consul: { ask: ['version'], version: `v${versions.consul}` },
  traefik: { ask: ['version'], version: versions.traefik },
  'metrics-server': { ask: ['--version'], version: `v${versions.metricsServer}` },
  prometheus: { ask: ['--version'], version: `version ${versions.prometheus}` },
  alertmanager: { ask: ['--version'], version: `version ${versions.alertmanager}` },
  'node-exporter': { ask: ['--version'], version: `version ${versions.nodeExporter}` },
  'kube-state-metrics': {
    ask: ['--entrypoint', '/kube-state-metrics', 'version'],
    version: `v${versions.kubeStateMetrics}`,
  },
  jaeger: { ask: ['version'], version: `v${versions.jaeger}` },
  'victoria-logs': { ask: ['-version'], version: `v${versions.victoriaLogs}` },
  'log-collector': { ask: ['--version'], version: versions.collector },
  'argo-rollouts': { ask: ['--version'], version: `v${versions.argoRollouts}` },
  'cert-manager-controller': { ask: ['--help'], version: 'cert-manager' },
  'cert-manager-webhook': { ask: ['--help'], version: 'cert-manager' },
  'cert-manager-cainjector': { ask: ['--help'], version: 'cert-manager' },
}

const offered = catalogue(process.arch, true).filter(({ kind, internal }) => kind === 'image' && !internal)
const references = offered.flatMap(({ provides }) => provides)
const existing = await engineImages(dockerEngine(process.env).images, references, AbortSignal.timeout(30_000))
const isOurs = (name: string) => (reference: string) => existing.get(reference)?.labels[engineLabels.kit] === name
/** The images that the kit has built. Others may have built images of these names, and some are built only on demand. */
const builtByKit = offered.filter(({ name, provides }) => provides.some(isOurs(name)))

test('this file knows the version of each image of the kit', () => {
  expect(Object.keys(answers).sort()).toEqual(offered.map(({ name }) => name).sort())
})

test.each(builtByKit)('$name starts and prints its version', async ({ name, provides }) => {
  const { ask = [], version = '' } = answers[name] ?? {}
  const reference = provides.find(isOurs(name)) ?? ''
  const [flag, program, ...rest] = ask
  const run = flag === '--entrypoint' ? [flag, program ?? '', reference, ...rest] : [reference, ...ask]
  const { exitCode, stdout, stderr } = await runner.run('docker', ['run', '--rm', ...run])
  expect({ exitCode, output: `${stdout}${stderr}` }).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining(version),
  })
})
