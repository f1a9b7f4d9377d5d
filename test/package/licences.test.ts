import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeLicences } from '../../scripts/build/licences.ts'

async function packages(manifests: Record<string, object>): Promise<{ root: string; sources: string[] }> {
  const root = await mkdtemp(join(tmpdir(), 'devk-licences-'))
  onTestFinished(() => rm(root, { recursive: true }))
  for (const [folder, manifest] of Object.entries(manifests)) {
    await mkdir(join(root, folder), { recursive: true })
    await writeFile(join(root, folder, 'package.json'), JSON.stringify({ version: '1.0.0', ...manifest }))
    await writeFile(join(root, folder, 'LICENSE.md'), 'Copyright someone\n')
  }
  return { root, sources: [...Object.keys(manifests).map((folder) => `${folder}/lib/main.js`), 'src/main.ts'] }
}

test.each([
  ['GPL-3.0-only', false],
  ['AGPL-3.0-or-later', false],
  ['BUSL-1.1', false],
  ['SEE LICENSE IN terms.txt', false],
  ['UNLICENSED', false],
  [undefined, false],
  ['MIT AND GPL-2.0-only', false],
  ['(MIT OR GPL-2.0-only)', true],
  ['MPL-2.0', true],
  ['Apache-2.0', true],
])('of a package under %s it says whether it may be bundled: %s', async (license, accepted) => {
  const { root, sources } = await packages({ 'node_modules/one': { name: 'one', license } })
  const written = writeLicences(root, sources, join(root, 'licences'))
  if (accepted) await written
  else await expect(written).rejects.toThrow(`devk may not bundle one@1.0.0 (${license ?? 'no licence'})`)
})

test('packages with the same text share it; a package inside another one counts as itself', async () => {
  const { root, sources } = await packages({
    'node_modules/@scope/two': { name: '@scope/two', license: 'MIT' },
    'node_modules/one/node_modules/three': { name: 'three', licenses: [{ type: 'ISC' }] },
  })
  await writeLicences(root, sources, join(root, 'licences'))
  const text = await readFile(join(root, 'licences'), 'utf8')
  expect(text).toContain('\n@scope/two@1.0.0 (MIT)\nthree@1.0.0 (ISC)\n\nCopyright someone\n')
})

test('a package inside a file of another one has its own version, and the licence of the same package here', async () => {
  const { root, sources } = await packages({ 'node_modules/@scope/four': { name: '@scope/four', license: 'MIT' } })
  const inside = 'node_modules/.pnpm/@scope+four@3.0.1_five@8.0.0/node_modules/@scope/four/package.json'
  await writeLicences(root, [...sources, inside], join(root, 'licences'))
  const text = await readFile(join(root, 'licences'), 'utf8')
  expect(text).toContain('\n@scope/four@1.0.0 (MIT)\n@scope/four@3.0.1 (MIT)\n\nCopyright someone\n')
})
