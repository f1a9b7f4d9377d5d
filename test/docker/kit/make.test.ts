import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { kitCache } from '../../../src/kit/cache.ts'
import { keyFacts } from '../../../src/kit/facts.ts'
import { recipeKeys } from '../../../src/kit/keys.ts'
import { makeAll } from '../../../src/kit/make.ts'
import { lookUp } from '../../../src/kit/presence.ts'
import type { KitDeps, Recipe } from '../../../src/kit/recipe.ts'
import { imageRecipe } from '../../../src/kit/recipes/image-recipes.ts'
import { engineLabels } from '../../../src/lib/keys.ts'
import { docker } from '../../support/docker.ts'
import { runner, temporaryKit } from './temporary-kit.ts'

const reference = 'devk-kit-test/small:1'
const signal = AbortSignal.timeout(100_000)
let deps: KitDeps
let removeFolder: () => Promise<void>

beforeEach(async () => {
  const kit = await temporaryKit('FROM scratch\nCOPY file /file\n')
  deps = kit.deps
  removeFolder = kit.remove
})
afterEach(async () => {
  await runner.run('docker', ['image', 'rm', '-f', reference])
  await removeFolder()
})

const small = (extra: Partial<Recipe> = {}): Recipe =>
  imageRecipe({
    name: 'test-small',
    version: '1',
    licences: ['MIT'],
    provides: [reference],
    standIn: 'a file',
    seconds: 1,
    image: { folder: 'images/small' },
    ...extra,
  })

/** The keys of a recipe, and what the engine has of it. */
async function look(recipe: Recipe, replace = false) {
  const keys = recipeKeys([recipe], await keyFacts(deps, [recipe]))
  const found = await lookUp(deps, kitCache(deps.cacheDir), { recipes: [recipe], keys, replace }, signal)
  return { keys, ...found }
}

/** Makes a recipe; gives the states that it reported. */
async function make(recipe: Recipe, stop = signal): Promise<string[]> {
  const { keys, foreign } = await look(recipe)
  const states: string[] = []
  const onProgress = ({ state }: { state: string }): void => void (states.at(-1) !== state && states.push(state))
  const build = { deps, cache: kitCache(deps.cacheDir), keys }
  await makeAll(build, [recipe], { foreign, onProgress, signal: stop })
  return states
}

test('a built image has labels that identify its recipe, and counts as present', async () => {
  expect((await look(small())).present.has('test-small')).toBe(false)
  expect(await make(small())).toEqual(['waiting', 'running', 'done'])
  const { keys, present, sizes } = await look(small())
  expect(present.has('test-small')).toBe(true)
  expect(sizes.get('test-small')).toBeGreaterThan(0)
  const labels = JSON.parse(await docker('image', 'inspect', '--format', '{{json .Config.Labels}}', reference))
  expect(labels).toEqual({
    [engineLabels.kit]: 'test-small',
    [engineLabels.kitKey]: keys.get('test-small'),
    [engineLabels.standIn]: 'a file',
  })
  expect(await readdir(join(deps.cacheDir, 'kit/work'))).toEqual([])
})

test('the image of an older recipe does not count as present, and is removed when the new one is built', async () => {
  await make(small())
  const old = await docker('image', 'inspect', '--format', '{{.Id}}', reference)
  const changed = small({ inputs: { changed: 'yes' } })
  expect((await look(changed)).present.has('test-small')).toBe(false)
  await make(changed)
  expect((await runner.run('docker', ['image', 'inspect', old])).exitCode).toBe(1)
})

test('an image of an older recipe stays while a container uses it', async () => {
  await make(small())
  const old = (await docker('image', 'inspect', '--format', '{{.Id}}', reference)).trim()
  const container = (await docker('create', old, '/file')).trim()
  try {
    await make(small({ inputs: { changed: 'yes' } }))
    expect((await runner.run('docker', ['image', 'inspect', old])).exitCode).toBe(0)
  } finally {
    await runner.run('docker', ['rm', '-v', container])
    await runner.run('docker', ['image', 'rm', old])
  }
})

test("an untagged image that a user built on the kit's image is kept", async () => {
  await make(small())
  const input = `FROM ${reference}\nLABEL mine=yes\n`
  const { stdout: mine } = await runner.run('docker', ['build', '-q', '-'], { input })
  try {
    await make(small({ inputs: { changed: 'yes' } }))
    expect((await runner.run('docker', ['image', 'inspect', mine.trim()])).exitCode).toBe(0)
  } finally {
    await runner.run('docker', ['image', 'rm', mine.trim()])
  }
})

test('a foreign image keeps its name, unless it may be replaced', async () => {
  await runner.run('docker', ['build', '-q', '-t', reference, '-'], { input: 'FROM scratch\nLABEL from=elsewhere\n' })
  const asIs = await look(small())
  expect(asIs.present.has('test-small')).toBe(true)
  expect(asIs.foreign).toEqual(new Set([reference]))
  expect((await look(small(), true)).present.has('test-small')).toBe(false)
})

test('a failed build names the program with its last lines, and keeps the log', async () => {
  const failing = small({
    build: async (work) => void (await work.exec('sh', ['-c', 'echo no space left >&2; exit 3'])),
  })
  await expect(make(failing)).rejects.toMatchObject({
    code: 'KIT_FAILED',
    message: 'Building test-small 1 failed: sh exited with 3',
    details: ['no space left'],
  })
  const [work = ''] = await readdir(join(deps.cacheDir, 'kit/work'))
  expect(await readdir(join(deps.cacheDir, 'kit/work', work))).toContain('log')
})

test('an abort ends the program and everything it started', async () => {
  const stop = new AbortController()
  let child = 0
  const endless = small({
    build: async (work) => {
      const script = 'sleep 987 & echo $! > pid; echo started; wait'
      const running = work.exec('sh', ['-c', script], { cwd: work.dir })
      await expect.poll(() => runner.run('cat', [join(work.dir, 'pid')]).then(({ stdout }) => stdout)).toMatch(/^\d+$/)
      child = Number((await runner.run('cat', [join(work.dir, 'pid')])).stdout)
      stop.abort(new Error('Ctrl-C'))
      await running
    },
  })
  await expect(make(endless, stop.signal)).rejects.toThrow('Ctrl-C')
  // Ended, and perhaps not yet collected by the machine's first process.
  const state = async () => (await runner.run('ps', ['-o', 'stat=', '-p', String(child)])).stdout
  await expect.poll(state, { timeout: 10_000 }).toMatch(/^(Z.*)?$/)
})
