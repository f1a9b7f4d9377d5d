import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import type { TrustMachine } from '../../../../src/commands/trust/machine.ts'
import { type TrustFlags, trustOn } from '../../../../src/commands/trust/trust.ts'
import type { CliContext } from '../../../../src/context.ts'
import { ensureAuthority } from '../../../../src/presets/tls/authority.ts'
import { localNames } from '../../../../src/presets/tls/names.ts'
import { anchorOf, debianPlace } from '../../../../src/presets/tls/trust.ts'
import { readAgreedHosts } from '../../../../src/state/agreed-hosts.ts'
import { statePaths } from '../../../../src/state/paths.ts'
import { unconstrained } from '../../presets/tls/support.ts'

const now = Date.parse('2026-11-29T12:00:00Z')

/** A machine whose trusted authorities are a set of fingerprints or files, which the commands change. */
async function machine(over: Partial<TrustMachine> = {}) {
  const home = await mkdtemp(join(tmpdir(), 'devk-trust-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const paths = statePaths({ HOME: home })
  const [trusted, calls] = [new Set<string>(), [] as string[]]
  const failing = new Set<string>()
  const run = async (command: string, args: string[]) => {
    const [last = ''] = args.slice(-1)
    calls.push([command, ...args].join(' '))
    if ([...failing].some((part) => calls.at(-1)?.includes(part))) return { exitCode: 1, stdout: '', stderr: 'no' }
    if (command === 'install') trusted.add(last)
    if (command === 'rm') for (const file of args) trusted.delete(file)
    // The program reads the file, as that of Fedora does.
    if (command === 'trust' && !existsSync(last)) return { exitCode: 1, stdout: '', stderr: `${last} does not exist` }
    return { exitCode: 0, stdout: '', stderr: '' }
  }
  const of: TrustMachine = {
    platform: 'linux',
    isRoot: true,
    programs: new Set(['update-ca-certificates']),
    has: async (file) => trusted.has(file),
    ...over,
  }
  const trust = async (flags: Partial<TrustFlags>, context: Partial<CliContext> = {}) => {
    const stdout = new PassThrough()
    const { signal } = new AbortController()
    const shared = { env: {}, yes: true, isTTY: false, json: false, clock: () => now, paths, signal }
    const ctx = { ...shared, runner: { run }, stdout, ...context } as unknown as CliContext
    await trustOn(ctx, { install: false, remove: false, ...flags }, of)
    stdout.end()
    return text(stdout)
  }
  const authority = () => ensureAuthority({ folder: paths.authority, names: localNames }, new Date(now))
  return { home, paths, trusted, calls, failing, trust, authority }
}

const placeOf = ({ certificate }: { certificate: string }) => debianPlace(anchorOf('', certificate))

test('it shows the authority, where its key is, and that nobody else may have it', async () => {
  const { trust, authority, paths } = await machine()
  await authority()
  const shown = await trust({})
  expect(shown).toContain(`⚠ Whoever can read ${paths.authority}/ca.key can impersonate`)
  expect(shown).toContain('Never share or copy it')
  expect(shown).toContain('signs for internal, localhost, test')
  expect(JSON.parse(await trust({}, { json: true }))).toMatchObject({
    file: `${paths.authority}/ca.crt`,
    hosts: null,
    agreed: [],
    installed: false,
    commands: expect.arrayContaining(['update-ca-certificates']),
  })
})

test('without an authority it says which command creates one', async () => {
  const { trust } = await machine()
  await expect(trust({})).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' })
  await expect(trust({ install: true })).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND' })
})

test.each([['update-ca-certificates'], ['trust']])(
  'with %s, --remove removes exactly what --install installed, also when the folder of the authority is gone',
  async (program) => {
    const { trust, authority, trusted, calls, home } = await machine({ programs: new Set([program]) })
    const place = placeOf(await authority())
    await trust({ install: true })
    if (program !== 'trust') expect([...trusted]).toEqual([place])
    trusted.add('/usr/local/share/ca-certificates/company.crt')
    await rm(join(home, '.local/share'), { recursive: true })
    calls.length = 0
    expect(await trust({ remove: true })).toContain('no longer trusts')
    if (program !== 'trust') expect([...trusted]).toEqual(['/usr/local/share/ca-certificates/company.crt'])
    else expect(calls).toEqual([expect.stringMatching(/^trust anchor --remove .*authorities\/[0-9A-F]{64}\.crt$/)])
    expect(await trust({ remove: true })).toContain('nothing to remove')
  },
)

test('an authority that could sign for every host is never installed, and its earlier installation is removed', async () => {
  const { trust, paths, trusted } = await machine()
  const old = await unconstrained(paths.authority)
  trusted.add('/usr/local/share/ca-certificates/devk.crt')
  await trust({ install: true })
  expect(trusted.size).toBe(1)
  expect(trusted).not.toContain(placeOf(old))
})

test('roots that were replaced are all removed', async () => {
  const { trust, authority, paths, trusted } = await machine()
  await authority()
  await trust({ install: true })
  await rm(paths.authority, { recursive: true })
  await authority()
  await trust({ host: 'app.example.com', install: true })
  expect(trusted.size).toBe(2)
  await trust({ remove: true })
  expect(trusted.size).toBe(0)
})

test('what an earlier devk installed without a record is removed by what is on the disk', async () => {
  const { trust, authority, paths, calls } = await machine({ platform: 'darwin' })
  const old = await unconstrained(paths.authority)
  const { certificate } = await authority()
  await trust({ remove: true })
  const sha1 = [certificate, old.certificate].map((pem) => anchorOf('', pem).sha1)
  expect(calls.map((line) => line.split(' ').at(-2))).toEqual(sha1)
  expect(existsSync(join(paths.authority, 'ca.crt'))).toBe(true)
})

test('an authority whose removal fails is removed by the next call', async () => {
  const { trust, authority, failing, calls } = await machine({ platform: 'darwin' })
  await authority()
  await trust({ install: true })
  failing.add('delete-certificate')
  await expect(trust({ remove: true })).rejects.toMatchObject({ code: 'COMMAND_FAILED' })
  failing.clear()
  calls.length = 0
  await trust({ remove: true })
  expect(calls).toHaveLength(1)
})

test('a user who is not root gets the commands and the warning, and --remove knows what they install', async () => {
  const { trust, authority, calls, trusted } = await machine({ isRoot: false })
  const place = placeOf(await authority())
  await expect(trust({ install: true })).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    details: expect.arrayContaining([expect.stringContaining('Never share')]),
    hint: expect.stringContaining(`sudo install -m 644`),
  })
  trusted.add(place)
  await expect(trust({ remove: true })).rejects.toMatchObject({ hint: expect.stringContaining(`sudo rm -f ${place}`) })
  expect(calls).toEqual([])
})

