/** A preset that the project defines itself. The tests build on each other. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
async function choosePresets(...presets: string[]): Promise<void> {
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
