import { newEnough, oldestEngine } from './engine-fact.ts'
import type { HostFacts } from './facts.ts'
import type { Finding } from './finding.ts'

/** Whether a container engine runs that devk can use, and if not, which of the reasons it is. */
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
        detail: `${engine.version} runs`,
        why: `devk needs ${oldestEngine} or newer: BuildKit, and nodes on hosts with fewer capabilities`,
        fix: { commands: [], by: 'hand', explain: 'upgrade Docker Engine, then restart it' },
      }
    case 'denied':
      return {
        ...base,
        level: 'fail',
        detail: `this user may not use ${engine.socket}`,
        why:
          engine.group === undefined
            ? 'only root may use that socket'
            : `that socket belongs to root and the group ${engine.group}`,
        fix: { commands: [], by: 'hand', explain: admission(engine.group) },
      }
    case 'remote':
      return {
        ...base,
        level: 'fail',
        detail: engine.reason,
        why: 'DOCKER_HOST or the docker context in use names it',
        fix: { commands: [], by: 'hand', explain: 'start that engine, or unset DOCKER_HOST' },
      }
    case 'silent':
      return silent(engine.installed, byDevk)
  }
}

function admission(group: string | undefined): string {
  if (group === undefined)
    return 'run devk as root, or use a rootless engine (docs.docker.com/engine/security/rootless)'
  return `sudo usermod -aG ${group} "$USER", then log in again (that group is as powerful as root)`
}

function silent(installed: string | undefined, byDevk: boolean): Finding {
  const base = { id: 'engine', title: 'Docker engine', level: 'fail', why: 'nodes are containers' } as const
  if (installed === undefined || !newEnough(installed)) {
    return {
      ...base,
      detail:
        installed === undefined
          ? 'not installed'
          : `${installed} is installed; ${oldestEngine} is the oldest that works`,
      fix: byDevk
        ? { commands: [], by: 'engine', explain: 'devk installs one from the packages of this system and starts it' }
        : {
            commands: [],
            by: 'hand',
            explain: `install Docker Engine ${oldestEngine} or newer (docs.docker.com/engine/install)`,
          },
    }
  }
  return {
    ...base,
    detail: `${installed} is installed and does not run`,
    fix: byDevk
      ? { commands: [], by: 'engine', explain: 'devk starts it' }
      : { commands: [], by: 'hand', explain: 'start it: sudo systemctl start docker, or open Docker Desktop' },
  }
}
