import { newEnough, oldestEngine } from './engine-fact.ts'
import type { HostFacts } from './facts.ts'
import type { Finding } from './finding.ts'

/** Checks whether a container engine is running that devk can use; if not, says why. Pure. */
export function engineCheck({ engine, platform, root }: Pick<HostFacts, 'engine' | 'platform' | 'root'>): Finding {
  const base = { id: 'engine', title: 'Docker engine' } as const
  const byDevk = platform === 'linux' && root
  switch (engine.state) {
    case 'running':
      if (newEnough(engine.version))
        return { ...base, level: 'ok', detail: `${engine.version}, ${engine.os}/${engine.arch}` }
      return {
        ...base,
        level: 'fail',
        detail: `${engine.version} is too old`,
        why: `devk needs ${oldestEngine} or newer, for BuildKit and for nodes on hosts with restricted capabilities`,
        fix: { commands: [], by: 'hand', explain: 'upgrade Docker Engine, then restart it' },
      }
    case 'denied':
      return {
        ...base,
        level: 'fail',
        detail: `this user has no permission to use ${engine.socket}`,
        why:
          engine.group === undefined
            ? 'only root has access to that socket'
            : `only root and members of the group ${engine.group} have access to that socket`,
        fix: { commands: [], by: 'hand', explain: admission(engine.group) },
      }
    case 'stuck':
      return {
        ...base,
        level: 'fail',
        detail: engine.reason,
        why: 'it may be paused, restarting or out of memory',
        fix: { commands: [], by: 'hand', explain: 'restart it when docker version gives no answer either' },
      }
    case 'remote':
      return {
        ...base,
        level: 'fail',
        detail: engine.reason,
        why: 'DOCKER_HOST or the current docker context points to it',
        fix: { commands: [], by: 'hand', explain: 'start that engine, or unset DOCKER_HOST' },
      }
    case 'silent':
      return silent(engine.installed, byDevk)
  }
}

function admission(group: string | undefined): string {
  if (group === undefined)
    return 'run devk as root, or use a rootless engine (docs.docker.com/engine/security/rootless)'
  return `sudo usermod -aG ${group} "$USER", then log in again (members of that group have the rights of root)`
}

function silent(installed: string | undefined, byDevk: boolean): Finding {
  const base = { id: 'engine', title: 'Docker engine', level: 'fail', why: 'cluster nodes run as containers' } as const
  if (installed === undefined || !newEnough(installed)) {
    return {
      ...base,
      detail:
        installed === undefined
          ? 'not installed'
          : `${installed} is installed, but devk needs ${oldestEngine} or newer`,
      fix: byDevk
        ? {
            commands: [],
            by: 'engine',
            explain: 'devk installs it from the package sources of this system and starts it',
          }
        : {
            commands: [],
            by: 'hand',
            explain: `install Docker Engine ${oldestEngine} or newer (docs.docker.com/engine/install)`,
          },
    }
  }
  return {
    ...base,
    detail: `${installed} is installed but not running`,
    fix: byDevk
      ? { commands: [], by: 'engine', explain: 'devk starts it' }
      : { commands: [], by: 'hand', explain: 'start it: sudo systemctl start docker, or open Docker Desktop' },
  }
}
