/**
 * A preset that the project defines itself. The tests build on each other. In the long runs: the presets of devk take the same way.
 * @module-tag long
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { gitServer, listening } from '../../support/git-server.ts'
import { kubectlIn } from '../support/kubectl.ts'
import { createWebProject, type WebProject } from '../support/projects/web-project.ts'

const name = 'project-preset'
let project: WebProject

beforeAll(async () => {
  project = await createWebProject({ name, port: 30093 })
  expect((await project.devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
})
afterAll(() => project?.dispose())

const up = (...args: string[]) => project.devk.run(['up', '--detach', '--yes', ...args])
const kubectl = kubectlIn(`${name}-control-plane`)
/** Names of the objects of a kind in the namespace of the preset. */
const inMail = (kind: string) => kubectl('-n', 'mail', 'get', kind, '-o', 'name')

/** Sets `presets` of the configuration. */
async function choosePresets(...presets: (string | object)[]): Promise<void> {
  const config = JSON.parse(await readFile(join(project.folder, 'platform.config.json'), 'utf8'))
  await project.write('platform.config.json', JSON.stringify({ ...config, presets }, null, 2))
}

/** Writes the preset `mail`, whose container runs this script. */
async function writeMailPreset(script: string, image = 'docker.io/library/busybox:1.37'): Promise<void> {
  await project.write(
    'presets/mail/preset.yaml',
    `name: mail\ndescription: Catches mail\nversion: '1.37'\nnamespace: mail\nimages: [{ image: '${image}' }]\n`,
  )
  await project.write(
    'presets/mail/manifests/mail.yaml',
    `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: letters }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: mail }
spec:
  selector: { matchLabels: { app: mail } }
  template:
    metadata: { labels: { app: mail } }
    spec:
      terminationGracePeriodSeconds: 0
      volumes: [{ name: letters, persistentVolumeClaim: { claimName: letters } }]
      containers:
        - name: mail
          image: ${image}
          command: [sh, -c, '${script}']
          volumeMounts: [{ name: letters, mountPath: /letters }]
`,
  )
}

/** The presets in `devk status --json`. */
async function presetStates(): Promise<{ name: string; state: string; reason: string | null }[]> {
  return JSON.parse((await project.devk.run(['status', '--json'])).stdout).presets
}

test('up reports a failed preset with its reason, and deploys the services', async () => {
  await writeMailPreset('echo no post today; exit 1')
  await choosePresets('./presets/mail')
  await project.write('web/index.html', 'second\n')
  const done = await up('--timeout', '30s')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(done.stderr).toMatch(/mail.*failed.*no post today/s)
  expect(await presetStates()).toMatchObject([
    { name: 'mail', state: 'failed', reason: expect.stringMatching(/^mail-/) },
  ])
  expect(await project.page()).toBe('second')
})

test('up --strict fails with the preset', async () => {
  const done = await up('--strict', '--timeout', '15s')
  expect(done.exitCode).toBe(3)
  expect(done.stderr).toContain('no post today')
})

test('up deploys the preset once it is fixed', async () => {
  await writeMailPreset('sleep 100000')
  const done = await up('--strict')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await presetStates()).toMatchObject([{ name: 'mail', state: 'ready', reason: null }])
  expect((await up()).stderr).toMatch(/nothing changed/)
})

test('up refuses an unknown preset and an image without a version before it changes anything', async () => {
  const before = await inMail('all')
  await choosePresets('./presets/mail', 'ingres')
  const misspelt = await up()
  expect([misspelt.exitCode, misspelt.stderr]).toEqual([2, expect.stringContaining('ingress')])
  await choosePresets('./presets/mail')
  await writeMailPreset('sleep 100000', 'docker.io/library/busybox:latest')
  const unpinned = await up()
  expect(unpinned.exitCode).toBe(2)
  expect(unpinned.stderr).toMatch(/mail\.yaml:\d+: docker\.io\/library\/busybox:latest/)
  expect(await inMail('all')).toBe(before)
  await writeMailPreset('sleep 100000')
})

test('up without the preset deletes its objects, and its data only with --prune-data', async () => {
  await choosePresets()
  expect((await up()).exitCode).toBe(0)
  expect([await inMail('deployments'), await inMail('pvc')]).toEqual(['', 'persistentvolumeclaim/letters'])
  expect((await up('--prune-data')).exitCode).toBe(0)
  expect(await inMail('pvc')).toBe('')
  expect(await project.page()).toBe('second')
})

