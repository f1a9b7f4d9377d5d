import { newEnough } from './engine-fact.ts'

/** What is known about the packages of this machine. */
export interface PackageFacts {
  readonly platform: NodeJS.Platform
  readonly root: boolean
  readonly osRelease: Readonly<Record<string, string>>
  readonly apt: boolean
  /** Version of docker.io in the package sources of this machine. */
  readonly offered: string | undefined
  /** Whether the docker program is in a separate package. */
  readonly separateCli: boolean
  /** Text of the machine's package sources. */
  readonly sources: string
}

/** Where a Docker engine for this machine comes from. */
export type InstallPlan =
  | { readonly from: 'own-sources'; readonly packages: readonly string[] }
  /** From the next Debian suite: `source` is the line for a private apt configuration. */
  | {
      readonly from: 'next-suite'
      readonly suite: string
      readonly source: string
      readonly packages: readonly string[]
    }
  | { readonly from: 'nowhere'; readonly why: string; readonly hint: string }

/**
 * docker.io is the engine, docker-cli its program (part of docker.io before Debian 13); docker-buildx builds with
 * secrets.
 */
const packages = ['docker.io', 'docker-buildx']
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * Decides how to install a Docker engine. Debian 12 only has engine 20.10; engine 26.1 of Debian 13 runs on Debian 12
 * without newer libraries. A Debian 13 may still have the package sources of Debian 12. Pure.
 */
export function installPlan(facts: PackageFacts): InstallPlan {
  const hint = `Install Docker Engine 23 or newer (docs.docker.com/engine/install), start it, then run devk again.`
  if (facts.platform === 'darwin') {
    return {
      from: 'nowhere',
      why: 'devk does not install an engine on macOS',
      hint: `Install Docker Desktop, OrbStack or Colima, start it, then run devk again.`,
    }
  }
  if (!facts.apt) return { from: 'nowhere', why: 'devk can only install an engine with apt', hint }
  if (!facts.root) {
    const own =
      facts.offered !== undefined && newEnough(facts.offered) ? `sudo apt-get install ${packages.join(' ')}` : hint
    return {
      from: 'nowhere',
      why: 'installing an engine needs root',
      hint: `${own}\nOr run devk doctor --fix as root.`,
    }
  }
  if (facts.offered !== undefined && newEnough(facts.offered)) {
    return { from: 'own-sources', packages: facts.separateCli ? [...packages, 'docker-cli'] : packages }
  }
  const mirror = mirrorOf(facts.sources)
  const { ID: id, VERSION_ID: version = '' } = facts.osRelease
  if (id === 'debian' && ['12', '13'].includes(version) && mirror !== undefined) {
    const source = `deb [signed-by=${keyring}] ${mirror} trixie main\n`
    return { from: 'next-suite', suite: 'trixie', source, packages: [...packages, 'docker-cli'] }
  }
  const offer = facts.offered === undefined ? 'none' : facts.offered
  return { from: 'nowhere', why: `the package sources of this system offer no engine 23 or newer (${offer})`, hint }
}

/** The mirror of the first Debian archive in deb822 or one-line sources. */
function mirrorOf(sources: string): string | undefined {
  const lines = [...sources.matchAll(/^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(https?:\/\/\S+)/gm)].map(
    ([, address]) => address,
  )
  return lines.find((address) => address?.replace(/\/$/, '').endsWith('/debian'))
}

/**
 * Preferences for apt that give the next suite a lower priority than installed packages and the machine's own sources.
 * Only packages that are requested from it by name come from it, and no library is replaced. Syntax:
 * apt_preferences(5).
 */
export function aptPreferences(suite: string): string {
  return `Package: *\nPin: release n=${suite}\nPin-Priority: 100\n`
}
