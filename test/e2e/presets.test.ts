import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { docker } from './support/engine.ts'
import { type Site, siteProject } from './support/site.ts'

/** A preset of the project's own, through all that may happen to it. */
const name = 'own-presets'
let site: Site

beforeAll(async () => {
  site = await siteProject({ name, port: 30093 })
  expect((await site.devk.run(['up', '--detach', '--yes'])).exitCode).toBe(0)
})
afterAll(() => site?.dispose())

const up = (...args: string[]) => site.devk.run(['up', '--detach', '--yes', ...args])
const kubectl = (...args: string[]) =>
  docker('exec', `${name}-control-plane`, 'kubectl', '--kubeconfig=/etc/kubernetes/admin.conf', ...args)
const inMail = (kind: string) => kubectl('-n', 'mail', 'get', kind, '-o', 'name')

async function choose(...presets: string[]): Promise<void> {
  const config = JSON.parse(await readFile(join(site.folder, 'platform.config.json'), 'utf8'))
  await site.write('platform.config.json', JSON.stringify({ ...config, presets }, null, 2))
}

async function mail(script: string, image = 'docker.io/library/busybox:1.37'): Promise<void> {
  await site.write(
    'presets/mail/preset.yaml',
    `name: mail\ndescription: Catches mail\nversion: '1.37'\nnamespace: mail\nimages: [{ image: '${image}' }]\n`,
  )
  await site.write(
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

async function told(): Promise<{ name: string; state: string; reason: string | null }[]> {
  return JSON.parse((await site.devk.run(['status', '--json'])).stdout).presets
}

test('a preset that fails is told with its reason, and the services go on', async () => {
  await mail('echo no post today; exit 1')
  await choose('./presets/mail')
  await site.write('web/index.html', 'second\n')
  const done = await up('--timeout', '30s')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(done.stderr).toMatch(/mail.*failed.*no post today/s)
  expect(await told()).toMatchObject([{ name: 'mail', state: 'failed', reason: expect.stringMatching(/^mail-/) }])
  expect(await site.page()).toBe('second')
})

test('--strict makes it fatal', async () => {
  const done = await up('--strict', '--timeout', '15s')
  expect(done.exitCode).toBe(3)
  expect(done.stderr).toContain('no post today')
})

test('mended, the next up has it ready', async () => {
  await mail('sleep 100000')
  const done = await up('--strict')
  expect(done.exitCode, done.stderr).toBe(0)
  expect(await told()).toMatchObject([{ name: 'mail', state: 'ready', reason: null }])
  expect((await up()).stderr).toMatch(/nothing changed/)
})

test('a name that does not exist, and an image that is not pinned, end up before anything is changed', async () => {
  const before = await inMail('all')
  await choose('./presets/mail', 'ingres')
  const misspelt = await up()
  expect([misspelt.exitCode, misspelt.stderr]).toEqual([2, expect.stringContaining('ingress')])
  await choose('./presets/mail')
  await mail('sleep 100000', 'docker.io/library/busybox:latest')
  const unpinned = await up()
  expect(unpinned.exitCode).toBe(2)
  expect(unpinned.stderr).toMatch(/mail\.yaml:\d+: docker\.io\/library\/busybox:latest/)
  expect(await inMail('all')).toBe(before)
  await mail('sleep 100000')
})

test('taken out of the configuration, all it brought goes, its data only when that is asked for', async () => {
  await choose()
  expect((await up()).exitCode).toBe(0)
  expect([await inMail('deployments'), await inMail('pvc')]).toEqual(['', 'persistentvolumeclaim/letters'])
  expect((await up('--prune-data')).exitCode).toBe(0)
  expect(await inMail('pvc')).toBe('')
  expect(await site.page()).toBe('second')
})