test.each([
  [{ install: true }, { env: { CI: 'true' } }],
  [{ install: true }, { yes: false }],
  [{ install: true, remove: true }, {}],
])('nothing is installed by accident: %j with %j', async (flags, context) => {
  const { trust, authority, calls, paths } = await machine()
  await authority()
  await expect(trust(flags, context)).rejects.toMatchObject({ code: 'USAGE' })
  expect(calls).toEqual([])
  await expect(readdir(paths.installedAuthorities)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('--host agrees to a name, --install trusts its authority, and --host --remove takes it back', async () => {
  const { trust, paths, trusted } = await machine()
  expect(await trust({ host: '*.App.example.com' })).toContain('may issue certificates for app.example.com')
  expect(await readAgreedHosts(paths.agreedHosts)).toEqual(['app.example.com'])
  expect(await trust({ install: true })).toContain('signs for app.example.com, internal, localhost, test')
  expect(trusted.size).toBe(1)
  await trust({ host: 'app.example.com', remove: true })
  expect(await readAgreedHosts(paths.agreedHosts)).toEqual([])
  expect(existsSync(paths.hostsAuthority)).toBe(false)
  expect(trusted.size).toBe(1)
  await trust({ remove: true })
  expect(trusted.size).toBe(0)
  await expect(trust({ host: 'app.example.com', remove: true })).rejects.toMatchObject({ code: 'USAGE' })
})

test.each(['com', 'https://x.com/', '10.0.0.1', 'shop.localhost', ''])('--host %s is refused', async (host) => {
  const { trust, paths } = await machine()
  await expect(trust({ host })).rejects.toMatchObject({ code: 'USAGE' })
  expect(await readAgreedHosts(paths.agreedHosts)).toEqual([])
})

test('a name is not agreed to without an answer', async () => {
  const { trust, paths } = await machine()
  await expect(trust({ host: 'app.example.com' }, { yes: false })).rejects.toMatchObject({ code: 'USAGE' })
  expect(await readAgreedHosts(paths.agreedHosts)).toEqual([])
})
