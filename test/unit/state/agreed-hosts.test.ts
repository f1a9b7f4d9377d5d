import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readAgreedHosts, rememberHost } from '../../../src/state/agreed-hosts.ts'

const since = '2026-11-29T00:00:00.000Z'

async function stateFile() {
  const home = await mkdtemp(join(tmpdir(), 'devk-hosts-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  return join(home, 'hosts.json')
}

test('agreements are kept by name in a file of the user, and can be taken back', async () => {
  const file = await stateFile()
  expect(await readAgreedHosts(file)).toEqual([])
  await rememberHost(file, 'b.example.com', { agreed: true, since })
  await rememberHost(file, 'a.example.com', { agreed: true, since })
  await rememberHost(file, 'c.example.com', { agreed: false, since })
  expect(await readAgreedHosts(file)).toEqual(['a.example.com', 'b.example.com'])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await rememberHost(file, 'a.example.com', undefined)
  expect(await readAgreedHosts(file)).toEqual(['b.example.com'])
})

test.each(['{', '[]', 'null', '{"google.com": true, "a.example.com": {"agreed": "yes", "since": "x"}}'])(
  'a damaged file is no agreement: %s',
  async (text) => {
    const file = await stateFile()
    await writeFile(file, text)
    expect(await readAgreedHosts(file)).toEqual([])
  },
)
