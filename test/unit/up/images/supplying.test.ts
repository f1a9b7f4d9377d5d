import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Engine } from '../../../../src/engine/api.ts'
import { imageLoader } from '../../../../src/images/load/load.ts'
import type { Supply } from '../../../../src/platform/image-sources.ts'
import { beginSupply } from '../../../../src/up/images/supplying.ts'
import type { ImageWork } from '../../../../src/up/images/work.ts'

const { signal } = new AbortController()
const id = `sha256:${'0'.repeat(64)}`
const route = { prefix: 'devk.local', nodes: ['node'], registry: undefined, remote: false }

/** An engine that has every image except built ones, and a node that has some of them. */
function world(onNode: readonly string[], build: Promise<void>) {
  const engineHas = new Set<string>()
  const nodeHas = new Set(onNode)
  const imported: string[] = []
  const isBuilt = (reference: string) => reference.startsWith('devk.local/')
  const supply = {
    offersKit: () => false,
    builder: {
      async build({ tag }: { tag: string }) {
        await build
        engineHas.add(tag)
      },
    },
    engine: {
      images: {
        inspect: async (reference: string) => (isBuilt(reference) && !engineHas.has(reference) ? undefined : { id }),
        async save([reference = '']: string[]) {
          imported.push(reference)
          return new PassThrough().end(reference)
        },
      },
      exec: {
        async run(_node: string, argv: readonly string[], { stdin }: { stdin?: PassThrough }) {
          stdin?.resume()
          if (argv.includes('import')) for (const reference of imported) nodeHas.add(reference)
          const rows = [...nodeHas].map((reference) => `${reference} type ${id} complete (1/1) 1 MiB/1 MiB true`)
          return { exitCode: 0, stdout: ['REF TYPE DIGEST STATUS SIZE UNPACKED', ...rows].join('\n'), stderr: '' }
        },
      },
    },
  }
  const loader = imageLoader(supply.engine as unknown as Engine)
  return { supply: { ...supply, loader } as unknown as Supply, imported }
}

const fetched = (reference: string): ImageWork => ({ owner: reference, reference, request: undefined })
const built = (name: string): ImageWork => {
  const reference = `devk.local/shop/${name}:1`
  return { owner: name, reference, request: { tag: reference, dockerfile: '/dev/null', args: {} } as never }
}
const db = fetched('docker.io/library/postgres:17')
const cache = fetched('docker.io/library/redis:7')
const api = built('api')

function begin(onNode: readonly string[], build: Promise<void>) {
  const shown: string[] = []
  const { supply, imported } = world(onNode, build)
  const hooks = {
    async image<T>(owner: string, run: (onLine: () => void) => Promise<T>, note: (value: T) => string) {
      const value = await run(() => {})
      shown.push(`${owner} ${note(value)}`)
      return value
    },
  }
  return { ...beginSupply([db, cache, api], { supply, route, hooks }, signal), shown, imported }
}

test('pulled images arrive while another is built, and images that the nodes have are not sent', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { arrived, fetched: had, ended, shown, imported } = begin([cache.reference], promise)
  await had
  await arrived(new Set([db.reference, cache.reference, 'somebody/elses:1']))
  expect(shown).toEqual([`${cache.owner} on the engine, on every node`, `${db.owner} on the engine, loaded (archive)`])
  expect(imported).toEqual([db.reference])
  resolve()
  await arrived(new Set([api.reference]))
  expect((await ended).map((each) => each.built)).toEqual([false, false, true])
})

test('a failed build rejects those who wait for its image, and nobody else', async () => {
  const { promise, reject } = Promise.withResolvers<void>()
  promise.catch(() => {})
  const { arrived, fetched: had, ended } = begin([], promise)
  await had
  reject(new Error('exit code 7'))
  await expect(arrived(new Set([api.reference]))).rejects.toThrow('exit code 7')
  await expect(ended).rejects.toThrow('exit code 7')
  await arrived(new Set([db.reference]))
})
