/** A container that changes its files while the agent works on them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Arena, asUser1000, startArena, untouched } from './hostile.ts'

let arena: Arena

beforeAll(async () => {
  arena = await startArena()
})
afterAll(() => arena?.end())

const rounds = 300

/** Starts a Perl program in the container that runs until the container ends. */
const looping = (program: string) => `perl -e '${program}' </dev/null >/dev/null 2>&1 &`

test('a synced folder that is now a folder, now a link, leads no sync into the volume', async () => {
  const target = await arena.hostile(asUser1000)
  // The number of renameat2 depends on the architecture. Its flag 2 exchanges two files.
  const exchange =
    'chomp(my $m = `uname -m`); my $n = $m eq "x86_64" ? 316 : 276; my ($a, $b) = ("/app/src", "/app/link")'
  await target.sh(`ln -s /vol/secret /app/link; ${looping(`${exchange}; syscall($n, -100, $a, -100, $b, 2) while 1`)}`)
  let denied = 0
  for (let round = 0; round < rounds; round += 1) {
    await arena.save(target, `/app/src/deep/new-${round}`).catch(() => {
      denied += 1
    })
    await arena.remove(target, '/app/src/kept').catch(() => {})
  }
  expect(await arena.secret()).toBe(untouched)
  // Both the folder and the link were met.
  expect(denied).toBeGreaterThan(0)
  expect(denied).toBeLessThan(rounds)
})

test('a new folder that a container replaces does not get another owner', async () => {
  const target = await arena.hostile(asUser1000)
  await arena.node.sh('mkdir -p /vol/open/of-root; chmod 700 /vol/open/of-root; chown 1000 /vol/open')
  const inode = (await arena.node.sh('stat -c %i /vol/open/of-root')).trim()
  // Whoever owns a folder may rename the folders in it, also those of root.
  const replace = `chdir "/vol/open"; my ($n, $root) = ("new-0", "of-root");
    for (my $i = 0; 1;) { if (rename $n, "moved-$i") { rename $root, $n; ($root, $i) = ($n, $i + 1); $n = "new-$i" } }`
  await target.sh(looping(replace))
  for (let round = 0; round < rounds; round += 1) await arena.save(target, `/vol/open/new-${round}/f`).catch(() => {})
  expect(await arena.node.sh(`find /vol/open -inum ${inode} -printf '%u %m %f\n'`)).toMatch(/^root 700 new-\d+$/)
})

test('a temporary file that a container replaces changes no other file', async () => {
  const target = await arena.hostile(asUser1000)
  const replace = `chdir "/app/src"; while (1) { for (glob ".devk-*") { unlink; symlink "/vol/secret/kept", $_ } }`
  await target.sh(looping(replace))
  for (let round = 0; round < rounds; round += 1) await arena.save(target, '/app/src/file').catch(() => {})
  expect(await arena.secret()).toBe(untouched)
})
