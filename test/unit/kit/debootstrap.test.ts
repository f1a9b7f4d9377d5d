import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { debootstrapArgs, ensureDebootstrap } from '../../../src/kit/debootstrap.ts'
import type { KitDeps, Workshop } from '../../../src/kit/recipe.ts'

/** Runs two recipes of one kit on a machine whose apt, like the real one, refuses a second caller. */
function machine(change: { installed?: boolean; mayInstall?: boolean } = {}) {
  const { installed = false, mayInstall = true } = change
  const ran: string[] = []
  let busy = false
  const deps = {
    runner: { run: async () => ({ exitCode: installed ? 0 : 127, stdout: '', stderr: '' }) },
    platform: { uid: 0 },
    mayInstall,
  } as unknown as KitDeps
  const recipe = () =>
    ({
      deps,
      signal: new AbortController().signal,
      async exec(command: string, args: readonly string[]) {
        if (busy) throw new Error('Could not get lock /var/lib/apt/lists/lock')
        busy = true
        ran.push([command, ...args].join(' '))
        await sleep(1)
        busy = false
        return ''
      },
    }) as unknown as Workshop
  return { recipe, ran }
}

test('two base images built at the same time install debootstrap once', async () => {
  const { recipe, ran } = machine()
  await Promise.all([ensureDebootstrap(recipe()), ensureDebootstrap(recipe())])
  expect(ran).toEqual(['apt-get update -qq', 'apt-get install -y -qq debootstrap debian-archive-keyring'])
})

test('debootstrap checks the signature of the archive, whatever the mirror', () => {
  const image = { codename: 'trixie', rootfs: '/work/rootfs', debs: '/cache/debs' }
  for (const mirror of [undefined, 'http://mirror.test/debian']) {
    const args = debootstrapArgs({ ...image, mirror })
    expect(args[0]).toBe('--force-check-gpg')
    expect(args.slice(4)).toEqual(['trixie', '/work/rootfs', ...(mirror ? [mirror] : [])])
  }
})

test('an existing debootstrap is not installed, and none without permission', async () => {
  const existing = machine({ installed: true })
  await ensureDebootstrap(existing.recipe())
  expect(existing.ran).toEqual([])
  await expect(ensureDebootstrap(machine({ mayInstall: false }).recipe())).rejects.toMatchObject({
    code: 'TOOL_MISSING',
  })
})
