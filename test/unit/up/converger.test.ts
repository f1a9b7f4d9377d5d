import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { configSchema } from '../../../src/config/schema.ts'
import type { CliContext } from '../../../src/context.ts'
import { DevkError } from '../../../src/errors.ts'
import type { KubeObject } from '../../../src/kube/api.ts'
import type { Platform } from '../../../src/platform/platform.ts'
import { converger } from '../../../src/up/converger.ts'
import { lastGood } from '../../../src/up/last-good.ts'
import { planLines } from '../../fakes/plan-lines.ts'
import { configMap, stackKube } from '../stack/support.ts'

const never = new AbortController().signal

/** Comparisons of a project with a Secret, whose manifests and .env file the test changes. */
function start() {
  const root = mkdtempSync(join(tmpdir(), 'devk-converger-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const writeEnv = (text: string) => writeFileSync(join(root, '.env'), text)
  writeEnv('TOKEN=1\n')
  const state = { manifests: [configMap('a')] as KubeObject[] | Error }
  const input = configSchema.parse({ name: 'todo', secrets: { s: { fromEnvFile: '.env' } } })
  const config = resolveConfig(input, join(root, 'platform.config.ts'), root)
  const written = async () => {
    if (state.manifests instanceof Error) throw state.manifests
    return state.manifests.map((object) => ({ object, origin: { file: 'k8s/a.yaml', line: 1 } }))
  }
  const images = { list: async () => [] }
  const platform = { kube: stackKube(), route: { prefix: 'localhost:5001', remote: true }, supply: {} }
  const { prepare } = converger({ engine: () => ({ images }) } as unknown as CliContext, {
    config,
    platform: platform as unknown as Platform,
    manifests: () => ({ written, fitted: written }),
    timeoutMs: 1000,
    only: undefined,
    fit: false,
    certifier: undefined,
    lastGood: lastGood(),
    hooks: { image: (_owner, run) => run(() => {}), onEvent: () => {} },
  })
  const mistakes: string[] = []
  const compare = async (tolerant: boolean) => {
    const onMistake = ({ message }: DevkError) => void mistakes.push(message)
    const { prepared } = await prepare(never, { works: [], config, ...(tolerant ? { onMistake } : {}) })
    return planLines(prepared.plan)
  }
  return { state, writeEnv, compare, mistakes }
}

const broken = new DevkError('MANIFEST_INVALID', 'k8s/a.yaml:3: no such field')
const first = ['create ConfigMap default/a', 'create Secret default/s']

type Stack = ReturnType<typeof start>
const breakManifest = ({ state }: Stack) => {
  state.manifests = broken
}

test.each([
  ['a manifest', breakManifest, /^k8s\/a.yaml:3/],
  ['an .env file', ({ writeEnv }: Stack) => writeEnv('TOKEN="'), /cannot be created from/],
])(
  'with a mistake in %s, the last sources without one are compared where that is allowed',
  async (_, damage, words) => {
    const stack = start()
    expect((await stack.compare(false)).toSorted()).toEqual(first)
    damage(stack)
    await expect(stack.compare(false)).rejects.toThrow(words)
    expect((await stack.compare(true)).toSorted()).toEqual(first)
    expect(stack.mistakes).toEqual([expect.stringMatching(words)])
  },
)

test('what is correct again is compared as it is then', async () => {
  const { state, compare, mistakes } = start()
  await compare(true)
  state.manifests = broken
  await compare(true)
  state.manifests = [configMap('b')]
  expect(await compare(true)).toContain('create ConfigMap default/b')
  expect(mistakes).toHaveLength(1)
})

test('without earlier sources, and for failures that no file causes, nothing else is compared', async () => {
  const { state, compare } = start()
  state.manifests = broken
  await expect(compare(true)).rejects.toBe(broken)
  state.manifests = [configMap('a')]
  await compare(true)
  state.manifests = new DevkError('KUBE_API', 'no answer')
  await expect(compare(true)).rejects.toThrow('no answer')
})
