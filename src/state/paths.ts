import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Consents } from './allowed.ts'

/** Paths of the files that devk keeps for one project. */
export interface ProjectPaths {
  readonly folder: string
  readonly kubeconfig: string
  readonly journal: string
  readonly record: string
  /** What the devk in the background is, and what it writes; both are there while one runs. */
  readonly background: { readonly record: string; readonly log: string }
  /** Folder for copies of what is compiled on this machine, while devk runs. */
  readonly outputs: string
  /** File of the project's lock; see lock.ts. It is outside of `folder`, since it must stay when that is removed. */
  readonly lock: string
}

/** Paths of the files and folders that devk keeps. */
export interface StatePaths {
  /** `$XDG_STATE_HOME/devk` */
  readonly state: string
  readonly projects: string
  /** Journal of objects that several projects share, and its lock. */
  readonly shared: { readonly journal: string; readonly lock: string }
  /** Existing clusters that the user allowed devk to use. */
  readonly contexts: string
  /** The configurations that the user allowed devk to run. */
  readonly allowed: Consents
  /** Folder of the local certificate authority, below `$XDG_DATA_HOME/devk`: it outlives clusters and projects. */
  readonly authority: string
  /** Folder of the authority that also signs for hosts which the user agreed to. */
  readonly hostsAuthority: string
  /** What the user answered about certificates for hosts on the internet. */
  readonly agreedHosts: string
  /** Certificates of the authorities that devk made this machine trust. */
  readonly installedAuthorities: string
  /** Key of the digests of files. It is not in the cache, which people copy and share. */
  readonly digestKey: string
  /** Folder with the digests that images had when devk first used them. */
  readonly seenImages: string
  /** `$XDG_CACHE_HOME/devk` */
  readonly cache: string
  readonly kit: string
  readonly bin: string
  /** Archives of charts that were fetched, by digest. */
  readonly charts: string
  /** Folder with the data of the loopback registry. */
  readonly registry: string
  /** Folder with the login to the loopback registry. It is beside the data, since both go together. */
  readonly registryLogin: string
  project(name: string): ProjectPaths
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * devk's folders by the XDG Base Directory Specification (https://specifications.freedesktop.org/basedir-spec/latest/),
 * which ignores relative paths in its variables. Creates nothing.
 */
export function statePaths(env: Env): StatePaths {
  const home = env.HOME ?? homedir()
  const base = (variable: string | undefined, fallback: string) =>
    join(variable !== undefined && isAbsolute(variable) ? variable : join(home, fallback), 'devk')
  const state = base(env.XDG_STATE_HOME, '.local/state')
  const cache = base(env.XDG_CACHE_HOME, '.cache')
  const data = base(env.XDG_DATA_HOME, '.local/share')
  const projects = join(state, 'projects')
  return {
    state,
    projects,
    shared: { journal: join(state, 'shared.json'), lock: join(state, 'locks/shared') },
    contexts: join(state, 'contexts.json'),
    allowed: { folder: join(state, 'allowed'), keyFile: join(state, 'digest-key') },
    authority: join(data, 'ca'),
    hostsAuthority: join(data, 'ca-hosts'),
    agreedHosts: join(state, 'hosts.json'),
    installedAuthorities: join(state, 'authorities'),
    digestKey: join(state, 'digest-key'),
    seenImages: join(state, 'images'),
    cache,
    kit: join(cache, 'kit'),
    bin: join(cache, 'bin'),
    charts: join(cache, 'charts'),
    registry: join(cache, 'registry'),
    registryLogin: join(cache, 'registry-login'),
    project(name) {
      const folder = join(projects, name)
      const file = (leaf: string) => join(folder, leaf)
      return {
        folder,
        kubeconfig: file('kubeconfig'),
        journal: file('journal.json'),
        record: file('project.json'),
        background: { record: file('background.json'), log: file('background.log') },
        outputs: file('outputs'),
        lock: join(state, 'locks', `project-${name}`),
      }
    },
  }
}
