/** Files of unusual kinds and modes in a container, and the rights of files that a sync replaces. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Arena, asUser1000, saved, startArena } from './hostile.ts'

let arena: Arena

beforeAll(async () => {
  arena = await startArena()
})
afterAll(() => arena?.end())

const failed = (to: string, reason: string) => ({ code: 'SYNC_FAILED', details: [`${to}: ${reason}`] })

test('a pipe and a device are replaced, and a pipe is no folder', async () => {
  const target = await arena.hostile([])
  await target.sh('mkfifo /app/src/pipe /app/src/parent; mknod /app/src/device c 1 3')
  await arena.save(target, '/app/src/pipe')
  await arena.save(target, '/app/src/device')
  await expect(arena.save(target, '/app/src/parent/f')).rejects.toMatchObject(
    failed('/app/src/parent/f', '/app/src/parent is not a folder'),
  )
  expect(await target.sh('cat /app/src/pipe /app/src/device; stat -c %F /app/src/*')).toBe(
    `${saved}${saved}regular file\nfifo\nregular file`,
  )
})

test('files of the image that belong to root are synced for a user, and keep their owners', async () => {
  const target = await arena.hostile(asUser1000)
  await target.asRoot(`mkdir -m 755 /code; echo old >/code/of-root; echo old >/code/of-2000; chown 2000:3000 /code/of-2000
    chmod 640 /code/of-2000; echo old >/code/deleted`)
  for (const name of ['of-root', 'of-2000', 'folder/new']) await arena.save(target, `/code/${name}`)
  await arena.remove(target, '/code/deleted')
  expect(await target.asRoot(`cd /code; find . -printf '%p %U:%G %m\\n' | sort; cat of-root of-2000 folder/new`)).toBe(
    `. 0:0 755\n./folder 0:0 755\n./folder/new 0:0 644\n./of-2000 2000:3000 640\n./of-root 0:0 644\n${saved}${saved}${saved}`,
  )
})
