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

test('a pipe or a device that is mounted is not opened', async () => {
  await arena.node.sh('mkfifo -m 666 /vol/pipe')
  const target = await arena.hostile([])
  await target.asRoot(
    'touch /app/src/pipe /app/src/null; mount --bind /vol/pipe /app/src/pipe; mount --bind /dev/null /app/src/null',
  )
  await target.sh('(sleep 60 <>/app/src/pipe) >/dev/null 2>&1 &')
  for (const to of ['/app/src/pipe', '/app/src/null']) {
    await expect(arena.save(target, to)).rejects.toMatchObject(failed(to, 'device or resource busy'))
  }
})

test('no sync makes a setuid file, or changes the content of one', async () => {
  const target = await arena.hostile([])
  await target.asRoot(`cp /bin/true /app/src/old; cp /bin/true /app/mounted; chmod 6755 /app/src/old /app/mounted
    touch /app/src/mounted; mount --bind /app/mounted /app/src/mounted`)
  for (const name of ['old', 'mounted', 'new']) await arena.save(target, `/app/src/${name}`, 0o6755)
  expect(await target.sh('cd /app/src; stat -c "%n %a" mounted new old; cat mounted')).toBe(
    `mounted 755\nnew 755\nold 755\n${saved}`,
  )
})

test('a mounted file that the user of the container may write is overwritten', async () => {
  const target = await arena.hostile(asUser1000)
  await target.asRoot(`echo a longer text than the new one >/app/mounted; echo as long >/app/other; chown 1000 /app/mounted
    touch /app/src/mounted /app/src/other; mount --bind /app/mounted /app/src/mounted; mount --bind /app/other /app/src/other`)
  await arena.save(target, '/app/src/mounted')
  await expect(arena.save(target, '/app/src/other')).rejects.toMatchObject(
    failed('/app/src/other', 'permission denied'),
  )
  expect(await target.sh('cat /app/mounted /app/other')).toBe(`${saved}as long`)
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

test('files of the image are synced for a user only where no link and no mount is in the way', async () => {
  const target = await arena.hostile(asUser1000)
  await target.asRoot(`mkdir -m 755 /code /code/volume /data; ln -s /data /code/link; mount --bind /data /code/volume
    echo mounted >/data/file; touch /code/file; mount --bind /data/file /code/file`)
  for (const to of ['/code/link/f', '/code/volume/f', '/code/volume/new/f']) {
    await expect(arena.save(target, to)).rejects.toMatchObject({ code: 'SYNC_FAILED' })
  }
  await expect(arena.save(target, '/code/file')).rejects.toMatchObject(failed('/code/file', 'device or resource busy'))
  expect(await target.sh('ls -A /data; cat /data/file')).toBe('file\nmounted')
})

test('a mount point that is deleted stays mounted', async () => {
  const target = await arena.hostile([])
  await target.asRoot(`mkdir /app/src/volume; mount -t tmpfs tmpfs /app/src/volume; touch /app/src/volume/kept
    touch /app/src/file; mount --bind /etc/hostname /app/src/file`)
  await arena.removeFolder(target, '/app/src/volume')
  await expect(arena.remove(target, '/app/src/file')).rejects.toMatchObject(
    failed('/app/src/file', 'device or resource busy'),
  )
  expect(await target.sh('ls /app/src /app/src/volume; cat /app/src/file')).toBe(
    `/app/src:\nfile\nvolume\n\n/app/src/volume:\nkept\n${target.containerId.slice(0, 12)}`,
  )
})
