import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { CliContext } from '../../../../src/context.ts'
import type { KubeObject } from '../../../../src/kube/api.ts'
import { readAgreedHosts, readHostAnswers } from '../../../../src/state/agreed-hosts.ts'
import { statePaths } from '../../../../src/state/paths.ts'
import { agreeToHosts } from '../../../../src/up/presets/agree-hosts.ts'
import { fakeKube } from '../../../fakes/kube.ts'
import { configOf } from '../../stack/support.ts'
import { fakeIssuer } from './fake-issuer.ts'

const ingress: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: { tls: [{ hosts: ['a.localhost', 'app.example.com', '*.app.example.com'], secretName: 'web-tls' }] },
}

/** Asks on a terminal on which the user types `answer`. Returns what the terminal shows, and the kept answers. */
async function terminal() {
  const home = await mkdtemp(join(tmpdir(), 'devk-agree-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const paths = statePaths({ HOME: home })
  const ask = async (answer: string, over: Partial<CliContext> = {}) => {
    const [stdin, screen] = [new PassThrough(), new PassThrough()]
    stdin.write(`${answer}\n`)
    const { signal } = new AbortController()
    const ctx = {
      isTTY: true,
      yes: false,
      stdin,
      screen,
      signal,
      clock: () => 0,
      paths,
      ...over,
    } as unknown as CliContext
    const issuer = fakeIssuer(await readAgreedHosts(paths.agreedHosts))
    const input = { config: configOf({}), certifier: { issuer, certManager: false }, kube: fakeKube() }
    const rendered = async () => [{ object: ingress, origin: { file: 'k8s/a.yaml', line: 1 } }]
    await agreeToHosts(ctx, { ...input, rendered })
    return String(screen.read() ?? '')
  }
  return { ask, answers: async () => Object.fromEntries(await readHostAnswers(paths.agreedHosts)) }
}

test('up asks once about each name, and keeps the answer', async () => {
  const { ask, answers } = await terminal()
  const shown = await ask('y')
  expect(shown.match(/app\.example\.com, a name that belongs to someone/g)).toHaveLength(1)
  expect(shown).not.toContain('a.localhost')
  expect(await answers()).toEqual({ 'app.example.com': { agreed: true, since: '1970-01-01T00:00:00.000Z' } })
  expect(await ask('n')).toBe('')
})

test('a refusal is kept too', async () => {
  const { ask, answers } = await terminal()
  await ask('')
  expect(await answers()).toMatchObject({ 'app.example.com': { agreed: false } })
  expect(await ask('y')).toBe('')
})

test.each([{ yes: true }, { isTTY: false }, { json: true }])(
  'with %j nothing is asked, and that is no agreement',
  async (over) => {
    const { ask, answers } = await terminal()
    expect(await ask('y', over)).toBe('')
    expect(await answers()).toEqual({})
  },
)
