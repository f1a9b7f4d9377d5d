import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { engineLabels } from '../../../src/lib/keys.ts'
import type { Supply } from '../../../src/platform/image-sources.ts'
import { fetchOwnImages, hasOwnImage, type OwnImage } from '../../../src/platform/own-images.ts'
import { seenImages } from '../../../src/state/seen-images.ts'

const { signal } = new AbortController()
const digests = { a: `sha256:${'a'.repeat(64)}`, b: `sha256:${'b'.repeat(64)}` }
const mail: OwnImage = { reference: 'docker.io/acme/mail:2.0' }
const kitLabels = { [engineLabels.kit]: 'mail' }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devk-seen-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Image {
  readonly repoDigests: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** An engine, and a registry that gives an image with this digest and these labels. */
function world(published: string | undefined, labels: Readonly<Record<string, string>> = {}) {
  const engine = new Map<string, Image>()
  const lines: string[] = []
  const images = {
    inspect: async (name: string) => engine.get(name),
    remove: async (name: string) => void engine.delete(name),
    pull: async (name: string) => {
      if (published === undefined) throw new Error('no registry answers')
      engine.set(name, { repoDigests: [`acme/mail@${published}`], labels })
    },
  }
  const supply = {
    engine: { images },
    seen: seenImages(join(folder, 'images')),
    credentials: async () => undefined,
    offersKit: () => true,
    buildKit: async (names: readonly string[]) => {
      for (const name of names) engine.set(name, { repoDigests: [], labels: kitLabels })
    },
  } as unknown as Supply
  const fetch = (image = mail) => fetchOwnImages(supply, [image], (line) => lines.push(line), signal)
  return { engine, lines, supply, fetch }
}

test('the first pull of an image without a known digest is recorded and shown, for the user only', async () => {
  const { fetch, lines } = world(digests.a)
  await fetch()
  expect(lines).toContain(`docker.io/acme/mail:2.0 is ${digests.a} from now on`)
  const [file = ''] = await readdir(join(folder, 'images'))
  expect((await stat(join(folder, 'images', file))).mode & 0o777).toBe(0o600)
  expect((await stat(join(folder, 'images'))).mode & 0o777).toBe(0o700)
})

test('another image under the same tag is refused and removed again, until the user accepts it', async () => {
  await world(digests.a).fetch()
  const later = world(digests.b)
  const refused = await later.fetch().catch((error: unknown) => error)
  expect(refused).toMatchObject({
    code: 'IMAGE_CHANGED',
    details: [`expected ${digests.a}`, `the registry has acme/mail@${digests.b}`],
  })
  expect([...later.engine]).toEqual([])
  const [, file = ''] = /rm '([^']+)'/.exec((refused as { hint: string }).hint) ?? []
  await rm(file)
  await later.fetch()
  expect(await hasOwnImage(later.supply, mail, signal)).toBe(true)
})

test('an image that says that the kit built it is refused all the same when it was pulled', async () => {
  await world(digests.a).fetch()
  await expect(world(digests.b, kitLabels).fetch()).rejects.toMatchObject({ code: 'IMAGE_CHANGED' })
})

test('an image with another digest than the pinned one is refused, pulled or found', async () => {
  const pinned = { ...mail, digest: digests.a }
  const changed = world(digests.b)
  await expect(changed.fetch(pinned)).rejects.toMatchObject({ code: 'IMAGE_CHANGED' })
  changed.engine.set(mail.reference, { repoDigests: [`acme/mail@${digests.b}`], labels: {} })
  await expect(hasOwnImage(changed.supply, pinned, signal)).rejects.toMatchObject({ code: 'IMAGE_CHANGED' })
  await expect(changed.fetch({ reference: `acme/mail@${digests.a}` })).rejects.toMatchObject({ code: 'IMAGE_CHANGED' })
})

test('images that the kit builds or that are loaded have no digest to compare, and may change', async () => {
  await world(digests.a).fetch()
  const offline = world(undefined)
  await offline.fetch()
  await offline.fetch({ ...mail, digest: digests.b })
  // The store of containerd gives a digest to what was built here, too.
  offline.engine.set(mail.reference, { repoDigests: [`acme/mail@${digests.b}`], labels: kitLabels })
  expect(await hasOwnImage(offline.supply, mail, signal)).toBe(true)
})
