/** Configuration, manifests, .env and ignore files with mistakes: read as the real parsers read them, or refused. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { DevkError } from '../../src/errors.ts'
import { ignoreRules } from '../../src/images/build/ignore.ts'
import type { KubeObject } from '../../src/kube/api.ts'
import { readEnvFile } from '../../src/lib/env-file.ts'
import { yamlText } from '../../src/lib/yaml.ts'
import { plainManifests } from '../../src/manifests/plain.ts'
import { scaled } from '../../src/manifests/scale/scale.ts'
import { parseYaml } from '../../src/manifests/yaml.ts'
import { desiredState } from '../../src/stack/desired/desired.ts'
import { ignoredByBuildKit } from './oracle/build-context.ts'
import { kubectlValues, manifestOf } from './oracle/kubectl-yaml.ts'
import { replayOf, runsOf, wanted } from './support/campaign.ts'
import { configuration, manifests } from './support/inputs.ts'
import { brokenTexts, brokenValues } from './support/texts.ts'

const name = 'inputs'
/** This share of the 1,000 or 20,000 inputs. */
const share = (part: number) => Math.ceil(runsOf({ short: 1000, long: 20_000 }) * part)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-faults-inputs-'))
  await writeFile(join(folder, '.env'), 'PASSWORD=a\n')
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n')
  await writeFile(join(folder, 'app.yaml'), '')
})
afterAll(() => rm(folder, { recursive: true }))

async function holdsFor<T>(
  inputs: fc.Arbitrary<T>,
  part: number,
  check: (input: T) => Promise<void>,
  options: fc.Parameters<[T]> = {},
): Promise<void> {
  const { seed } = wanted
  try {
    await fc.assert(fc.asyncProperty(inputs, check), { seed, numRuns: share(part), ...options })
  } catch (error) {
    const repeat = `Repeat it with: ${replayOf(name, seed, runsOf({ short: 1000, long: 20_000 }))}`
    throw new Error(`${(error as Error).message}\n${repeat}`, { cause: error })
  }
}

/** Fails unless the promise resolves, or rejects with a mistake of the user: exit code 2 and something to act on. */
async function readOrRefused<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (!(error instanceof DevkError)) throw error
    expect(error.exitCode, error.message).toBe(2)
    expect(error.message).not.toBe('')
    return undefined
  }
}

const load = async (file: string, text: string) => {
  await writeFile(join(folder, file), text)
  return readOrRefused(loadConfig({ cwd: folder, file, env: {}, presets: ['ingress'], agree: async () => {} }))
}

/** All steps of `up` from the manifests to the objects that are applied. */
async function render(text: string): Promise<void> {
  await writeFile(join(folder, 'app.yaml'), text)
  const config = await load('platform.config.json', JSON.stringify(configuration))
  if (config === undefined) throw new Error('the configuration without mistakes is refused')
  const reading = plainManifests([join(folder, 'app.yaml')], folder).then((rendered) => {
    const fitted = scaled(rendered, config.scale, { externals: new Map(), storage: undefined }).objects
    const images = { web: 'localhost:5001/shop/web:1' }
    const secrets = { secrets: { s: { PASSWORD: 'a' } }, externals: { db: { POSTGRES_PASSWORD: 'a' } } }
    return desiredState({ config, rendered: fitted, images, secrets, hashKey: 'k' })
  })
  await readOrRefused(reading)
}

test('a configuration with wrong values is refused', async () => {
  await holdsFor(brokenValues(configuration), 0.2, async (value) => {
    await load('platform.config.json', JSON.stringify(value) ?? '')
  })
})

test('a configuration with broken text is refused', async () => {
  const files = fc.constantFrom('platform.config.json', 'platform.config.yaml')
  const text = brokenTexts([JSON.stringify(configuration, null, 2), yamlText(configuration)])
  await holdsFor(fc.tuple(files, text), 0.15, async ([file, broken]) => void (await load(file, broken)))
})

test('manifests with wrong values are refused, or deployed as they are', async () => {
  const one = fc.constantFrom(...manifests).chain((manifest) => brokenValues(manifest))
  await holdsFor(one, 0.2, async (broken) => {
    const others = manifests.filter((each) => (broken as KubeObject | null)?.metadata?.name !== each.metadata.name)
    await render([broken, ...others].map(yamlText).join('---\n'))
  })
})

test('manifests with broken text are refused', async () => {
  await holdsFor(brokenTexts([manifests.map(yamlText).join('---\n')]), 0.15, render)
})

test('YAML has the values that kubectl reads, or is refused', async () => {
  const text = manifests.map(yamlText)
  const batch = 50
  // A byte order mark within a value is invisible, and kubectl keeps it.
  const visible = brokenTexts(text).filter((each) => !each.includes('\uFEFF'))
  const texts = fc.array(visible, { minLength: batch, maxLength: batch })
  let compared = 0
  await holdsFor(
    texts,
    0.2 / batch,
    async (broken) => {
      const expected = await kubectlValues(broken)
      for (const [index, each] of broken.entries()) {
        const found = await readOrRefused(Promise.resolve().then(() => parseYaml(manifestOf(each, index), 'a.yaml')))
        if (found === undefined || expected[index] === undefined) continue
        compared += 1
        const read = found[0]?.value as { data?: unknown } | undefined
        expect(read?.data ?? null, each).toEqual(expected[index])
      }
      // To look for a smaller example would take minutes.
    },
    { endOnFailure: true },
  )
  expect(compared).toBeGreaterThan(share(0.2) / 10)
})

test('a .env file is read or refused', async () => {
  const text = brokenTexts(['A=1\nB="two\\n" # c\nexport C=\'$x\'\n\n# note\nD=a=b\n'])
  await holdsFor(text, 0.08, async (broken) => {
    const found = readEnvFile(broken)
    if ('mistake' in found) expect(found.mistake.line).toBeGreaterThan(0)
    else expect(Object.values(found.values).every((value) => typeof value === 'string')).toBe(true)
  })
})

test('an ignore file leaves out what BuildKit leaves out', async () => {
  const files = ['a', 'b/a', 'b/c/a', 'a.md', 'b/a.md', 'c++/a', '[x]/a', 'app/(auth)/a', '.a', 'b/.a', 'A']
  const part = fc.constantFrom(
    'a',
    'b',
    'c',
    '*',
    '**',
    '?',
    '*.md',
    'c++',
    '(auth)',
    '.a',
    '.',
    'app',
    '[ab]',
    'A',
    '',
  )
  const pattern = fc
    .tuple(fc.constantFrom('', '', '!', '/', '!/', '#', ' '), fc.array(part, { minLength: 1, maxLength: 3 }))
    .map(([prefix, parts]) => `${prefix}${parts.join('/')}`)
  await holdsFor(
    fc.array(pattern, { minLength: 1, maxLength: 4 }),
    0.02,
    async (patterns) => {
      const text = patterns.join('\n')
      const expected = await ignoredByBuildKit(text, files).catch(() => undefined)
      const found = await readOrRefused(
        Promise.resolve().then(() => {
          const rules = ignoreRules(text)
          return files.filter((file) => rules.ignores(file))
        }),
      )
      if (expected !== undefined && found !== undefined) expect(found, text).toEqual(expected)
    },
    { endOnFailure: true },
  )
})
