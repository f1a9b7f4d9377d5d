import { expect, test } from 'vitest'
import { aptPreferences, installPlan, type PackageFacts } from '../../../src/host/install-plan.ts'

const bookworm: PackageFacts = {
  platform: 'linux',
  root: true,
  osRelease: { ID: 'debian', VERSION_ID: '12' },
  apt: true,
  offered: '20.10.24+dfsg1-1+deb12u1+b6',
  separateCli: false,
  sources: 'Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n',
}

test.each(['12', '13'])('Debian %s with sources of Debian 12 gets only the engine from the next suite', (version) => {
  expect(installPlan({ ...bookworm, osRelease: { ID: 'debian', VERSION_ID: version } })).toEqual({
    from: 'next-suite',
    suite: 'trixie',
    source: 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian trixie main\n',
    packages: ['docker.io', 'docker-buildx', 'docker-cli'],
  })
  expect(aptPreferences('trixie')).toContain('Pin: release n=trixie\nPin-Priority: 100')
})

test('the mirror is found in one-line sources, and is never the security archive', () => {
  const sources =
    'deb http://mirror.example/debian-security bookworm-security main\ndeb [arch=amd64] https://m.example/debian/ bookworm main\n'
  expect(installPlan({ ...bookworm, sources })).toMatchObject({
    source: expect.stringContaining('https://m.example/debian/ trixie'),
  })
})

test('no suite is added when the sources have a new engine', () => {
  const trixie = { ...bookworm, osRelease: { ID: 'debian', VERSION_ID: '13' }, offered: '26.1.5+dfsg1-9+deb13u1' }
  expect(installPlan({ ...trixie, separateCli: true })).toEqual({
    from: 'own-sources',
    packages: ['docker.io', 'docker-buildx', 'docker-cli'],
  })
  const ubuntu = { ...bookworm, osRelease: { ID: 'ubuntu', VERSION_ID: '24.04' }, offered: '27.5.1-0ubuntu3' }
  expect(installPlan(ubuntu)).toEqual({ from: 'own-sources', packages: ['docker.io', 'docker-buildx'] })
})

test.each<[string, Partial<PackageFacts>, RegExp, RegExp]>([
  ['macOS', { platform: 'darwin', apt: false }, /macOS/, /Docker Desktop/],
  [
    'a system without apt',
    { apt: false, osRelease: { ID: 'fedora' } },
    /only install an engine with apt/,
    /docs\.docker\.com/,
  ],
  ['no root', { root: false, offered: '26.1.5' }, /needs root/, /sudo apt-get install docker\.io/],
  ['an old Ubuntu', { osRelease: { ID: 'ubuntu', VERSION_ID: '20.04' } }, /20\.10\.24/, /docs\.docker\.com/],
  ['Debian without a mirror', { sources: '' }, /offer no engine/, /docs\.docker\.com/],
])('nothing is installed on %s', (_name, change, why, hint) => {
  const plan = installPlan({ ...bookworm, ...change })
  expect(plan).toMatchObject({ from: 'nowhere', why: expect.stringMatching(why), hint: expect.stringMatching(hint) })
})
