import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Devk, devkIn, type Finished } from '../devk.ts'

/** A project that uses a canary wherever a project can have a secret. */
export interface SecretProject {
  readonly folder: string
  readonly devk: Devk
  /** The secrets by where they are. */
  readonly canaries: Readonly<Record<string, string>>
  /** What is no secret, by where it must be found: each search of the canaries has to find it. */
  readonly controls: Readonly<Record<'layer' | 'history' | 'object', string>>
  write(file: string, content: string): Promise<void>
  /** Writes the .env file with the canary of this name as its first value. */
  useToken(name: 'env' | 'rotated'): Promise<void>
  /** Runs devk with logins and secrets in its environment, and records the programs that it starts. */
  run(...args: string[]): Promise<Finished>
  /** The same with more variables. */
  runWith(more: NodeJS.ProcessEnv, ...args: string[]): Promise<Finished>
  /** The places of the canaries in a text: as they are, or in base64 at any offset. */
  found(text: string | Buffer): string[]
  /** The arguments of all programs so far. */
  argv(): Promise<string>
  /** The command line and the environment of each program so far; not the secret of a build, which buildx gets. */
  environments(): Promise<string>
  dispose(): Promise<void>
}

const places = [
  ...['env', 'rotated', 'env url', 'env lines', 'env unused', 'external', 'external second', 'build file', 'build env'],
  ...['generated literal', 'generated env', 'generated file', 'manifest text', 'manifest data', 'manifest immutable'],
  ...['manifest registry', 'docker login', 'docker token', 'environment', 'patched'],
] as const
type Place = (typeof places)[number]

const recorder = new URL('../argv-recorder.js', import.meta.url).href
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Writes the files of the project. Starts nothing. */
export async function createSecretProject(name: string): Promise<SecretProject> {
  const folder = await mkdtemp(join(tmpdir(), `devk-${name}-`))
  const fresh = (place: string) => `canary${place.replaceAll(' ', '')}${randomBytes(12).toString('hex')}`
  const canaries = Object.fromEntries(places.map((place) => [place, fresh(place)])) as Record<Place, string>
  const controls = { layer: fresh('layer'), history: fresh('history'), object: fresh('object') }
  const write = async (file: string, content: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), content)
  }
  const useToken = (token: 'env' | 'rotated') => {
    const { 'env url': url, 'env lines': lines, 'env unused': unused } = canaries
    const more = `URL=postgres://me:${url}@db/app\nLINES="first\n${lines}\n"\nUNUSED=${unused}\n`
    return write('.env', `TOKEN=${canaries[token]}\n${more}`)
  }
  await useToken('env')
  const files = projectFiles(name, canaries, controls)
  for (const [file, text] of Object.entries(files)) await write(file, text)
  const devk = await devkIn(folder)
  const record = join(folder, 'record')
  const env = {
    NODE_OPTIONS: `--import=${recorder}`,
    ARGV_RECORD: record,
    DOCKER_CONFIG: join(folder, 'docker'),
    BUILD_TOKEN: canaries['build env'],
    SOME_TOKEN: canaries.environment,
  }
  return {
    folder,
    devk,
    canaries,
    controls,
    write,
    useToken,
    run: (...args) => devk.run(args, { env }),
    runWith: (more, ...args) => devk.run(args, { env: { ...env, ...more } }),
    found: (text) => placesIn(text, canaries),
    argv: () => readFile(record, 'utf8'),
    environments: async () => {
      const text = await readFile(`${record}.environment`, 'utf8')
      const given = JSON.stringify(`BUILD_TOKEN=${canaries['build env']}`)
      const lines = text
        .split('\n')
        .map((line) => (line.startsWith('[["docker","buildx","bake"') ? line.replace(given, '') : line))
      return lines.join('\n')
    },
    dispose: async () => {
      await devk.run(['down'])
      await devk.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function placesIn(text: string | Buffer, canaries: Readonly<Record<string, string>>): string[] {
  const bytes = Buffer.from(text)
  return Object.entries(canaries).flatMap(([place, canary]) => {
    const forms = [0, 1, 2].map((offset) => {
      const encoded = Buffer.from('x'.repeat(offset) + canary).toString('base64')
      return encoded.slice(offset === 0 ? 0 : offset + 1, -4)
    })
    return [canary, ...forms].some((form) => bytes.includes(form)) ? [place] : []
  })
}

function projectFiles(
  name: string,
  canaries: Record<Place, string>,
  controls: SecretProject['controls'],
): Record<string, string> {
  const config = {
    name,
    cluster: { encryptSecrets: true },
    deploy: { kustomize: 'k8s' },
    services: {
      web: {
        build: {
          context: 'web',
          args: { CONTROL: controls.history },
          secrets: { file: { file: 'build-token' }, env: { env: 'BUILD_TOKEN' } },
        },
        dependsOn: ['db'],
      },
    },
    externals: {
      db: {
        image: 'busybox:1.37',
        port: 5432,
        command: ['httpd', '-f', '-p', '5432'],
        secret: { fromEnvFile: 'db.env' },
      },
    },
    secrets: { app: { fromEnvFile: '.env', keys: ['TOKEN', 'URL', 'LINES'] } },
    jobs: { show: { service: 'web', command: ['sh', '-c', 'test -n "$TOKEN" && echo ran'] } },
  }
  const login = { auth: base64(`me:${canaries['docker login']}`) }
  const token = { auth: base64('me:'), identitytoken: canaries['docker token'] }
  const registry = JSON.stringify({ auths: { 'r.test': { password: canaries['manifest registry'] } } })
  const secret = (of: string, more: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: of }, ...more })
  const objects = [
    secret('text', { stringData: { a: canaries['manifest text'] } }),
    secret('data', { data: { a: base64(canaries['manifest data']) } }),
    secret('fixed', { immutable: true, stringData: { a: canaries['manifest immutable'] } }),
    secret('login', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': registry } }),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'control' }, data: { control: controls.object } },
    deployment,
  ]
  const patch = JSON.stringify(secret('data', { stringData: { b: canaries.patched } }))
  const generators = [
    { name: 'literal', literals: [`a=${canaries['generated literal']}`] },
    { name: 'env', envs: ['generated.env'] },
    { name: 'file', files: ['generated.txt'] },
  ]
  return {
    'platform.config.json': JSON.stringify(config),
    'db.env': `A=${canaries.external}\nB='${canaries['external second']}'\n`,
    'build-token': canaries['build file'],
    'web/Dockerfile': dockerfile,
    'web/control': `${controls.layer}\n`,
    'k8s/kustomization.yaml': JSON.stringify({
      resources: ['objects.yaml'],
      secretGenerator: generators,
      patches: [{ target: { kind: 'Secret', name: 'data' }, patch }],
    }),
    'k8s/objects.yaml': objects.map((object) => JSON.stringify(object)).join('\n---\n'),
    'k8s/generated.env': `A=${canaries['generated env']}\n`,
    'k8s/generated.txt': canaries['generated file'],
    'docker/config.json': JSON.stringify({ auths: { 'r.test': login, 'https://index.docker.io/v1/': token } }),
  }
}

const dockerfile = `FROM busybox:1.37
ARG CONTROL
COPY control /control
RUN --mount=type=secret,id=file --mount=type=secret,id=env \\
    grep -q canary /run/secrets/file && grep -q canary /run/secrets/env && test -n "$CONTROL"
CMD ["sleep", "3600"]
`

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'web', image: 'web', envFrom: [{ secretRef: { name: 'app' } }] }],
      },
    },
  },
}
