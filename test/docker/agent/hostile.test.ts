/** What a container may try so that a sync does for it what it may not do itself. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Arena, asUser1000, saved, startArena, untouched } from './hostile.ts'
import { tasks } from './node.ts'

let arena: Arena

beforeAll(async () => {
  arena = await startArena()
})
afterAll(() => arena?.end())

/** A rejected sync with this reason for a path. */
const failed = (to: string, reason: string) => ({ code: 'SYNC_FAILED', details: [`${to}: ${reason}`] })
const deniedAt = (to: string) => failed(to, 'permission denied')

/** Makes the synced folder a link. */
const linked = (to: string) => `rm -rf /app/src; ln -s ${to} /app/src`

test('a synced folder that is a link to a volume writes, deletes and links only what the user of the container may', async () => {
  const target = await arena.hostile(asUser1000)
  await target.sh(linked('/vol/secret'))
  await expect(arena.save(target, '/app/src/new')).rejects.toMatchObject(deniedAt('/app/src/new'))
  await expect(arena.save(target, '/app/src/kept')).rejects.toMatchObject(deniedAt('/app/src/kept'))
  await expect(arena.save(target, '/app/src/folder/new')).rejects.toMatchObject(
    failed('/app/src/folder/new', 'creating /app/src/folder: permission denied'),
  )
  await expect(arena.remove(target, '/app/src/kept')).rejects.toMatchObject(deniedAt('/app/src/kept'))
  expect(await arena.secret()).toBe(untouched)
})

test('root without capabilities is no more than an owner of files', async () => {
  const target = await arena.hostile(['--cap-drop', 'ALL'])
  await arena.node.sh('mkdir -m 755 /vol/of-1000; chown 1000:1000 /vol/of-1000')
  await expect(arena.save(target, '/vol/of-1000/f')).rejects.toMatchObject(deniedAt('/vol/of-1000/f'))
  expect(await arena.node.sh('ls -A /vol/of-1000')).toBe('')
})

test('a link to the root of the host, which is a volume, does not help the user of the container', async () => {
  const target = await arena.hostile([...asUser1000, '-v', '/:/host'])
  await target.sh(linked(`/host${arena.volume}/secret`))
  await expect(arena.save(target, '/app/src/new')).rejects.toMatchObject(deniedAt('/app/src/new'))
  expect(await arena.secret()).toBe(untouched)
})

test('a link into the files of its own image does not make a user root', async () => {
  const target = await arena.hostile(asUser1000)
  await target.sh(linked('/etc'))
  await expect(arena.save(target, '/app/src/passwd')).rejects.toMatchObject(deniedAt('/app/src/passwd'))
  expect(await target.sh('head -c 5 /etc/passwd')).toBe('root:')
})

test('a container that sees the processes of the node leads nowhere through /proc, nor into the agent', async () => {
  const target = await arena.hostile([...asUser1000, '--pid', 'host', '-v', '/proc:/hostproc'])
  await arena.save(target, '/app/src/before')
  // Other nodes of this machine may have agents too.
  const agents = 'for p in $(pidof $(ls /opt/devk)); do [ ! /proc/$p/root -ef / ] || echo $p; done'
  const agent = (await arena.node.sh(agents)).trim()
  expect(agent).toMatch(/^\d+$/)
  for (const proc of ['/proc', '/hostproc']) {
    await target.sh(linked(`${proc}/${agent}/root/vol/secret`))
    await expect(arena.save(target, '/app/src/new')).rejects.toMatchObject({ code: 'SYNC_FAILED' })
  }
  await expect(target.sh(`kill -9 ${agent}`)).rejects.toThrow('not permitted')
  await expect(
    target.sh(`for t in /proc/${agent}/task/*; do kill -9 \${t##*/} && exit 0; done; exit 1`),
  ).rejects.toThrow('not permitted')
  const root = await arena.hostile(['--pid', 'host'])
  for (const hostile of [target, root]) {
    await expect(hostile.sh(`ls /proc/${agent}/root/`)).rejects.toThrow('Permission denied')
    await expect(hostile.sh(`cat /proc/${agent}/fd/0`)).rejects.toThrow('Permission denied')
  }
  expect(await arena.secret()).toBe(untouched)
})

test('containers that share their processes cannot lead a sync into each other', async () => {
  const victim = await arena.hostile([])
  const target = await arena.hostile(['--pid', `container:${victim.containerId}`, '--cap-add', 'SYS_PTRACE'])
  await target.sh(linked('/proc/1/root/app'))
  await expect(arena.save(target, '/app/src/new')).rejects.toMatchObject({ code: 'SYNC_FAILED' })
  expect(await victim.sh('ls /app')).toBe('src')
})

test('a container makes no control groups', async () => {
  const target = await arena.hostile([...asUser1000, '-v', '/sys/fs/cgroup:/groups'])
  const group = (await target.sh('ls -d /groups/memory /groups 2>/dev/null | tail -1')).trim()
  await target.sh(linked(group))
  await expect(arena.save(target, '/app/src/devk-made/f')).rejects.toMatchObject({ code: 'SYNC_FAILED' })
  expect(await target.sh(`ls ${group} | grep devk-made || true`)).toBe('')
})

test('a user namespace of its own gives a container no rights outside of it', async () => {
  const inNamespace = ['unshare', '-r', 'sleep', 'infinity']
  const target = await arena.hostile([...asUser1000, '--security-opt', 'seccomp=unconfined'], inNamespace)
  await target.sh(linked('/vol/secret'))
  await expect(arena.save(target, '/app/src/new')).rejects.toMatchObject(deniedAt('/app/src/new'))
  expect(await arena.secret()).toBe(untouched)
  await arena.save(target, '/app/own')
  expect(await target.sh('stat -c %u /app/own; cat /app/own')).toBe(`1000\n${saved}`)
})

test('a process that has a volume as its root owns nothing there', async () => {
  const inVolume = ['sh', '-c', `unshare -r perl -e 'chroot "/vol"; chdir "/"; sleep 1 while 1'; :`]
  const target = await arena.hostile([...asUser1000, '--security-opt', 'seccomp=unconfined'], inVolume)
  const child = `grep -l "^PPid:.${target.pid}$" /proc/[0-9]*/status 2>/dev/null | cut -d/ -f3 || true`
  await arena.node.sh(`until [ "$(readlink /proc/$(${child})/root)" = /vol ]; do sleep 0.05; done
    (${child}) >${tasks}/${target.containerId}/init.pid`)
  await expect(arena.save(target, '/secret/new')).rejects.toMatchObject(deniedAt('/secret/new'))
  expect(await arena.secret()).toBe(untouched)
})
