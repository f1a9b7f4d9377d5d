import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requirePinned, requireVersions } from '../../../src/presets/fit.ts'
import type { Preset } from '../../../src/presets/folder.ts'
import { choosePresets, inOrder } from '../../../src/presets/resolve.ts'

let library: string

beforeAll(async () => {
  library = await mkdtemp(join(tmpdir(), 'devk-presets-'))
  await preset('ingress', { profiles: ['minimal', 'full'] })
  await preset('prometheus', { needs: ['metrics-server'], profiles: ['full'] })
  await preset('metrics-server', { kubernetes: '>=1.31' })
})

afterAll(() => rm(library, { recursive: true }))

async function preset(name: string, more: object, folder = join(library, name)): Promise<void> {
  await mkdir(folder, { recursive: true })
  const spec = { name, description: name, version: '1.0', namespace: name, ...more }
  await writeFile(join(folder, 'preset.yaml'), JSON.stringify(spec))
}

const chosen = async (presets: string[], profile?: 'minimal' | 'full') =>
  (await choosePresets({ presets, profile, root: library }, library)).map(({ name }) => name)

test('the presets that a preset requires are added before it', async () => {
  expect(await chosen(['prometheus', 'ingress'])).toEqual(['metrics-server', 'prometheus', 'ingress'])
})

test('a profile adds its presets, each once', async () => {
  expect(await chosen(['metrics-server'], 'full')).toEqual(['metrics-server', 'ingress', 'prometheus'])
  expect(await chosen([], 'minimal')).toEqual(['ingress'])
  expect(await chosen([])).toEqual([])
})

test('a folder is a preset of the project, and may not have the name of a built-in preset', async () => {
  await preset('mail', { needs: ['ingress'] }, join(library, 'own/mail'))
  expect(await chosen([join(library, 'own/mail')])).toEqual(['ingress', 'mail'])
  await preset('ingress', {}, join(library, 'own/again'))
  await expect(chosen([join(library, 'own/again')])).rejects.toThrow(
    'has the name "ingress", which another preset has too',
  )
})

test('an unknown preset is reported with the nearest name', async () => {
  await expect(chosen(['promethius'])).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'There is no preset "promethius"',
    hint: 'Did you mean "prometheus"?',
  })
})

test('presets that require each other are refused with the cycle', () => {
  const make = (name: string, needs: string[]) => ({ name, needs, folder: `/${name}` }) as unknown as Preset
  const all = new Map([make('a', ['b']), make('b', ['c']), make('c', ['b'])].map((each) => [each.name, each]))
  expect(() => inOrder(['a'], all)).toThrow('The presets b → c → b need each other')
})

test('an invalid preset.yaml is refused with the position of each problem', async () => {
  await preset('odd', { versoin: '2', needs: 'x' }, join(library, 'own/odd'))
  await expect(chosen([join(library, 'own/odd')])).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

test('a version outside the range is reported with the range', async () => {
  const [metrics] = await choosePresets({ presets: ['metrics-server'], root: library }, library)
  expect(() => requireVersions(metrics === undefined ? [] : [metrics], 'v1.30.0')).toThrow(
    expect.objectContaining({ details: ['metrics-server supports >=1.31', 'No preset was installed.'] }),
  )
})

test.each([
  ['nginx', false],
  ['nginx:latest', false],
  ['localhost:5001/nginx', false],
  ['nginx:1.29', true],
  [`nginx@sha256:${'0'.repeat(64)}`, true],
])('the image %s is pinned: %s', (image, pinned) => {
  const template = { spec: { containers: [{ name: 'web', image }] } }
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template } }
  const check = () => requirePinned({ name: 'own' } as Preset, [{ object, origin: { file: 'web.yaml', line: 3 } }])
  if (pinned) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ details: [`web.yaml:3: ${image}`, 'Nothing was changed.'] }))
})