/** An operator as its release publishes it: a definition, an object of its kind, and a workload. */
const install = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: letters.post.example.com }
spec:
  group: post.example.com
  names: { kind: Letter, plural: letters }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
---
apiVersion: post.example.com/v1
kind: Letter
metadata: { name: first }
---
${workload('Deployment', 'operator', 'sleep 100000', 'Always')}`

/** A workload of busybox. */
function workload(
  kind: 'Deployment' | 'Job',
  name: string,
  script: string,
  policy: string,
  annotations = '{}',
): string {
  const isJob = kind === 'Job'
  return `apiVersion: ${isJob ? 'batch/v1' : 'apps/v1'}
kind: ${kind}
metadata: { name: ${name}, annotations: ${annotations} }
spec:
  ${isJob ? 'backoffLimit: 0' : `selector: { matchLabels: { app: ${name} } }`}
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      ${isJob ? 'restartPolicy: Never' : 'terminationGracePeriodSeconds: 0'}
      containers:
        - { name: a, image: busybox:1.37, imagePullPolicy: ${policy}, command: [sh, -c, ${script}] }
`
}

/** A program in place of helm, which this machine may lack: it fetches an archive, and prints what a chart renders to. */
async function standInHelm(): Promise<string> {
  const hook = workload('Job', 'prepare', 'exit 0', 'IfNotPresent', "{ 'helm.sh/hook': pre-install }")
  const chart = `${hook}---\n${workload('Deployment', 'queue', 'sleep 100000', 'IfNotPresent')}`
  // devk runs no program of the project.
  const folder = await mkdtemp(join(tmpdir(), 'devk-helm-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'chart.yaml'), chart)
  const script = `#!/bin/sh
case "$1" in
  template) cat "$(dirname "$0")/chart.yaml" ;;
  show) echo 'version: 1.0.0' ;;
  pull) while [ "$1" != --destination ]; do shift; done; echo archive > "$2/queue-1.0.0.tgz" ;;
  *) exit 1 ;;
esac
`
  await writeFile(join(folder, 'helm'), script, { mode: 0o755 })
  return `${folder}:${process.env.PATH}`
}

test('presets from a URL, a Git repository and a chart come up, and need no network afterwards', async () => {
  const git = await gitServer({
    'base/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: rules }\n',
    'dev/kustomization.yaml': 'namePrefix: dev-\nresources: [../base/map.yaml]\n',
  })
  const server = createServer((_request, response) => response.end(install))
  const url = `http://127.0.0.1:${await listening(server)}/install.yaml`
  onTestFinished(() => void server.close())
  await choosePresets(
    { name: 'operator', manifests: url },
    { git: git.url, path: 'dev', namespace: 'rules' },
    { chart: 'queue', repo: 'https://charts.example.com', version: '^1' },
  )
  const env = { PATH: await standInHelm() }
  const bring = (...args: string[]) => project.devk.run(['up', '--detach', '--strict', ...args], { env })
  const refused = await bring()
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('not allowed devk to fetch')])

  const done = await bring('--yes')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await kubectl('-n', 'operator', 'get', 'letters', '-o', 'name')).toBe('letter.post.example.com/first')
  expect(await kubectl('-n', 'rules', 'get', 'configmap', 'dev-rules', '-o', 'name')).toBe('configmap/dev-rules')
  const succeeded = ['get', 'job', 'prepare', '-o', 'jsonpath={.status.succeeded}']
  expect(await kubectl('-n', 'queue', ...succeeded)).toBe('1')
  expect((await presetStates()).map(({ name: preset, state }) => `${preset} ${state}`).sort()).toEqual([
    'dev ready',
    'operator ready',
    'queue ready',
  ])

  server.closeAllConnections()
  server.close()
  await git.close()
  expect((await bring()).stderr).toMatch(/nothing changed/)
  await kubectl('-n', 'operator', 'delete', 'deployment', 'operator')
  expect((await bring()).exitCode).toBe(0)
  expect(await kubectl('-n', 'operator', 'get', 'deployments', '-o', 'name')).toBe('deployment.apps/operator')
})

test('up without these presets removes them, with their definitions', async () => {
  await choosePresets()
  expect((await up('--prune-data')).exitCode).toBe(0)
  const left = await kubectl('get', 'namespaces,customresourcedefinitions', '-o', 'name')
  expect(left).not.toMatch(/operator|rules|queue|letters/)
})
